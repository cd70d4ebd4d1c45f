"""A number and the way to its rows."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from auditing.filters import GenerationFilter
from auditing.filters.outcomes import sought_by_lookups
from auditing.filters.paging import COUNT_CAP, BoundedCount, bounded_count
from auditing.models import Generation


@dataclass(frozen=True, slots=True)
class Number:
    """How many rows there are, `more` when above it; and the query string of the list that shows them."""

    value: int
    query: str
    more: bool = False

    def __str__(self) -> str:
        return f"{self.value:,}+" if self.more else f"{self.value:,}"


@dataclass(frozen=True, slots=True)
class Links:
    """Makes filters for a viewer in `viewer`, as of `now`, with days as reports have them, of `report`."""

    viewer: ZoneInfo
    report: ZoneInfo
    now: datetime = field(compare=False)

    @property
    def today(self) -> date:
        """The day that it is in reports."""
        return self.now.astimezone(self.report).date()

    def to(self, **wanted: Any) -> GenerationFilter:
        """The filter that wants this; its address names the zone of days where that isn't the viewer's."""
        has_days = "created_from" in wanted
        zone = self.report if has_days else self.viewer
        return GenerationFilter(zone=zone, usual_zone=self.viewer, now=self.now, **wanted)

    def among(self, first: date, last: date, **wanted: Any) -> GenerationFilter:
        """The same of what was created on these days, both included."""
        return self.to(created_from=first, created_to=last, **wanted)


def counted(wanted: GenerationFilter, visible: QuerySet[Generation], *by_index: Q) -> Number:
    """How many of these rows, all that who acts may see, are wanted, up to the cap. `by_index` says of the
    same rows in other words what an index is made for."""
    by_lookups = sought_by_lookups(wanted, (), COUNT_CAP)
    if by_lookups is not None and by_lookups.number is not None:
        count = BoundedCount.of(by_lookups.number)
    else:
        count = bounded_count(wanted.apply(visible).filter(*by_index))
    return Number(count.number, wanted.canonical(), count.more)
