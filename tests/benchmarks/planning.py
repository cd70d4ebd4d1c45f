"""Planning: ids a second and the most memory, from 10,000 due ids to a million.

uv run python -m tests.benchmarks.planning [--few 10000] [--many 1000000]

Each is planned by a process of its own, as a run does it: counted, then read page by page.
"""

import argparse
import json
import resource
import subprocess
import sys
import time

from tests.benchmarks import stand

_SEED = """
WITH made AS (
    INSERT INTO auditing_generation (team_id, provider, external_id, account_id, registered_at, flags)
    SELECT %(team)s, 'nanobanana', 'vid_' || lpad(to_hex(n), 12, '0'), %(account)s, now(), '{}'
    FROM generate_series(1, %(count)s) AS n
    RETURNING id
)
INSERT INTO auditing_lookup
    (generation_id, account_id, team_id, due_at, reason, resting, attempts, denied_by)
SELECT id, %(account)s, %(team)s, now() - id %% 86400 * interval '1 second', '', '', 0, '{}' FROM made
"""


def seeded(count: int) -> int:
    """A new account with so many due ids, spread over a day: its number."""
    from django.db import connection

    from auditing.access import SYSTEM, acting_as
    from tests.stage import a_team, an_account

    label = f"plan-{time.time_ns()}"
    account = an_account(label=label, team=a_team(label))
    places = {"team": account.team_id, "account": account.pk, "count": count}
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute(_SEED, places)
    return int(account.pk)


def plan(account_id: int) -> None:
    """Plan the account's due ids and print what it took as JSON."""
    from auditing.sync import ledger
    from auditing.sync.plan import Due

    due = Due(account_id, ledger.database_now())
    started = time.perf_counter()
    counted = due.count()
    counting = time.perf_counter() - started
    planned = sum(len(page) for page in due.pages())
    assert planned == counted
    figures = {
        "ids": planned,
        "counting": counting,
        "seconds": time.perf_counter() - started,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(figures))


def planned(count: int) -> dict[str, float]:
    """What planning so many ids took in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.planning", "--account", str(seeded(count))]
    found: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert found["ids"] == count
    return found


def main() -> None:
    """Parse the options, bring up the stand, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--account", type=int, help="only plan this account")
    options = parser.parse_args()
    stand.set_up()
    if options.account:
        plan(options.account)
        return
    peaks = []
    for count in (options.few, options.many):
        found = planned(count)
        peaks.append(found["megabytes"])
        print(
            f"plan of {count:>9,} due ids: {count / found['seconds']:9,.0f}/s, counted in"
            f" {found['counting']:.2f} s, {peaks[-1]:6.1f} MB at its most"
        )
    print(f"memory, {options.many:,} to {options.few:,} due ids: {peaks[1] / peaks[0]:.2f}")


if __name__ == "__main__":
    main()
