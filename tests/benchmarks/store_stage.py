"""The store stage alone: records a second, by what differs in an answer.

uv run python -m tests.benchmarks.store_stage [--ids 20000] [--rounds 5] [--closed | --untold]

`--closed`: the month that the answers are of was closed, so that each change is told as an adjustment.
`--untold`: without what tells of adjustments, for comparison.

Storing alternates between this process and its one database backend, so it keeps one core busy. On a machine
with other work the wall clock tells little: so records are also counted per second of both's processor time.
"""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from itertools import batched
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from tests.benchmarks import stand

# What each pass over the ids stores: all of it is new, another text (which its search index has to follow),
# other credits and times (which no text index sees), the same again.
PASSES: dict[str, dict[str, Any]] = {
    "first answers": {"title": "A cut of the teaser"},
    "changed, its text too": {"title": "Another cut"},
    "changed, but no text": {"title": "Another cut", "credits_used": 9, "updated_at": "2026-05-06T08:00:00Z"},
    "unchanged": {"title": "Another cut", "credits_used": 9, "updated_at": "2026-05-06T08:00:00Z"},
}


def answers(ids: list[tuple[int, str]], said: dict[str, Any]) -> list[Any]:
    """A parsed answer for each id, with these fields."""
    from auditing.providers import PROVIDERS
    from auditing.records import Response
    from auditing.sync.fetch import Fetched
    from auditing.sync.store import Looked
    from tests.sync.scripted import video

    provider = PROVIDERS["nanobanana"]
    now = datetime.now(UTC)
    found = []
    for generation_id, external_id in ids:
        body = msgspec.json.encode(video(external_id, **said).body)
        response = Response(status=200, headers={}, body=body, received_at=now)
        found.append(Looked(generation_id, Fetched(provider.parse(external_id, response), now, len(body))))
    return found


def processor_time() -> float:
    """Seconds that this process and its database backend have been working (Linux: /proc)."""
    from django.db import connection

    connection.ensure_connection()
    backend = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    fields = backend.read_text().rpartition(")")[2].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / 100


def stored_rates(store: Callable[[Any], Any], looked: list[Any]) -> tuple[float, float]:
    """Records a second, and a second of processor time."""
    from auditing.sync.turn import BATCH_SIZE

    started, before = time.perf_counter(), processor_time()
    for batch in batched(looked, BATCH_SIZE, strict=False):
        store(batch)
    return len(looked) / (time.perf_counter() - started), len(looked) / (processor_time() - before)


def a_part(count: int) -> tuple[Any, list[tuple[int, str]]]:
    """A part of a run over a new account with so many ids, and these."""
    from auditing.access import SYSTEM, acting_as
    from auditing.models import Lookup, Run
    from auditing.providers import PROVIDERS
    from auditing.sync import ledger
    from auditing.sync.store import Part
    from tests.stage import a_team, an_account, registered

    label = f"store-{time.time_ns()}"
    account = an_account(label=label, team=a_team(label))
    registered(account, stand.ids(count))
    opened = ledger.open_run([account.pk], Run.Trigger.COMMAND, None, datetime.now(UTC))
    assert opened is not None
    ledger.open_part(opened.run_id, account, count, datetime.now(UTC))
    with acting_as(SYSTEM):
        ids = Lookup.objects.filter(account=account).values_list("generation_id", "generation__external_id")
        return Part(opened.run_id, opened.leases[0], PROVIDERS["nanobanana"]), list(ids)


def close_its_month(part: Any) -> None:
    """The month of `scripted.video`."""
    from auditing.access import SYSTEM, acting_as
    from auditing.closing import close
    from auditing.models import Account, Role
    from tests.stage import a_person

    with acting_as(SYSTEM):
        team = Account.objects.select_related("team").get(pk=part.account_id).team
    closer = a_person(f"closer-{team.pk}", team, Role.MANAGER)
    with acting_as(SYSTEM):
        close(team, date(2026, 5, 1), closer)


def tell(told: bool) -> None:
    """Whether changes of closed months are told of."""
    from django.db import connection

    with connection.cursor() as cursor:
        for event in ("insert", "update", "delete"):
            switch = "ENABLE" if told else "DISABLE"
            cursor.execute(f"ALTER TABLE auditing_generation {switch} TRIGGER auditing_adjust_{event}")


def store_stage(count: int, rounds: int, closed: bool) -> None:
    """Print the medians of every pass."""
    from auditing.sync.store import Chance, store_batch

    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in PASSES}
    for _ in range(rounds):
        part, ids = a_part(count)
        if closed:
            close_its_month(part)
        for name, said in PASSES.items():
            store = partial(store_batch, part, chance=Chance())
            rates[name].append(stored_rates(store, answers(ids, said)))
    medians = {name: [median(column) for column in zip(*found, strict=True)] for name, found in rates.items()}
    for name, (by_clock, by_processor) in medians.items():
        print(
            f"store stage, {name:<22} {by_clock:8,.0f} records/s   {by_processor:8,.0f} by processor time"
            f"   {by_processor / medians['unchanged'][1]:.2f} of unchanged"
        )


def main() -> None:
    """Parse the options, bring up the stand, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ids", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--closed", action="store_true")
    parser.add_argument("--untold", action="store_true")
    options = parser.parse_args()
    stand.set_up()
    tell(not options.untold)
    store_stage(options.ids, options.rounds, options.closed)
    tell(True)


if __name__ == "__main__":
    main()
