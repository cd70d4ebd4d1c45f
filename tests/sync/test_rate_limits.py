"""After a 429 nothing is sent for the account before the reset, in whatever form that comes.

The parsing, the fetching, the turn, the policy and the check before a run are the real ones; the provider,
the clock and the store are simulated. What the store and the plan do is tested on the database below.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import SplitResult, parse_qs, urlsplit

import pytest

from auditing.keys.opening import OpenKey
from auditing.models import Account, Generation, Lookup, Run
from auditing.providers import PROVIDERS
from auditing.records import Answer, Outcome
from auditing.sync import backlog, ledger
from auditing.sync.connections import Arriving
from auditing.sync.fetch import Fetched, Fetcher
from auditing.sync.pace import Pace
from auditing.sync.plan import DueId
from auditing.sync.policy import LookAgain, Past, next_look
from auditing.sync.run import Order, hindrance_of, run
from auditing.sync.store import Chance, Looked, Part, last_reset, store_batch
from auditing.sync.turn import Ending, Finished, Limits, RateLimited, Turn
from tests.stage import KEYS, an_account, registered
from tests.sync.rate_limits import KINDS, SECOND, TooMany, too_many
from tests.sync.scripted import Reply, project, scripted, video
from tests.sync.simulated import START, now, simulate, sleep_until

Saying = Callable[[datetime], tuple[Mapping[str, str], Mapping[str, object]]]


async def in_one_piece(body: bytes) -> AsyncIterator[bytes]:
    """A body that comes all at once."""
    yield body


class LimitingProvider:
    """Answers after a moment: at certain requests with a 429, else well. Remembers what came too early."""

    def __init__(self, key: str, chance: random.Random, limited: set[int]) -> None:
        self.key = key
        self.sent = 0
        self.too_early: list[datetime] = []
        self.limits: list[TooMany] = []
        self._chance = chance
        self._limited = limited

    @asynccontextmanager
    async def get(self, url: str, _: Mapping[str, str]) -> AsyncIterator[Arriving]:
        number, self.sent = self.sent, self.sent + 1
        if self.limits and now() < self.not_before:
            self.too_early.append(now())
        await asyncio.sleep(self._chance.uniform(0, 0.3))
        reply = self._limit() if number in self._limited else self._good(urlsplit(url))
        yield Arriving(reply.status, reply.headers, in_one_piece(reply.sent()))

    def _limit(self) -> Reply:
        self.limits.append(too_many(self._chance, self.key, now()))
        return self.limits[-1].reply

    def _good(self, address: SplitResult) -> Reply:
        if self.key == "nanobanana":
            return video(parse_qs(address.query)["video_id"][0])
        return project()

    def stop_limiting(self) -> None:
        self._limited = set()

    @property
    def not_before(self) -> datetime:
        return max(limit.not_before for limit in self.limits)

    @property
    def at_latest(self) -> datetime:
        return max(limit.at_latest for limit in self.limits)


class Simulation:
    """One account with a few ids due, at a provider that refuses one or more of the first requests."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        key = chance.choice(list(PROVIDERS))
        self._ids = [f"vid_{number}" for number in range(chance.randint(2, 8))]
        self._due: dict[int, datetime | None] = dict.fromkeys(range(len(self._ids)), START)
        limited = {chance.randrange(len(self._ids)) for _ in range(chance.choice((1, 1, 2, 3)))}
        self.provider = LimitingProvider(key, chance, limited)
        self.account = Account(label=key, provider=key, base_url="https://provider.example")
        self.ok: Counter[int] = Counter()

    async def round(self) -> Ending | None:
        """What a run does with the account: nothing where something hinders it, else its turn."""
        if hindrance_of(self.account, now()) is not None:
            return None
        provider = PROVIDERS[self.provider.key]
        turn = Turn(
            due=self._pages(),
            fetcher=Fetcher(provider, self.account.base_url, OpenKey(KEYS[provider.key]), self.provider, now),
            pace=Pace(self._chance.choice((None, 600)), asyncio.get_running_loop().time, asyncio.sleep),
            store=self._store,
            stop=asyncio.Event(),
            limits=Limits(
                concurrency=self._chance.randint(1, 4), batch_size=self._chance.choice((1, 2, 500))
            ),
            ever_ok=True,
        )
        return await turn.run()

    async def _pages(self) -> AsyncIterator[list[DueId]]:
        due = [key for key, at in self._due.items() if at is not None and at <= now()]
        if due:
            yield [DueId(key, self._ids[key]) for key in due]

    async def _store(self, batch: Sequence[Looked]) -> None:
        reset = last_reset(batch)
        if reset is not None:
            self.account.blocked_until = max(self.account.blocked_until or reset, reset)
        for looked in batch:
            answer, at = looked.fetched.answer, looked.fetched.at
            following = next_look(
                PROVIDERS[self.provider.key], answer, Past(1, at, at), at, self._chance.random
            )
            self._due[looked.generation_id] = following.at if isinstance(following, LookAgain) else None
            self.ok[looked.generation_id] += answer.outcome is Outcome.OK

    async def play(self) -> None:
        """The first 429, several tries before the reset, and the rest of the work after it."""
        provider = self.provider
        ending = await self.round()
        assert provider.limits
        assert provider.too_early == []
        blocked_until = self.account.blocked_until
        assert blocked_until is not None
        assert ending == RateLimited(blocked_until)
        assert provider.not_before <= blocked_until <= provider.at_latest
        sent = provider.sent
        assert provider.not_before - now() > timedelta()
        left = [key for key in self._due if not self.ok[key]]
        for part in sorted(self._chance.random() for _ in range(3)):
            await sleep_until(now() + (provider.not_before - now()) * part * 0.99)
            assert await self.round() is None
        assert provider.sent == sent
        # The rest was due all the time; the refused ones are due within a second of the reset.
        provider.stop_limiting()
        await sleep_until(blocked_until + 2 * SECOND)
        assert await self.round() == Finished()
        assert provider.sent == sent + len(left)
        assert set(self.ok.values()) == {1}


