"""Times as providers write them become aware UTC moments."""

import re
from datetime import UTC, datetime

from auditing.providers.payloads import Malformed

_ISO_8601 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)


def moment(text: str) -> datetime:
    """ISO 8601 date and time as aware UTC; without a zone it is read as UTC. Raises ValueError.

    Digits beyond the microsecond are dropped. The date alone is no moment. In UTC, the year is 1 to 9999.
    """
    if not _ISO_8601.fullmatch(text):
        raise ValueError("not an ISO 8601 date and time")
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("no such date and time") from None
    if read.tzinfo is UTC:
        return read
    try:
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("outside of the years 1 to 9999 in UTC") from None


def field_moment(text: str | None, field: str) -> datetime | None:
    """The moment of a payload's field, or raise Malformed naming it; None stays unknown."""
    if text is None:
        return None
    try:
        return moment(text)
    except ValueError as fault:
        raise Malformed(f"{field}: {fault}: {text[:40]!r}") from None


def is_naive(text: str | None) -> bool:
    """True for a time (one that `moment` reads) that names no zone."""
    if text is None or text.endswith("Z"):
        return False
    found = _ISO_8601.fullmatch(text)
    return found is not None and found["zone"] is None


def iso(moment: datetime | None, *, timespec: str = "auto") -> str | None:
    """An aware UTC moment in ISO 8601 with `Z`, in full.

    The fraction is left out when it is zero, else has milliseconds, or microseconds where these are needed.
    With `timespec="milliseconds"` milliseconds are always there.
    """
    if moment is None:
        return None
    if moment.microsecond % 1000:
        timespec = "microseconds"
    elif moment.microsecond:
        timespec = "milliseconds"
    return f"{moment.replace(tzinfo=None).isoformat(timespec=timespec)}Z"
