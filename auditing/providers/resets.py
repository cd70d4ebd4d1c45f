"""When a rate limit ends, from wherever in a 429 the provider says so."""

import math
import random
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from auditing.providers.declaration import Jitter, ResetFormat
from auditing.providers.times import moment
from auditing.records import Response

LONGEST = timedelta(hours=1)
UNSAID = timedelta(minutes=1)

_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def small_jitter() -> timedelta:
    """One to three seconds by chance, so that clients that were refused together don't return together."""
    return timedelta(seconds=random.uniform(1, 3))  # noqa: S311 - pacing, not secrecy


def reset_at(
    response: Response, error: Mapping[str, Any], reset_format: ResetFormat, jitter: Jitter
) -> datetime:
    """The moment (aware UTC) before which nothing more may be sent for this account.

    The first source that can be read counts: `Retry-After`, the body, `X-RateLimit-Reset`. When none can, it
    is a minute from now, the window that ReelBot counts lookups in. A moment that is not in the future
    becomes now plus the jitter; one more than an hour ahead becomes an hour.
    """
    now = response.received_at
    said = next(_said(response, error, reset_format), now + UNSAID)
    if said <= now:
        return now + jitter()
    return min(said, now + LONGEST)


def _said(response: Response, error: Mapping[str, Any], reset_format: ResetFormat) -> Iterator[datetime]:
    """Every source that can be read, in the order in which they count."""
    now = response.received_at
    for source, read in _sources(response.headers, error, reset_format):
        if source is None:
            continue
        try:
            yield read(source, now)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue


type _Reader = Callable[[Any, datetime], datetime]


def _sources(
    headers: Mapping[str, str], error: Mapping[str, Any], reset_format: ResetFormat
) -> tuple[tuple[object, _Reader], ...]:
    details = _object(error, "details")
    rate_limit = _object(error, "rate_limit")
    read_header = _unix_time if reset_format is ResetFormat.UNIX_SECONDS else _iso_time
    return (
        (headers.get("retry-after"), _retry_after),
        (details.get("resetAt"), _iso_time),
        (rate_limit.get("reset_at"), _iso_time),
        (rate_limit.get("reset_in_seconds"), _seconds_ahead),
        (headers.get("x-ratelimit-reset"), read_header),
    )


def _object(error: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = error.get(name)
    return value if isinstance(value, Mapping) else {}


def _retry_after(text: str, now: datetime) -> datetime:
    """RFC 9110 §10.2.3: seconds from now, or an HTTP date."""
    if _SECONDS.fullmatch(text.strip()):
        return _seconds_ahead(float(text), now)
    date = parsedate_to_datetime(text)
    return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)


def _iso_time(text: str, _now: datetime) -> datetime:
    return moment(text.strip() if isinstance(text, str) else "")


def _seconds_ahead(seconds: float, now: datetime) -> datetime:
    """Seconds from now. So many that no date has them mean "more than an hour ahead" all the same."""
    if isinstance(seconds, bool) or math.isnan(seconds):
        raise ValueError("not a number of seconds")
    return now + timedelta(seconds=max(0, min(seconds, 7200)))


def _unix_time(text: str, now: datetime) -> datetime:
    """Seconds since 1970."""
    if not _SECONDS.fullmatch(text.strip()):
        raise ValueError("not unix seconds")
    return _seconds_ahead(float(text) - now.timestamp(), now)
