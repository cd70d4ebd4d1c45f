"""When a generation is looked up next."""

from datetime import UTC, datetime, timedelta

import pytest

from auditing.providers import PROVIDERS
from auditing.providers.declaration import Provider
from auditing.records import Answer, Outcome, Record, Status
from auditing.sync.policy import LookAgain, Past, next_look

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REELBOT = PROVIDERS["reelbot"]


def looked(
    answer: Answer, jitter: float = 0.5, provider: Provider = REELBOT, **past: object
) -> timedelta | str:
    """How long until the next look, or why there is none."""
    known = {"attempts": 1, "final_seen_at": None, "known_since": NOW - DAY} | past
    following = next_look(provider, answer, Past(**known), NOW, lambda: jitter)  # type: ignore[arg-type]
    return following.at - NOW if isinstance(following, LookAgain) else following.reason


def ok(status: Status, credits_thousandths: int | None = 1000) -> Answer:
    record = Record(status=status, provider_status="?", credits_thousandths=credits_thousandths)
    return Answer(outcome=Outcome.OK, http_status=200, record=record, payload={})


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        (MINUTE, REELBOT.polling.every),
        (HOUR, HOUR / 4),
        (10 * DAY, DAY),
        (100 * DAY, DAY),
    ],
)
def test_a_live_job_is_asked_at_the_providers_pace_while_young_and_slower_with_age(
    age: timedelta, wait: timedelta
) -> None:
    assert looked(ok(Status.PROCESSING, None), known_since=NOW - age) == wait


def test_a_job_that_is_neither_young_nor_stuck_is_asked_after_a_tenth_of_its_age() -> None:
    nanobanana = PROVIDERS["nanobanana"]
    for age, wait in ((10 * MINUTE, nanobanana.polling.every), (20 * MINUTE, 2 * MINUTE), (HOUR, HOUR / 4)):
        assert looked(ok(Status.PROCESSING), provider=nanobanana, known_since=NOW - age) == wait


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)
def test_a_stuck_job_is_never_given_up_and_takes_little_of_the_pace(provider: Provider) -> None:
    age, days = provider.polling.stuck_after + timedelta(seconds=1), []
    while age < 30 * DAY:
        days.append(age // DAY)
        wait = looked(ok(Status.PROCESSING), provider=provider, known_since=NOW - age)
        assert isinstance(wait, timedelta)
        age += wait
    assert days.count(0) <= 24
    assert [days.count(day) for day in range(4, 30)] == [1] * 26


def test_an_unknown_status_word_is_never_final() -> None:
    assert isinstance(looked(ok(Status.UNKNOWN, None)), timedelta)


def test_a_completed_record_is_confirmed_once_a_day_later_and_then_rests() -> None:
    assert looked(ok(Status.COMPLETED), final_seen_at=NOW) == DAY
    assert looked(ok(Status.COMPLETED), final_seen_at=NOW - 20 * HOUR) == 4 * HOUR
    assert looked(ok(Status.COMPLETED), final_seen_at=NOW - DAY) == "completed, and confirmed a day later"


def test_a_failure_that_cost_credits_is_watched_for_a_refund_for_thirty_days_ever_more_rarely() -> None:
    cost = ok(Status.FAILED, 7000)
    waits, seen_for = [], timedelta()
    while isinstance(wait := looked(cost, final_seen_at=NOW - seen_for), timedelta):
        waits.append(wait)
        seen_for += wait
    assert waits == [DAY, DAY, 2 * DAY, 4 * DAY, 8 * DAY, 14 * DAY]
    assert seen_for == 30 * DAY
    assert wait == "failed, and no refund within 30 days"


def test_a_failure_whose_cost_is_unknown_is_watched_too_and_one_that_cost_nothing_is_not() -> None:
    assert looked(ok(Status.FAILED, None), final_seen_at=NOW - 3 * DAY) == 3 * DAY
    assert looked(ok(Status.FAILED, 0), final_seen_at=NOW - 3 * DAY) == "failed, and confirmed a day later"


def test_a_missing_id_is_confirmed_three_times_at_growing_intervals() -> None:
    missing = Answer(outcome=Outcome.MISSING, http_status=404, reason="Project not found")
    assert [looked(missing, attempts=number) for number in (1, 2, 3, 4)] == [
        HOUR,
        DAY,
        7 * DAY,
        "missing, confirmed three times",
    ]


@pytest.mark.parametrize("outcome", [Outcome.UNREACHABLE, Outcome.MALFORMED])
def test_what_brought_no_good_answer_is_retried_with_backoff_and_jitter(outcome: Outcome) -> None:
    answer = Answer(outcome=outcome, reason="?")
    assert [looked(answer, attempts=number) for number in (1, 2, 3, 10, 100)] == [
        MINUTE,
        2 * MINUTE,
        4 * MINUTE,
        6 * HOUR,
        6 * HOUR,
    ]
    assert looked(answer, jitter=0.0) == 0.75 * MINUTE
    assert looked(answer, jitter=1.0) == 1.25 * MINUTE


def test_a_rejected_id_rests_with_the_reason() -> None:
    assert looked(Answer(outcome=Outcome.REJECTED, http_status=400, reason="bad id")) == "bad id"


def test_a_rate_limited_id_waits_for_the_reset() -> None:
    answer = Answer(outcome=Outcome.RATE_LIMITED, http_status=429, reset_at=NOW + MINUTE)
    assert looked(answer, jitter=0.0) == MINUTE
