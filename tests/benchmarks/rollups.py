"""Reports from rollups over ten million rows: how quick, how much quicker than the rows, at how little cost.

uv run python -m tests.benchmarks.rollups [--rows 10000000] [--few 100000] [--rounds 5] [--ids 10000]

Seeds a year of rows with the triggers off, lets `verify_rollups --repair` add them up, and asks every
grouping by one and two dimensions as a site auditor, a team's auditor and a member. Then the same GROUP BY
over the rows (a sample: each takes seconds), and the store stage with the triggers on and off, by turns.
Times are processor time of this process and its backend: what it takes on a machine with nothing else to do.
"""

import argparse
import random
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import combinations
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from tests.benchmarks import stand

TEAMS, PEOPLE_A_TEAM, PROJECTS_A_TEAM = 10, 10, 4
FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)

# Two accounts a team, four projects, two modes; ReelBot's jobs have no mode, resolution or times. `h1` to
# `h5` are independent draws from a row's number, so that every run has the same rows.
_SEED = """
INSERT INTO auditing_generation (team_id, provider, external_id, account_id, owner_id, project_id,
    registered_at, flags, status, provider_status, mode, resolution, duration_milliseconds,
    credits_thousandths, credits_basis, credits_most_thousandths, created_at,
    processing_started_at, processing_completed_at)
SELECT (%(teams)s::bigint[])[team], CASE WHEN nano THEN 'nanobanana' ELSE 'reelbot' END,
    'b' || lpad(to_hex(n), 8, '0'),
    CASE WHEN nano THEN (%(nanos)s::bigint[])[team] ELSE (%(reels)s::bigint[])[team] END,
    CASE WHEN h2 %% 20 > 0 THEN (%(owners)s::bigint[])[(team - 1) * %(people)s + h2 / 20 %% %(people)s + 1]
    END,
    CASE WHEN h3 %% 4 > 0 THEN (%(projects)s::bigint[])[(team - 1) * %(labels)s + h3 / 4 %% %(labels)s + 1]
    END,
    created_at, '{}', status, status,
    CASE WHEN nano THEN (ARRAY['text-to-video', 'image-to-video'])[1 + h4 %% 2] END,
    CASE WHEN nano THEN (ARRAY['480p', '720p', '1080p', '4k'])[1 + h4 / 2 %% 4] END,
    CASE WHEN nano THEN 4000 + h4 / 8 %% 8 * 1000 END,
    CASE WHEN status = 'processing' THEN NULL WHEN nano THEN 1000 + h5 %% 40 * 250
         WHEN status = 'completed' THEN 1000 ELSE 0 END,
    CASE WHEN status = 'processing' THEN NULL WHEN nano THEN 'reported' ELSE 'documented' END,
    CASE WHEN status = 'failed' AND nano THEN 11000 END,
    created_at,
    CASE WHEN nano THEN created_at + waited END,
    CASE WHEN nano AND status <> 'processing' THEN created_at + waited + ran END
FROM (
    SELECT n, 1 + h1 %% %(count)s AS team, h1 / %(count)s %% 10 < 7 AS nano, h2, h3, h4, h5,
        CASE WHEN h5 %% 25 = 0 THEN 'failed' WHEN h5 %% 400 = 1 THEN 'processing' ELSE 'completed' END
            AS status,
        timestamptz '2025-01-01 00:00 UTC' + interval '365 days' * (n::float8 / %(rows)s)
            AS created_at,
        interval '1 second' * exp(h2 %% 1000 / 200.0) AS waited,
        interval '1 second' * 20 * exp(h3 %% 1000 / 250.0) AS ran
    FROM generate_series(%(first)s, %(last)s) AS n, LATERAL (
        SELECT (hashint4(n) & 1048575) AS h1, (hashint4(n + 100000000) & 1048575) AS h2,
            (hashint4(n + 200000000) & 1048575) AS h3, (hashint4(n + 300000000) & 1048575) AS h4,
            (hashint4(n + 400000000) & 1048575) AS h5
    ) AS drawn
) AS made
"""
AT_ONCE = 500_000


