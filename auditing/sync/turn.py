"""One account's turn in a run: hands out due ids at the account's pace and stores the answers in batches."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from auditing.records import Answer, Outcome
from auditing.sync.fetch import Fetcher
from auditing.sync.lease import LeaseLost
from auditing.sync.pace import Pace
from auditing.sync.plan import DueId
from auditing.sync.store import Looked

BATCH_SIZE = 500
BATCH_SECONDS = 1.0
UNREACHABLE_IN_A_ROW = 20
FIRST_ANSWERS = 20
PROBE_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Finished:
    """Everything that was due has been looked up."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The run was told to stop, by a signal or its budget."""


@dataclass(frozen=True, slots=True)
class RateLimited:
    """A 429: nothing more is sent for this account before the reset."""

    until: datetime


@dataclass(frozen=True, slots=True)
class KeyRefused:
    """A 401 or 402: the account is paused, its other ids are not tried."""

    reason: str


@dataclass(frozen=True, slots=True)
class PlanSuspected:
    """The first answers were 403 without exception: the key's plan may have lapsed; no record is touched."""


@dataclass(frozen=True, slots=True)
class ProviderAway:
    """Too many requests in a row got no answer."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotStarted:
    """Nothing was sent: the account is paused, waits for a reset, or its key can't be opened (`failed`)."""

    reason: str
    refused: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True)
class LeaseTaken:
    """Another run took the account's lease, or it lapsed: nothing more may be written."""


