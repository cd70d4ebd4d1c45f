"""Periods in whole days of the report zone, and how they part into months and days."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from auditing.rollups import Grain

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included and None for no end, as one cuboid's grain has them."""

    grain: Grain
    first: date | None
    last: date | None
    is_undated: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included; None has no end on that side.

    Jobs whose day is unknown are in no period that has an end: ask for them with `UNDATED`, and say so
    beside. A period without ends has everything, them included.
    """

    first: date | None = None
    last: date | None = None
    is_undated: bool = False

    @property
    def length(self) -> int | None:
        """How many days it has; None for one without both ends."""
        return (self.last - self.first).days + 1 if self.first and self.last else None

    def before(self) -> "Period":
        """The period of equal length that ends the day before; for whole months, as many months.

        Raises ValueError for a period without both ends.
        """
        if self.first is None or self.last is None:
            raise ValueError("a period without an end has none before it")
        last = self.first - ONE_DAY
        if self.first.day == 1 and (self.last + ONE_DAY).day == 1:
            months = _month_number(self.last) - _month_number(self.first) + 1
            year, month = divmod(_month_number(self.first) - months, 12)
            return Period(date(year, month + 1, 1), last)
        return Period(self.first - (self.last - self.first) - ONE_DAY, last)

    def spans(self, grain: Grain) -> Iterator[Span]:
        """The period in whole weeks or months and the days around them; for the grain of days, in days."""
        days = Span(Grain.DAY, self.first, self.last, self.is_undated)
        first = self.first and _begin_from(self.first, grain)
        last = self.last and _begin_from(self.last + ONE_DAY, grain, is_next=False) - ONE_DAY
        if grain is Grain.DAY or self.is_undated or (first and last and last < first):
            yield days
            return
        if self.first and first and first > self.first:
            yield Span(Grain.DAY, self.first, first - ONE_DAY)
        yield Span(grain, first, last)
        if self.last and last and last < self.last:
            yield Span(Grain.DAY, last + ONE_DAY, self.last)

    def moments(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """The moment at which the period begins, and the one at which it is over."""
        begins = datetime.combine(self.first, time.min, zone).astimezone(UTC) if self.first else None
        after = self.last + ONE_DAY if self.last else None
        return begins, datetime.combine(after, time.min, zone).astimezone(UTC) if after else None


UNDATED = Period(is_undated=True)
"""The jobs whose day of creation is unknown."""


def month_of(day: date) -> Period:
    """The calendar month of a day."""
    return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _begin_from(day: date, grain: Grain, *, is_next: bool = True) -> date:
    """The first day of the week or month that begins on this day, else of the next (or the present) one."""
    if grain is Grain.WEEK:
        begin, following = day - timedelta(days=day.weekday()), day + timedelta(days=7 - day.weekday())
    else:
        begin = day.replace(day=1)
        following = (begin + timedelta(days=31)).replace(day=1)
    return following if is_next and begin < day else begin
