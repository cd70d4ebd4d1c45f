"""The jobs of a timing report that ran the longest, and those that are stuck now."""

from dataclasses import dataclass, replace
from functools import partial
from zoneinfo import ZoneInfo

from auditing.access import Person, visible_to
from auditing.filters import GenerationFilter
from auditing.filters.budget import Budget
from auditing.filters.paging import BoundedCount
from auditing.filters.rows import Row
from auditing.records import Flag
from auditing.reports.asked import Asked
from auditing.reports.naming import list_filter, list_query
from auditing.reports.periods import Period

SHOWN = 10
SECONDS, EACH = 1.0, 0.6


@dataclass(frozen=True, slots=True)
class Jobs:
    """The first rows of a list, how many it has, and its query string. `count` is None where finding them
    takes too long: the list finds them all the same."""

    rows: tuple[Row, ...]
    count: BoundedCount | None
    query: str


@dataclass(frozen=True, slots=True)
class Extremes:
    """The slowest jobs of the period, of which it is known how long they ran and whose times can be true; and
    the oldest of those that are stuck now, whatever their day."""

    slowest: Jobs
    stuck: Jobs


def extremes(person: Person, asked: Asked, zone: ZoneInfo) -> Extremes:
    """Both, as the list finds them, each in its share of a second."""
    possible = tuple(dict.fromkeys((*asked.filter.flag_not, Flag.IMPOSSIBLE_TIMES.value)))
    slow = replace(asked.filter, sort="-processing_seconds", flag_not=possible)
    if slow.processing_min is None:
        slow = replace(slow, processing_min=0)
    stuck = replace(asked.filter, sort="created_at", flag=("stuck",))
    with Budget(SECONDS, EACH) as budget:
        return Extremes(
            slowest=_found(person, slow, asked.period, zone, budget),
            stuck=_found(person, stuck, Period(), zone, budget),
        )


def _found(person: Person, wanted: GenerationFilter, period: Period, zone: ZoneInfo, budget: Budget) -> Jobs:
    query = list_query(wanted, period, (), zone)
    first = replace(list_filter(wanted, period, (), zone), per_page=SHOWN)
    page = budget.ask(partial(first.page, visible_to(person)))
    return Jobs(tuple(page.rows), page.count, query) if page else Jobs((), None, query)