Ending = (
    Finished | Stopped | RateLimited | KeyRefused | PlanSuspected | ProviderAway | NotStarted | LeaseTaken
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard a turn works: requests in flight, answers a batch, seconds until a smaller batch is stored."""

    concurrency: int = 32
    batch_size: int = BATCH_SIZE
    batch_seconds: float = BATCH_SECONDS


class Budget:
    """How many requests a run may still send, over all its accounts; None is as many as it likes."""

    def __init__(self, requests: int | None = None) -> None:
        self._left = requests

    def spend(self) -> bool:
        """Take one request out of it; False when there is none left."""
        if self._left is None:
            return True
        self._left -= 1
        return self._left >= 0


Store = Callable[[Sequence[Looked]], Awaitable[None]]


class Turn:
    """One account's turn. `due` gives pages of ids, `store` keeps a batch; both are awaited.

    `ever_ok` says whether the account had a good answer in an earlier run. `seems_wrong` turns true when it
    never had one and the first answers of this turn are 404 without exception; `not_stored` counts answers
    that touched no record on purpose.
    """

    def __init__(
        self,
        due: AsyncIterator[list[DueId]],
        fetcher: Fetcher,
        pace: Pace,
        store: Store,
        stop: asyncio.Event,
        limits: Limits,
        ever_ok: bool,
        budget: "Budget | None" = None,
    ) -> None:
        self._due = due
        self._fetcher = fetcher
        self._pace = pace
        self._store = store
        self._stop = stop
        self._limits = limits
        self._ever_ok = ever_ok
        self._budget = budget or Budget()
        self._page: list[DueId] = []
        self._turn_page = asyncio.Lock()
        self._turn_start = asyncio.Lock()
        self._answers: asyncio.Queue[Looked | None] = asyncio.Queue(maxsize=limits.batch_size * 2)
        self._ending: Ending | None = None
        self._unreachable = 0
        self._first: list[Outcome] = []
        self._held: list[Looked] = []
        self.not_stored = 0
        self.seems_wrong = False

    async def run(self) -> Ending:
        """Look up what is due until there is no more or something ends the turn; every answer is stored."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._store_batches())
            # Until the first answer only one request is in flight: a refused key is used once.
            await self._work(once=True)
            async with asyncio.TaskGroup() as workers:
                for _ in range(self._limits.concurrency):
                    workers.create_task(self._work())
            await self._release()
            await self._answers.put(None)
        return self._ending or Finished()

    async def _work(self, once: bool = False) -> None:
        while due := await self._next():
            if not await self._may_send():
                self.end(Stopped())
                return
            fetched = await self._fetcher.look_up(due.external_id, self._may_send)
            await self._take(Looked(due.generation_id, fetched))
            if once:
                return

    async def _may_send(self) -> bool:
        """Wait for the pace and spend one request of the budget: before every request on the wire."""
        return await self._may_start() and self._budget.spend()

    async def _may_start(self) -> bool:
        """Wait for the account's pace, one request at a time; False when the turn is over by then."""
        if not self._pace.is_limited:
            return not self._over()
        async with self._turn_start:
            if not self._over():
                await self._pace.turn()
            return not self._over()

    def end(self, ending: Ending) -> None:
        """End the turn: nothing more is asked, and after a lost lease nothing more is stored."""
        if self._ending is None or isinstance(ending, LeaseTaken):
            self._ending = ending

    def _over(self) -> bool:
        if self._stop.is_set() and self._ending is None:
            self._ending = Stopped()
        return self._ending is not None

    async def _next(self) -> DueId | None:
        if self._over():
            return None
        if not self._page:
            async with self._turn_page:
                if not self._page:
                    self._page = (await anext(self._due, []))[::-1]
        return self._page.pop() if self._page and not self._over() else None

    async def _take(self, looked: Looked) -> None:
        answer = looked.fetched.answer
        self._judge(answer)
        if not self._plan_in_doubt(answer.outcome):
            await self._release()
            await self._answers.put(looked)
            return
        self._held.append(looked)
        if len(self._held) >= FIRST_ANSWERS and self._ending is None:
            self._ending = PlanSuspected()

    async def _release(self) -> None:
        """Store the 403s held back so far, unless they say that the key's plan lapsed."""
        held, self._held = self._held, []
        if isinstance(self._ending, PlanSuspected):
            self.not_stored += len(held)
            return
        for looked in held:
            await self._answers.put(looked)

    def _plan_in_doubt(self, outcome: Outcome) -> bool:
        """While every answer so far is a 403, the key's plan is in doubt, and no record is touched."""
        if isinstance(self._ending, PlanSuspected):
            return outcome is Outcome.DENIED
        return len(self._first) <= FIRST_ANSWERS and set(self._first) == {Outcome.DENIED}

    def _judge(self, answer: Answer) -> None:
        if len(self._first) <= FIRST_ANSWERS:
            self._first.append(answer.outcome)
            if not self._ever_ok and self._first == [Outcome.MISSING] * FIRST_ANSWERS:
                self.seems_wrong = True
        self._unreachable = self._unreachable + 1 if answer.outcome is Outcome.UNREACHABLE else 0
        match self._ending, answer.reset_at:
            case RateLimited(until), datetime() as at if at > until:
                # Sent before the first 429 came: the provider's last word on it is the latest reset.
                self._ending = RateLimited(at)
        if self._ending is not None and not isinstance(self._ending, Stopped):
            return
        match answer.outcome:
            case Outcome.RATE_LIMITED if answer.reset_at:
                self._ending = RateLimited(answer.reset_at)
            case Outcome.UNAUTHORIZED:
                self._ending = KeyRefused(answer.reason)
            case Outcome.UNREACHABLE if self._unreachable >= UNREACHABLE_IN_A_ROW:
                self._ending = ProviderAway(answer.reason)

    async def _store_batches(self) -> None:
        last = False
        while not last:
            batch, last = await self._gather()
            if batch and not isinstance(self._ending, LeaseTaken):
                try:
                    await self._store(batch)
                except LeaseLost:
                    self.end(LeaseTaken())

    async def _gather(self) -> tuple[list[Looked], bool]:
        """A full batch, or what came within a moment of its first answer; and whether it was the last."""
        first = await self._answers.get()
        if first is None:
            return [], True
        batch = [first]
        try:
            async with asyncio.timeout(self._limits.batch_seconds):
                while len(batch) < self._limits.batch_size:
                    looked = await self._answers.get()
                    if looked is None:
                        return batch, True
                    batch.append(looked)
        except TimeoutError:
            pass
        return batch, False
