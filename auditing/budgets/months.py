"""Months of the report zone, by their first day, and how far one is along."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from auditing.reports import month_of

CREDIT = 1000
SETTLING = timedelta(hours=24)
"""So long after a month's begin nothing is projected: one dear job would make it a dear month."""


def report_zone() -> ZoneInfo:
    """The zone that months are cut by."""
    return ZoneInfo(settings.REPORT_TIME_ZONE)


def month_now(now: datetime) -> date:
    """The month that it is in the report zone."""
    return first_of(now.astimezone(report_zone()).date())


def first_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def later(month: date, months: int) -> date:
    """The month so many after this one; before it, with a negative number."""
    year, number = divmod(month.year * 12 + month.month - 1 + months, 12)
    return date(year, number + 1, 1)


def months_up_to(month: date, number: int) -> list[date]:
    """So many months, of which this one is the last."""
    return [later(month, place) for place in range(1 - number, 1)]


def month_name(month: date) -> str:
    """`November 2026`."""
    return f"{month:%B %Y}"


def ends_of(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The moment at which a month begins in a zone, and the one at which it is over."""
    begins, is_over = month_of(month).moments(zone)
    if begins is None or is_over is None:
        raise ValueError("a month has two ends")
    return begins, is_over


def projected(used: int, month: date, now: datetime, zone: ZoneInfo) -> int | None:
    """What a month comes to if it goes on as it began, to the nearest credit: what was used so far, divided
    by the part of the month that is past. Hours are counted as they pass, also where clocks are changed.

    None in its first 24 hours, and once it is over.
    """
    begins, is_over = ends_of(month, zone)
    if not begins + SETTLING <= now < is_over:
        return None
    whole, past = ((end - begins) // timedelta(microseconds=1) for end in (is_over, now))
    return (used * whole * 2 + past * CREDIT) // (past * 2 * CREDIT) * CREDIT
