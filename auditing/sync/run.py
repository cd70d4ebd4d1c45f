"""A whole run: every account's turn side by side in one event loop, from opening to summary."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from django.db import connection

from auditing.access import SYSTEM, acting_as
from auditing.keys.opening import KeyUnreadable, OpenKey, open_key
from auditing.models import Account, Run, RunPart, User
from auditing.providers import PROVIDERS
from auditing.rollups import fold, fold_when_many
from auditing.sync import ledger
from auditing.sync.connections import Transport, open_transport
from auditing.sync.fetch import Fetcher
from auditing.sync.lease import CONFIRM_EVERY_SECONDS, Lease, LeaseLost
from auditing.sync.pace import Pace
from auditing.sync.plan import Due, DueId
from auditing.sync.stopping import Stopping, by_signals
from auditing.sync.store import Chance, Looked, Part, store_batch
from auditing.sync.summary import RunSummary
from auditing.sync.turn import Budget, Ending, LeaseTaken, Limits, NotStarted, Stopped, Turn

STANDING = ("last_ok_at", "blocked_until", "paused_at", "probe_at", "notice")


class Progress(Protocol):
    """What a run tells while it works; counts of ids by an account's label."""

    def begin(self, label: str, due: int) -> None:
        """This account's turn starts with so many ids due."""

    def advance(self, label: str, looked_up: int) -> None:
        """So many more were looked up and stored."""


