"""The store stage alone: records a second when every answer differs, and when none does; and the plan.

uv run python -m tests.benchmarks.store_stage [--ids 20000] [--rounds 5] [--due 1000000]

Storing alternates between this process and its one database backend, so it keeps one core busy.
"""

import argparse
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import batched
from statistics import median
from typing import Any

import msgspec

from tests.benchmarks import stand

BATCH = 250


def answers(ids: list[tuple[int, str]], version: int) -> list[Any]:
    """A parsed answer for each id; another version is another title."""
    from auditing.providers import PROVIDERS
    from auditing.records import Response
    from auditing.sync.fetch import Fetched
    from auditing.sync.store import Looked
    from tests.sync.scripted import video

    provider = PROVIDERS["nanobanana"]
    now = datetime.now(UTC)
    found = []
    for generation_id, external_id in ids:
        body = msgspec.json.encode(video(external_id, title=f"Version {version}").body)
        response = Response(status=200, headers={}, body=body, received_at=now)
        found.append(Looked(generation_id, Fetched(provider.parse(external_id, response), now, len(body))))
    return found


def stored_rate(store: Callable[[Any], Any], looked: list[Any]) -> float:
    """Records a second."""
    started = time.perf_counter()
    for batch in batched(looked, BATCH, strict=False):
        store(batch)
    return len(looked) / (time.perf_counter() - started)


def store_stage(count: int, rounds: int) -> None:
    """Print the medians: the first answer of each id, another one, and the same again."""
    from auditing.access import SYSTEM, acting_as
    from auditing.models import Lookup, Run
    from auditing.providers import PROVIDERS
    from auditing.sync import ledger
    from auditing.sync.store import Chance, Part, store_batch
    from tests.stage import a_team, an_account, registered

    rates: dict[str, list[float]] = {"first": [], "changed": [], "unchanged": []}
    for _ in range(rounds):
        label = f"store-{time.time_ns()}"
        account = an_account(label=label, team=a_team(label))
        registered(account, stand.ids(count))
        opened = ledger.open_run([account.pk], Run.Trigger.COMMAND, None, datetime.now(UTC))
        assert opened is not None
        ledger.open_part(opened.run_id, account, count, datetime.now(UTC))
        part = Part(opened.run_id, opened.leases[0], PROVIDERS["nanobanana"])
        with acting_as(SYSTEM):
            ids = list(
                Lookup.objects.filter(account=account).values_list("generation_id", "generation__external_id")
            )
        for name, version in (("first", 1), ("changed", 2), ("unchanged", 2)):
            looked = answers(ids, version)
            rates[name].append(stored_rate(partial(store_batch, part, chance=Chance()), looked))
    for name, found in rates.items():
        ratio = median(found) / median(rates["unchanged"])
        print(f"store stage, {name:<10} {median(found):8,.0f} records/s   {ratio:.2f} of unchanged")


def plan(count: int) -> None:
    """Print how fast, and in how much memory, so many due ids are planned."""
    from auditing.sync import ledger
    from auditing.sync.plan import Due
    from tests.stage import a_team, an_account, registered

    peaks = []
    for size in (count // 100, count):
        label = f"plan-{time.time_ns()}"
        account = an_account(label=label, team=a_team(label))
        registered(account, stand.ids(size))
        started = time.perf_counter()
        planned = sum(len(page) for page in Due(account.pk, ledger.database_now()).pages())
        seconds = time.perf_counter() - started
        assert planned == size
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        print(f"plan of {size:>9,} due ids: {size / seconds:9,.0f}/s, {peaks[-1]:6.1f} MB at its most so far")
    print(f"memory, {count:,} to {count // 100:,} ids: {peaks[1] / peaks[0]:.2f}")


def main() -> None:
    """Parse the options, bring up the stand, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ids", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--due", type=int, default=1_000_000)
    options = parser.parse_args()
    stand.set_up()
    store_stage(options.ids, options.rounds)
    plan(options.due)


if __name__ == "__main__":
    main()
