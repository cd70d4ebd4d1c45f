"""How the sync scales with worker processes: 8 accounts at a provider that takes 200 ms for each answer.

uv run python -m tests.benchmarks.workers [--ids 320] [--rounds 3] [--workers 1 4]

A worker takes one account at a time (procrastinate's own default), with 32 requests in flight: 160 a second,
which is a tenth of what one core can do, so that the latency is what a worker waits for. The clock runs, by
the database's time, from the moment at which the plan is made to the end of the last run: it holds queueing,
notifying, leasing, fetching and storing. Starting a process and its first turn are left out, as they happen
once a process: workers are up, listen, and have had a turn before the clock starts.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks import stand
from tests.waiting import until

if TYPE_CHECKING:
    from auditing.models import Account

ACCOUNTS = 8
PATIENCE_SECONDS = 600


@contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A process for as long as the `with` block lasts."""
    started = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=stand.ROOT
    )
    try:
        yield started
    finally:
        started.terminate()
        started.wait()


@contextmanager
def workers(number: int) -> Iterator[None]:
    """So many workers, up and listening."""
    from django.db import connection
    from procrastinate.contrib.django.models import ProcrastinateWorker

    def are_up() -> bool:
        return bool(ProcrastinateWorker.objects.count() == number)

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
    with ExitStack() as started:
        for _ in range(number):
            started.enter_context(process(sys.executable, stand.MANAGE, "procrastinate", "worker"))
        until(are_up, PATIENCE_SECONDS)
        yield


def seconds_for(accounts: Sequence["Account"], ids: int) -> float:
    """How long the workers take for so many ids of each account, from the plan to the end of the last run."""
    from django.db.models import Max

    from auditing import tasks
    from auditing.models import Lookup, Run, RunPart
    from auditing.sync import ledger

    chosen = [
        lookup
        for account in accounts
        for lookup in Lookup.objects.filter(account=account).order_by("pk").values_list("pk", flat=True)[:ids]
    ]
    last = Run.objects.aggregate(last=Max("pk"))["last"] or 0
    started = ledger.database_now()
    Lookup.objects.filter(pk__in=chosen).update(due_at=started, resting="")
    tasks.plan(timestamp=0)
    # The workers plan too, each minute: a turn that came second found nothing to do.
    turns = RunPart.objects.filter(run__pk__gt=last, run__state=Run.State.FINISHED, ok=ids)
    until(lambda: turns.count() == len(accounts), PATIENCE_SECONDS)
    seconds: float = (turns.aggregate(at=Max("run__finished_at"))["at"] - started).total_seconds()
    return seconds


def accounts_at(address: str, ids: int) -> "list[Account]":
    """The accounts, with so many ids each that are looked up nowhere else."""
    from tests.stage import a_team, an_account, registered

    team = a_team(f"workers-{time.time_ns()}")
    accounts = []
    for number in range(ACCOUNTS):
        account = an_account(label=f"{team.slug}-{number}", team=team, base_url=address)
        registered(account, [f"vid_{team.slug}_{number}_{index}" for index in range(ids)])
        accounts.append(account)
    return accounts


def main() -> None:
    """Parse the options, bring up the stand, measure each number of workers in each round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ids", type=int, default=320)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 4])
    options = parser.parse_args()
    stand.set_up()
    from auditing.models import Lookup

    rates: dict[int, list[float]] = {number: [] for number in options.workers}
    with process(sys.executable, "-m", "tests.benchmarks.slow_provider") as provider:
        assert provider.stdout is not None
        Lookup.objects.update(due_at=None)
        accounts = accounts_at(provider.stdout.readline().strip(), options.ids)
        for _ in range(options.rounds):
            for number in options.workers:
                Lookup.objects.update(due_at=None)
                with workers(number):
                    seconds_for(accounts, 1)
                    rates[number].append(ACCOUNTS * options.ids / seconds_for(accounts, options.ids))
    for number in options.workers:
        print(f"{number} worker{'s' if number > 1 else ' '} {median(rates[number]):7,.0f} lookups/s")
    for few, many in pairwise(options.workers):
        ratio = median(b / a for a, b in zip(rates[few], rates[many], strict=True))
        print(f"{few} → {many} workers: {ratio:.2f} times as fast")


if __name__ == "__main__":
    main()