def without_triggers(statement: str, values: Any = None) -> None:
    """Run it as the server's administrator, keeping nothing in step: rollups are mended afterwards."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE none")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)


def cast() -> tuple[dict[str, Any], dict[str, Any]]:
    """Teams, people, accounts and projects: their ids for the seed, and one person of each kind."""
    from django.contrib.auth.models import Permission

    from auditing.models import Account, Membership, Project, Role, Team, User

    name = f"r{time.time_ns()}"
    teams = [Team.objects.create(slug=f"{name}-{number}") for number in range(TEAMS)]

    def account(provider: str, team: Team) -> int:
        label, address = f"{team.slug}-{provider}", "http://127.0.0.1:9"
        made = Account.objects.create(provider=provider, label=label, team=team, base_url=address)
        return int(made.pk)

    owners = []
    for team in teams:
        for number in range(PEOPLE_A_TEAM):
            owners.append(User.objects.create(username=f"{team.slug}-{number}"))
            Membership.objects.create(team=team, user=owners[-1], role=Role.MEMBER)
    auditor, site_auditor = (User.objects.create(username=f"{name}-{kind}") for kind in ("auditor", "site"))
    Membership.objects.create(team=teams[0], user=auditor, role=Role.AUDITOR)
    site_auditor.user_permissions.add(Permission.objects.get(codename="view_everything"))
    places = {
        "count": TEAMS,
        "people": PEOPLE_A_TEAM,
        "labels": PROJECTS_A_TEAM,
        "teams": [team.pk for team in teams],
        "nanos": [account("nanobanana", team) for team in teams],
        "reels": [account("reelbot", team) for team in teams],
        "owners": [owner.pk for owner in owners],
        "projects": [
            Project.objects.create(team=team, name=f"p{number}").pk
            for team in teams
            for number in range(PROJECTS_A_TEAM)
        ],
    }
    return places, {"site auditor": site_auditor, "auditor": auditor, "member": owners[0]}


def seed(rows: int, places: dict[str, Any]) -> None:
    """These rows and no others, and rollups of them."""
    from django.db import connection

    from auditing.rollups import mend

    started = time.perf_counter()
    without_triggers("TRUNCATE auditing_generation CASCADE")
    for first in range(1, rows + 1, AT_ONCE):
        last = min(first + AT_ONCE - 1, rows)
        without_triggers(_SEED, {**places, "rows": rows, "first": first, "last": last})
    seeded = time.perf_counter()
    cells = mend()
    mended = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(
            "SELECT pg_size_pretty(pg_total_relation_size('auditing_generation')),"
            " pg_size_pretty(sum(pg_total_relation_size(inhrelid))) FROM pg_inherits"
            " WHERE inhparent IN ('auditing_rollup'::regclass, 'auditing_rolluptiming'::regclass)"
        )
        sizes = cursor.fetchone()
    print(
        f"{rows:>10,} rows: seeded in {seeded - started:,.0f} s, added up in {mended - seeded:,.0f} s"
        f" ({cells:,} cells); rows and their indexes {sizes[0]}, rollups {sizes[1]}",
        flush=True,
    )


def questions() -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Every grouping of a year: by nothing, by one and by two dimensions, at most one of them a time; days
    alone, as `times_offered` has it."""
    from auditing.reports import Dimension
    from auditing.reports.questions import TIMES

    for count in (0, 1, 2):
        for group_by in combinations(Dimension, count):
            if sum(one in TIMES for one in group_by) < 2 and (count < 2 or Dimension.DAY not in group_by):
                yield " x ".join(group_by) or "all", group_by


def worked() -> float:
    """Milliseconds that this process and its database backend have been working (Linux: /proc)."""
    from django.db import connection

    connection.ensure_connection()
    backend = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text()
    return time.process_time() * 1000 + int(backend.split()[0]) / 1e6


def ask(report: Callable[..., Any], person: Any, group_by: tuple[Any, ...]) -> float:
    """The milliseconds of work that a report takes, all of it: checks, SQL, dataclasses, percentiles."""
    from auditing.access import acting_as
    from auditing.reports import Period, Question, timings

    with acting_as(person):
        before = worked()
        for cell in report(person, Question(Period(FIRST, LAST), group_by)):
            if report is timings:
                for histogram in (cell.waiting, cell.running):
                    _ = [histogram.percentile(percent) for percent in (50, 90, 95, 99)]
        return worked() - before


def quantile(times: list[float], percent: int) -> float:
    """A percentile of measured times."""
    return quantiles(times, n=100, method="inclusive")[percent - 1] if len(times) > 1 else times[0]


def measure(people: dict[str, Any], rounds: int) -> dict[tuple[str, str, str], float]:
    """The median milliseconds of every report, for every kind of person and every grouping."""
    from auditing.reports import Dimension, timings, totals

    found = {}
    for name, group_by in questions():
        for kind, report in (("credits", totals), ("timing", timings)):
            if report is timings and Dimension.PROJECT in group_by:
                continue  # nobody's waiting depends on it: there are no such cells
            for whose, person in people.items():
                times = [ask(report, person, group_by) for _ in range(rounds)]
                found[kind, whose, name] = median(times)
    return found


def told(found: dict[tuple[str, str, str], float], rows: int) -> None:
    """Print the percentiles of all groupings, and the slowest."""
    for kind in ("credits", "timing"):
        for whose in sorted({key[1] for key in found}):
            mine = {key[2]: value for key, value in found.items() if key[:2] == (kind, whose)}
            slow = sorted(mine.items(), key=lambda one: -one[1])[:4]
            times = list(mine.values())
            print(
                f"{rows:>10,} rows, {kind:<8}{whose:<13}{len(times)} groupings:"
                f" p50 {quantile(times, 50):6.1f} ms, p95 {quantile(times, 95):6.1f} ms; slowest: "
                + ", ".join(f"{name} {value:.0f}" for name, value in slow),
                flush=True,
            )


