"""How fast a large export is, beside `psql \\copy` of the same rows in the same run, and in how much memory.

uv run python -m tests.benchmarks.exporting [--rows 1000000] [--rounds 3]

By turns: psql writes the same columns in the same order to a file, as PostgreSQL itself formats them, signed
in as a role that no wall holds up; psql once more, in whatever order; and a process of ours writes a site
auditor's export of all rows to a file, behind the walls, with its checks, totals and checksum. What counts of
ours begins where a request's does: a dashboard runs already.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.benchmarks import stand
from tests.benchmarks.walls import seed

SAME_ROWS = """
SELECT g.provider, g.external_id, t.slug AS team, o.username AS owner, p.name AS project, a.label AS account,
    g.status, g.provider_status, l.outcome, g.title, g.description, g.mode, g.resolution,
    g.duration_milliseconds * 0.001 AS duration_seconds, g.output_url, g.output_key, g.thumbnail_url,
    g.credits_thousandths * 0.001 AS credits_used, g.credits_basis, g.message, g.error, g.created_at,
    g.updated_at, g.processing_started_at, g.processing_completed_at, l.synced_at
FROM auditing_generation AS g
    JOIN auditing_team AS t ON t.id = g.team_id
    JOIN auditing_account AS a ON a.id = g.account_id
    LEFT JOIN auditing_user AS o ON o.id = g.owner_id
    LEFT JOIN auditing_project AS p ON p.id = g.project_id
    LEFT JOIN auditing_lookup AS l ON l.generation_id = g.id
"""
SAME_ORDER = """
ORDER BY CASE WHEN g.created_at IS NULL THEN '0001-01-01 00:00:00+00' ELSE g.created_at END DESC, g.id DESC
"""


def psql(sql: str, path: Path) -> float:
    """`\\copy` to a file; the seconds that it took."""
    from django.db import connection

    from config.postgres import binaries

    where = connection.get_connection_params()
    command = [str(binaries.program("psql")), "-X", "-q", "-h", where["host"], "-p", str(where["port"])]
    command += ["-U", "clipledger", "-d", where["dbname"]]
    copy = f"\\copy ({' '.join(sql.split())}) TO '{path}' (FORMAT csv, HEADER)"
    started = time.perf_counter()
    subprocess.run([*command, "-c", copy], check=True)
    return time.perf_counter() - started


def ours(name: str, person: int, path: Path) -> float:
    """The export, by a process of its own; the seconds that it took, without the process's start."""
    module = [sys.executable, "-m", "tests.benchmarks.exporting"]
    arguments = ["--write", name, "--person", str(person), "--path", str(path)]
    done = subprocess.run([*module, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    print(done.stdout, end="")
    return float(done.stdout.split()[-2])


def write(name: str, person: int, path: Path) -> None:
    """What such a process does; prints the most memory it had."""
    from auditing.access import acting_as, visible_to
    from auditing.exports import FORMATS
    from auditing.exports.manifests import drained, measured
    from auditing.filters import GenerationFilter
    from auditing.models import User

    whose = User.objects.get(pk=person)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    with acting_as(whose), path.open("wb") as file:
        chunks = FORMATS[name].write(GenerationFilter().ordered(visible_to(whose)))
        drained(measured(chunks), file)
    taken = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"  {name}: {after // 1024} MB at most, {(after - before) // 1024} MB more than before; {taken:.2f} s"
    )


def compare(rounds: int) -> None:
    """By turns, so that what else the machine does meets all of them."""
    from auditing.models import User

    person = User.objects.get(username=User.objects.filter(username__endswith="-site").latest("pk").username)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        acts: dict[str, Callable[[], float]] = {
            "psql, same order": lambda: psql(SAME_ROWS + SAME_ORDER, path),
            "psql, any order": lambda: psql(SAME_ROWS, path),
            "csv": lambda: ours("csv", person.pk, path),
            "ndjson": lambda: ours("ndjson", person.pk, path),
        }
        times: dict[str, list[float]] = {name: [] for name in acts}
        for _ in range(rounds):
            for name, act in acts.items():
                times[name].append(act())
                print(f"{name:<18}{times[name][-1]:8.2f} s  {path.stat().st_size / 1e6:8.1f} MB", flush=True)
    for ours_, theirs in (("csv", "psql, same order"), ("csv", "psql, any order")):
        pairs = [a / b for a, b in zip(times[theirs], times[ours_], strict=True)]
        print(f"{ours_} runs at {median(pairs):.2f} of {theirs} (rounds: {min(pairs):.2f}-{max(pairs):.2f})")


def main() -> None:
    """Parse the options, bring up the stand, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", help=argparse.SUPPRESS)
    parser.add_argument("--person", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write is None:
        stand.set_up()
        from auditing.models import Generation

        if Generation.objects.count() < options.rows:
            seed(options.rows)
        compare(options.rounds)
        return
    stand.set_up()
    write(options.write, options.person, options.path)


if __name__ == "__main__":
    main()
