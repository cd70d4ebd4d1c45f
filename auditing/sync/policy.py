"""When a generation is looked up next: a pure function from its answer and its past to a value."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from auditing.providers.declaration import Provider
from auditing.records import Answer, Outcome, Record, Status

DAY = timedelta(days=1)
CONFIRM_AFTER = DAY
REFUND_WATCH = timedelta(days=30)
FIRST_BACKOFF = timedelta(minutes=1)
LONGEST_BACKOFF = timedelta(hours=6)
MISSING_INTERVALS = (timedelta(hours=1), DAY, timedelta(days=7))
DENIED_INTERVALS = (DAY, timedelta(days=7), timedelta(days=30))


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Due again at this time."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Rest:
    """Not due any more, and why, in words for the page."""

    reason: str


@dataclass(frozen=True, slots=True)
class Past:
    """What the policy needs of a generation's history.

    `attempts` counts answers of this outcome in a row, the present one included. `final_seen_at` is when
    its final status was first seen as it is now (the present answer included), None while it has none.
    `known_since` is when it was made at the provider or registered here, whichever was earlier: a time in
    the future is no age.
    """

    attempts: int
    final_seen_at: datetime | None
    known_since: datetime


def next_look(
    provider: Provider, answer: Answer, past: Past, now: datetime, jitter: Callable[[], float]
) -> LookAgain | Rest:
    """When to ask again, by the outcome. `jitter` gives a number from 0 to 1 and spreads retries."""
    match answer.outcome:
        case Outcome.OK:
            assert answer.record is not None  # noqa: S101 - an ok answer always carries its record
            return _after_ok(provider, answer.record, past, now)
        case Outcome.MISSING:
            return _confirm(past, now, MISSING_INTERVALS, "missing, confirmed three times")
        case Outcome.DENIED:
            return _confirm(past, now, DENIED_INTERVALS, "belongs to a different user")
        case Outcome.REJECTED:
            return Rest(answer.reason)
        case Outcome.RATE_LIMITED:
            return LookAgain((answer.reset_at or now) + timedelta(seconds=jitter()))
        case Outcome.UNAUTHORIZED:
            return LookAgain(now)
        case Outcome.UNREACHABLE | Outcome.MALFORMED:
            wait = min(FIRST_BACKOFF * 2 ** min(past.attempts - 1, 12), LONGEST_BACKOFF)
            return LookAgain(now + wait * (0.75 + jitter() / 2))


def _confirm(past: Past, now: datetime, intervals: tuple[timedelta, ...], reason: str) -> LookAgain | Rest:
    if past.attempts > len(intervals):
        return Rest(reason)
    return LookAgain(now + intervals[past.attempts - 1])


def _after_ok(provider: Provider, record: Record, past: Past, now: datetime) -> LookAgain | Rest:
    if not record.status.is_final:
        return LookAgain(now + _live_interval(provider, now - past.known_since))
    seen_for = now - (past.final_seen_at or now)
    if record.status is Status.FAILED and record.credits_thousandths != 0:
        # Unknown is never 0: a failure without a figure may have cost credits just the same.
        if seen_for >= REFUND_WATCH:
            return Rest("failed, and no refund within 30 days")
        return LookAgain(now + max(DAY, min(seen_for, REFUND_WATCH - seen_for)))
    if seen_for >= CONFIRM_AFTER:
        return Rest(f"{record.status}, and confirmed a day later")
    return LookAgain((past.final_seen_at or now) + CONFIRM_AFTER)


def _live_interval(provider: Provider, age: timedelta) -> timedelta:
    """The provider's recommended pace while young, then a tenth of the age; of one that is stuck a quarter,
    which makes some two dozen looks in a day, and one a day from the fourth on: hundreds starve nobody."""
    polling = provider.polling
    if age <= polling.young_for:
        return polling.every
    part = 4 if age > polling.stuck_after else 10
    return min(max(polling.every, age / part), DAY)