class Silence:
    """Progress that nobody watches."""

    def begin(self, label: str, due: int) -> None:
        """Say nothing."""

    def advance(self, label: str, looked_up: int) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is asked to do: these accounts, only `ids` where any are named, `force` whatever is due."""

    accounts: Sequence[Account]
    ids: tuple[str, ...] = ()
    force: bool = False
    max_seconds: float | None = None
    max_requests: int | None = None
    trigger: Run.Trigger = Run.Trigger.COMMAND
    started_by: User | None = None
    limits: Limits = field(default_factory=Limits)


def run(order: Order, progress: Progress | None = None, chance: Chance | None = None) -> RunSummary:
    """Carry out one run to its end. SIGINT and SIGTERM finish the batches in hand and count as its end.

    A failure (the database gone, say) closes the run as failed, if it still can, and is raised.
    """
    return asyncio.run(carry_out(order, by_signals, progress, chance))


async def carry_out(
    order: Order, stopping: Stopping, progress: Progress | None = None, chance: Chance | None = None
) -> RunSummary:
    """The same inside a running event loop; `stopping` says what ends the run early."""
    return await _Run(order, stopping, progress or Silence(), chance or Chance()).carry_out()


class _Run:
    """One run while it is under way. The database is used from one thread of its own."""

    def __init__(self, order: Order, stopping: Stopping, progress: Progress, chance: Chance) -> None:
        self._order = order
        self._stopping = stopping
        self._progress = progress
        self._chance = chance
        self._stop = asyncio.Event()
        self._database = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._ahead = timedelta()
        self._was_told_to_stop = False
        self._budget = Budget(order.max_requests)
        self._endings: dict[int, Ending] = {}
        self._parts: list[RunPart] = []

    async def carry_out(self) -> RunSummary:
        started = time.monotonic()
        opened_at = await self._in_database(ledger.database_now)
        self._ahead = opened_at - datetime.now(UTC)
        order = self._order
        wanted = [account.pk for account in order.accounts]
        try:
            opened = await self._in_database(
                ledger.open_run, wanted, order.trigger, order.started_by, opened_at
            )
            state = await self._work(opened, opened_at) if opened else None
        finally:
            await self._in_database(lambda: connection.close())
            self._database.shutdown()
        leased = {lease.account_id for lease in opened.leases} if opened else set()
        return RunSummary(
            run_id=opened and opened.run_id,
            state=state,
            parts=sorted(self._parts, key=lambda part: part.account.label),
            endings=self._endings,
            held=[account.label for account in order.accounts if account.pk not in leased],
            seconds=time.monotonic() - started,
            was_told_to_stop=self._was_told_to_stop,
        )

    async def _work(self, opened: ledger.Opened, until: datetime) -> Run.State:
        """Take all turns, and close the run however they went; its state."""
        state = Run.State.FAILED
        try:
            with self._stopping(self._stop_early), self._budget_of_time():
                await self._turns(opened, until)
            await self._in_database(fold)
            state = Run.State.STOPPED if self._was_stopped() else Run.State.FINISHED
        finally:
            await self._in_database(ledger.close_run, opened.run_id, state, self._now())
        return state

    def _was_stopped(self) -> bool:
        return any(isinstance(ending, Stopped) for ending in self._endings.values())

    def _now(self) -> datetime:
        """The time by the database's clock, which every process shares."""
        return datetime.now(UTC) + self._ahead

    async def _in_database(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._database, work, *arguments)

    def _stop_early(self) -> None:
        self._was_told_to_stop = True
        self._stop.set()

    @contextmanager
    def _budget_of_time(self) -> Iterator[None]:
        seconds = self._order.max_seconds
        timer = None if seconds is None else asyncio.get_running_loop().call_later(seconds, self._stop.set)
        yield
        if timer is not None:
            timer.cancel()

    async def _turns(self, opened: ledger.Opened, until: datetime) -> None:
        leases = {lease.account_id: lease for lease in opened.leases}
        async with open_transport() as transport, asyncio.TaskGroup() as turns:
            for account in self._order.accounts:
                if lease := leases.get(account.pk):
                    turns.create_task(self._turn(opened.run_id, account, lease, until, transport))

    async def _turn(
        self,
        run_id: int,
        account: Account,
        lease: Lease,
        until: datetime,
        transport: Transport,
    ) -> None:
        due = Due(account.pk, until, self._order.ids, self._order.force)
        count = await self._in_database(due.count)
        await self._in_database(ledger.open_part, run_id, account, count, self._now())
        self._progress.begin(account.label, count)
        key = await self._in_database(_key_or_why_not, account, self._now())
        if isinstance(key, NotStarted):
            end = ledger.TurnEnd(key)
        else:
            others = await self._in_database(ledger.other_accounts, account)
            part = Part(run_id, lease, PROVIDERS[account.provider], others)
            end = await self._take_turn(part, account, due, key, transport)
        self._endings[account.pk] = end.ending
        closed = await self._in_database(ledger.close_part, run_id, account, lease, end, self._now())
        self._parts.append(closed)

    async def _take_turn(
        self, part: Part, account: Account, due: Due, key: OpenKey, transport: Transport
    ) -> ledger.TurnEnd:
        provider = part.provider

        async def store(batch: Sequence[Looked]) -> None:
            await self._in_database(store_batch, part, batch, self._chance)
            await self._in_database(fold_when_many)
            self._progress.advance(account.label, len(batch))

        pace = Pace(account.per_minute or provider.per_minute, time.monotonic, self._sleep)
        turn = Turn(
            due=self._pages(due),
            fetcher=Fetcher(provider, account.base_url, key, transport, self._now),
            pace=pace,
            store=store,
            stop=self._stop,
            limits=self._order.limits,
            ever_ok=account.last_ok_at is not None,
            budget=self._budget,
        )
        keeping = asyncio.create_task(self._keep(part.lease, turn))
        try:
            ending = await turn.run()
        finally:
            keeping.cancel()
        return ledger.TurnEnd(ending, pace.waited, turn.seems_wrong, turn.not_stored)

    async def _keep(self, lease: Lease, turn: Turn) -> None:
        """Confirm the lease while the turn goes on, batches or none; end the turn when it is lost."""
        while True:
            await asyncio.sleep(CONFIRM_EVERY_SECONDS)
            try:
                await self._in_database(lease.renew)
            except LeaseLost:
                turn.end(LeaseTaken())
                return

    async def _sleep(self, seconds: float) -> None:
        """Sleep, but no longer than until the run is told to stop."""
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return

    async def _pages(self, due: Due) -> AsyncIterator[list[DueId]]:
        pages = due.pages()
        while page := await self._in_database(next, pages, None):
            yield page


def _key_or_why_not(account: Account, now: datetime) -> OpenKey | NotStarted:
    """The account's key, or why nothing may be sent for it now.

    The account is read anew: another run may have met a 429 or a refusal since it was, and this one has the
    lease only now.
    """
    with acting_as(SYSTEM):
        account.refresh_from_db(fields=["base_url", "per_minute", *STANDING])
    hindrance = hindrance_of(account, now)
    if hindrance is not None:
        return hindrance
    try:
        with acting_as(SYSTEM):
            return open_key(account)
    except KeyUnreadable as error:
        return NotStarted(f"Key unreadable: {error}", failed=True)


def hindrance_of(account: Account, now: datetime) -> NotStarted | None:
    """Why nothing may be sent for this account now, whatever is due or forced; None when it may be asked."""
    if account.paused_at and account.probe_at and now < account.probe_at:
        return NotStarted(f"Paused: {account.notice}", refused=True)
    if account.blocked_until and now < account.blocked_until:
        return NotStarted(f"Rate limited until {account.blocked_until:%Y-%m-%d %H:%M:%S} UTC.")
    if account.provider not in PROVIDERS:
        return NotStarted(f"Unknown provider {account.provider!r}.", failed=True)
    return None
