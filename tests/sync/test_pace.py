"""The pace: starts are spaced so that no minute holds more than the limit."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from auditing.sync.pace import Pace


class Clock:
    """Time that passes only when somebody sleeps or works."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def starts(per_minute: int | None, work: list[float]) -> list[float]:
    """When each of several requests may start, with so much work before each."""

    async def run() -> list[float]:
        clock = Clock()
        pace = Pace(per_minute, clock, clock.sleep)
        started = []
        for seconds in work:
            clock.now += seconds
            await pace.turn()
            started.append(clock.now)
        return started

    return asyncio.run(run())


@given(st.integers(1, 6000), st.lists(st.floats(0, 30), max_size=300))
def test_no_minute_ever_holds_more_starts_than_the_limit(per_minute: int, work: list[float]) -> None:
    started = starts(per_minute, work)
    for first, later in zip(started, started[per_minute:], strict=False):
        assert later - first >= 60


def test_with_enough_to_do_at_least_97_percent_of_the_limit_are_used() -> None:
    started = starts(60, [0.0] * 601)
    assert 600 / (started[-1] - started[0]) * 60 >= 0.97 * 60


def test_without_a_limit_nothing_waits() -> None:
    assert starts(None, [0.0] * 10) == [1000.0] * 10
