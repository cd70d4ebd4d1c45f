"""Days by a name that moves along with the calendar: `last-30-days`, seen from a day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)

type Span = tuple[date, date]
"""The first day and the last one, both included."""


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days: how it is said after "created", and which days it is when today is one of them."""

    words: str
    span: Callable[[date], Span]


def _latest(days: int) -> Period:
    """So many days, of which today is the last."""
    return Period(f"in the last {days} days", lambda today: (today - (days - 1) * DAY, today))


def _last_month(today: date) -> Span:
    last = today.replace(day=1) - DAY
    return last.replace(day=1), last


PERIODS: Mapping[str, Period] = {
    "today": Period("today", lambda today: (today, today)),
    "yesterday": Period("yesterday", lambda today: (today - DAY, today - DAY)),
    "last-7-days": _latest(7),
    "last-30-days": _latest(30),
    "last-90-days": _latest(90),
    "this-month": Period("this month", lambda today: (today.replace(day=1), today)),
    "last-month": Period("last month", _last_month),
    "this-year": Period("this year", lambda today: (today.replace(month=1, day=1), today)),
}
