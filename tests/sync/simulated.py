"""An event loop whose time passes only while everybody in it waits: hours of a provider's pace in no time."""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)


class _Waiting(selectors.SelectSelector):
    """Where a loop would wait for the next timer, the time is simply that timer's."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everybody waits, and nothing is going to happen"
        self.passed += max(0.0, timeout)
        return super().select(0)


class SimulatedLoop(asyncio.SelectorEventLoop):
    """asyncio on that time; what runs in it may not use threads or the network."""

    def __init__(self) -> None:
        self._waiting = _Waiting()
        super().__init__(self._waiting)

    def time(self) -> float:
        return self._waiting.passed


def simulate(work: Coroutine[Any, Any, None]) -> None:
    """Run it to its end on a clock that begins at START."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        runner.run(work)


def now() -> datetime:
    """The simulated time."""
    return START + timedelta(seconds=asyncio.get_running_loop().time())


async def sleep_until(moment: datetime) -> None:
    """Return at this time, or at once when it has passed."""
    await asyncio.sleep(max(0.0, (moment - now()).total_seconds()))