def test_no_request_is_sent_before_any_of_thousands_of_resets(request: pytest.FixtureRequest) -> None:
    number = request.config.getoption("--rate-limits")
    seen: set[tuple[str, str, str]] = set()
    received = 0

    async def play_all() -> None:
        nonlocal received
        seed = 0
        while received < number:
            simulation = Simulation(random.Random(seed))  # noqa: S311 - a test's chance
            try:
                await simulation.play()
            except AssertionError as failed:
                said = [limit.said for limit in simulation.provider.limits]
                raise AssertionError(f"seed {seed}: {failed}\n{said}") from failed
            for limit in simulation.provider.limits:
                seen.update((simulation.provider.key, said.source, said.kind) for said in limit.said)
            received += len(simulation.provider.limits)
            seed += 1

    simulate(play_all())
    assert len(seen) == len(PROVIDERS) * 5 * len(KINDS) or number < 1000


IN_TEN_MINUTES: dict[str, Saying] = {
    "Retry-After in seconds": lambda _: ({"Retry-After": "600"}, {}),
    "Retry-After as a date": lambda at: ({"Retry-After": f"{at:%a, %d %b %Y %H:%M:%S GMT}"}, {}),
    "details.resetAt": lambda at: ({}, {"details": {"resetAt": at.isoformat()}}),
    "rate_limit.reset_at": lambda at: ({}, {"rate_limit": {"reset_at": at.isoformat()}}),
    "rate_limit.reset_in_seconds": lambda _: ({}, {"rate_limit": {"reset_in_seconds": 600}}),
    "garbage, then seconds": lambda _: (
        {"Retry-After": "soon", "X-RateLimit-Reset": "tomorrow"},
        {"details": [], "rate_limit": {"reset_at": True, "reset_in_seconds": 600}},
    ),
}


def run_now(account: Account, *, force: bool = False) -> int:
    """One run over the account as its commands start it; how many ids it did not reach."""
    return run(Order([Account.objects.get(pk=account.pk)], force=force)).total("not_reached")


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("said", IN_TEN_MINUTES.values(), ids=IN_TEN_MINUTES)
def test_a_run_before_the_reset_sends_nothing_and_one_after_it_the_rest(provider: str, said: Saying) -> None:
    reset = datetime.now(UTC) + timedelta(minutes=10)
    headers, body = said(reset)
    good = video if provider == "nanobanana" else (lambda _: project())
    with scripted(lambda _: Reply(429, {"success": False, **body}, headers)) as server:
        account = an_account(provider, base_url=server.url)
        registered(account, ["vid_a", "vid_b", "vid_c"])
        assert run_now(account) == 2
        server.script = good
        assert (run_now(account), run_now(account, force=True), len(server.asked)) == (2, 3, 1)
        assert backlog.accounts_with_work() == []
        blocked_until = Account.objects.get().blocked_until
        assert blocked_until is not None
        assert abs(blocked_until - reset) < timedelta(minutes=1)
        the_reset_comes(account)
        assert backlog.accounts_with_work() == [account.pk]
        assert (run_now(account), len(server.asked)) == (0, 4)
    assert Lookup.objects.filter(outcome="ok").count() == 3


def the_reset_comes(account: Account) -> None:
    """What is stored, as if the hours since had passed."""
    Account.objects.filter(pk=account.pk).update(blocked_until=datetime.now(UTC))
    Lookup.objects.filter(outcome="rate_limited").update(due_at=datetime.now(UTC) - SECOND)


@pytest.mark.usefixtures("committed_db")
def test_a_run_heeds_a_429_that_another_met_after_its_account_was_read() -> None:
    with scripted(lambda _: Reply(429, {}, {"Retry-After": "600"})) as server:
        account = an_account(base_url=server.url)
        registered(account, ["vid_a", "vid_b"])
        read_before = Account.objects.get()
        run_now(account)
        assert run(Order([read_before], force=True)).total("not_reached") == 2
        assert len(server.asked) == 1


@pytest.mark.usefixtures("committed_db")
def test_the_reset_is_stored_with_the_answer_and_an_earlier_one_does_not_shorten_it() -> None:
    account = an_account()
    registered(account, ["vid_a", "vid_b"])
    resets = [datetime(2026, 5, 6, 12, minute, tzinfo=UTC) for minute in (30, 10)]
    opened = ledger.open_run([account.pk], Run.Trigger.COMMAND, None, ledger.database_now())
    assert opened is not None
    part = Part(opened.run_id, opened.leases[0], PROVIDERS["nanobanana"])
    for generation, reset in zip(Generation.objects.all(), resets, strict=True):
        answer = Answer(outcome=Outcome.RATE_LIMITED, http_status=429, reset_at=reset)
        store_batch(part, [Looked(generation.pk, Fetched(answer, datetime.now(UTC)))], Chance())
        assert Account.objects.get().blocked_until == resets[0]
