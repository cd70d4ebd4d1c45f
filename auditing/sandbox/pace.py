"""A rate limit for each key: so many requests in a window that begins with the first of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from auditing.sandbox.payloads import in_milliseconds


@dataclass(slots=True)
class _Window:
    resets_at: datetime
    reset_at_text: str
    used: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a key stands after a request: let through or not, with the headers that every response carries."""

    allowed: bool
    headers: dict[str, str]
    reset_at: str
    retry_after: int


class Pace:
    """Counts requests by key; the clock is the caller's."""

    def __init__(self, limit: int, window: timedelta) -> None:
        self._limit = limit
        self._window = window
        self._windows: dict[str, _Window] = {}

    def take(self, key: str, now: datetime) -> Standing:
        """Count one request. A refused one doesn't count, and never moves the reset."""
        window = self._windows.get(key)
        if window is None or window.resets_at <= now:
            window = self._windows[key] = self._open(now)
        allowed = window.used < self._limit
        window.used += allowed
        headers = {
            "X-RateLimit-Limit": str(self._limit),
            "X-RateLimit-Remaining": str(self._limit - window.used),
            "X-RateLimit-Reset": window.reset_at_text,
        }
        retry_after = max(1, ceil((window.resets_at - now).total_seconds()))
        return Standing(allowed, headers, window.reset_at_text, retry_after)

    def _open(self, now: datetime) -> _Window:
        # Cut to the milliseconds that are published: whoever waits exactly until then is let through.
        resets_at = (now + self._window).replace(microsecond=now.microsecond // 1000 * 1000)
        return _Window(resets_at, in_milliseconds(resets_at))
