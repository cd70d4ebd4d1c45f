"""What is odd about a record that was read: an audit keeps what was said, and says so."""

from datetime import datetime, timedelta

from auditing.records import Flag

CLOCK_SKEW = timedelta(days=1)


def flags(*, unknown_status: bool, naive_time: bool, impossible_times: bool) -> frozenset[Flag]:
    """The flags that one payload alone gives; others come from comparing it with what was known before."""
    if not (unknown_status or naive_time or impossible_times):
        return frozenset()
    found = {
        Flag.UNKNOWN_STATUS: unknown_status,
        Flag.NAIVE_TIME: naive_time,
        Flag.IMPOSSIBLE_TIMES: impossible_times,
    }
    return frozenset(flag for flag, applies in found.items() if applies)


def are_impossible(
    received: datetime,
    created: datetime | None,
    updated: datetime | None,
    started: datetime | None = None,
    completed: datetime | None = None,
) -> bool:
    """True when a job was updated, started or completed before it was created, or completed before it was
    started; or when any of its times lies more than a day after the answer was received."""
    latest = received + CLOCK_SKEW
    return (
        _is_before(updated, created)
        or _is_before(started, created)
        or _is_before(completed, created)
        or _is_before(completed, started)
        or any(_is_before(latest, time) for time in (created, updated, started, completed))
    )


def _is_before(end: datetime | None, start: datetime | None) -> bool:
    return end is not None and start is not None and end < start