OF_ROWS = {
    "credits": "count(*), sum(credits_thousandths), count(credits_thousandths), sum(duration_milliseconds)",
    "timing": "count(*), percentile_disc(ARRAY[0.5, 0.9, 0.95, 0.99]) WITHIN GROUP (ORDER BY"
    " processing_started_at - created_at), percentile_disc(ARRAY[0.5, 0.9, 0.95, 0.99])"
    " WITHIN GROUP (ORDER BY"
    " processing_completed_at - processing_started_at)",
}
SAMPLE = (
    "all",
    "team",
    "owner",
    "month",
    "day",
    "team x week",
    "provider x month",
    "project x mode",
    "mode x resolution",
)


def against_rows(found: dict[tuple[str, str, str], float]) -> None:
    """Ask the rows the same as a site auditor, once for each grouping of the sample."""
    from django.db import connection

    from auditing.reports.questions import Dimension

    for kind, columns in OF_ROWS.items():
        for name in SAMPLE:
            if (kind, "site auditor", name) not in found:
                continue
            group_by = [] if name == "all" else [Dimension(word).column for word in name.split(" x ")]
            group_by = [re.sub(r"\bday\b", "created_at::date", one) for one in group_by]
            groups = ", ".join([*group_by, "status"])
            before = worked()
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT {groups}, {columns} FROM auditing_generation"  # noqa: S608 - our own names
                    f" WHERE created_at >= %s AND created_at < %s GROUP BY {groups}",
                    [FIRST, datetime(2026, 1, 1, tzinfo=UTC)],
                )
                cursor.fetchall()
            rows = worked() - before
            kept = found[kind, "site auditor", name]
            print(
                f"{kind:<8}{name:<20}rows {rows:9,.0f} ms, rollups {kept:7.1f} ms: x{rows / kept:,.0f}",
                flush=True,
            )


def store_cost(count: int, rounds: int) -> None:
    """The store stage with rollups kept (and folded) and without, by turns, over keys as in the seed."""
    from django.db import connection

    from auditing.rollups import fold
    from auditing.sync.store import Chance, store_batch
    from tests.benchmarks.store_stage import PASSES, a_part, answers, processor_time

    rates: dict[tuple[str, bool, str], list[float]] = {}
    for turn in range(rounds * 2):
        keeps = turn % 4 in (1, 2)  # which of both comes first differs, too
        with connection.cursor() as cursor:
            for event in ("insert", "update", "delete"):
                act = "ENABLE" if keeps else "DISABLE"
                cursor.execute(f"ALTER TABLE auditing_generation {act} TRIGGER auditing_rollup_{event}")
        part, ids = a_part(count)
        for name, said in PASSES.items():
            looked = varied(answers(ids, said))
            before = processor_time()
            for first in range(0, len(looked), 500):
                store_batch(part, looked[first : first + 500], Chance())
            stored = processor_time()
            if keeps:
                fold()
            rates.setdefault((name, keeps, "stored"), []).append(stored - before)
            rates.setdefault((name, keeps, "folded"), []).append(processor_time() - before)
    for name in PASSES:
        bare = median(rates[name, False, "stored"]) / count * 1e6
        kept, folded = (median(rates[name, True, what]) / count * 1e6 for what in ("stored", "folded"))
        print(
            f"store stage, {name:<22}{bare:6.0f} us a record without, {kept:6.0f} with rollups"
            f" (+{kept / bare - 1:.0%}), {folded:6.0f} with folding (+{folded / bare - 1:.0%})"
        )


def varied(looked: list[Any]) -> list[Any]:
    """The answers with modes, resolutions, days and times as they differ in a team's work."""
    from dataclasses import replace
    from datetime import timedelta

    chance = random.Random(1)  # noqa: S311 - sample data
    for number, one in enumerate(looked):
        created = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
        started = created + timedelta(seconds=chance.expovariate(1 / 20))
        record = replace(
            one.fetched.answer.record,
            mode=chance.choice(("text-to-video", "image-to-video")),
            resolution=chance.choice(("480p", "720p", "1080p", "4k")),
            created_at=created,
            processing_started_at=started,
            processing_completed_at=started + timedelta(seconds=chance.expovariate(1 / 90)),
        )
        fetched = replace(one.fetched, answer=replace(one.fetched.answer, record=record))
        looked[number] = replace(one, fetched=fetched)
    return looked


def main() -> None:
    """Parse the options, bring up the stand, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--few", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ids", type=int, default=10_000)
    parser.add_argument("--only", choices=("reports", "store"))
    options = parser.parse_args()
    stand.set_up()
    if options.only != "store":
        reports(options)
    if options.only != "reports":
        store_cost(options.ids, options.rounds)


def reports(options: argparse.Namespace) -> None:
    """Few rows, then many of the same kind; how the times compare."""
    places, people = cast()
    seed(options.few, places)
    few = measure(people, options.rounds)
    told(few, options.few)
    seed(options.rows, places)
    many = measure(people, options.rounds)
    told(many, options.rows)
    for kind in ("credits", "timing"):
        ratios = [many[key] / few[key] for key in many if key[0] == kind]
        print(f"{kind}: {options.rows:,} to {options.few:,} rows: median x{median(ratios):.2f}")
    against_rows(many)


if __name__ == "__main__":
    main()
