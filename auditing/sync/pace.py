"""Keeps requests for one account under its limit: starts are spaced evenly, so no window is exceeded."""

from collections.abc import Awaitable, Callable

HEADROOM = 1.01


class Pace:
    """Hands out start times, at most `per_minute` in any minute; None means unlimited.

    `clock` gives seconds that only grow, `sleep` waits that many; both are passed in.
    `waited` is the time in seconds that was spent holding the pace.
    """

    def __init__(
        self,
        per_minute: int | None,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._spacing = 60 / per_minute * HEADROOM if per_minute else 0.0
        self._clock = clock
        self._sleep = sleep
        self._next_start = clock()
        self.waited = 0.0

    @property
    def is_limited(self) -> bool:
        """Whether there is a pace to hold at all."""
        return self._spacing > 0

    async def turn(self) -> None:
        """Return when the next request may start."""
        if not self._spacing:
            return
        now = self._clock()
        start = max(now, self._next_start)
        self._next_start = start + self._spacing
        if start > now:
            self.waited += start - now
            await self._sleep(start - now)
