"""The jobs of a timing report that ran the longest, and those that are stuck now."""

from dataclasses import dataclass, replace
from functools import partial
from zoneinfo import ZoneInfo

from auditing.access import Person, sees_everything, visible_to
from auditing.filters import GenerationFilter
from auditing.filters.budget import Budget
from auditing.filters.paging import BoundedCount, Place, bounded_count, fetch_slice
from auditing.filters.rows import Row
from auditing.records import Flag
from auditing.reports.asked import Asked
from auditing.reports.naming import list_filter, list_query, question_of
from auditing.reports.periods import Period
from auditing.reports.questions import Dimension
from auditing.reports.timings import NO_JOBS, Timings, timings

SHOWN = 10
FEW = 50
MANY_OF_ALL = 25_000
SOON = 0.2
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
    """Both, as the list finds them, each in its share of a second.

    Raises OtherZone when the rollups' days are cut by another zone than is set.
    """
    stuck = replace(asked.filter, sort="created_at", flag=("stuck",))
    with Budget(SECONDS, EACH) as budget:
        return Extremes(
            slowest=_slowest(person, asked, zone, budget),
            stuck=_found(person, stuck, Period(), zone, budget),
        )


def _slowest(person: Person, asked: Asked, zone: ZoneInfo, budget: Budget) -> Jobs:
    """How many they are is told by rollups, and which they are by indexes, which do not know whose times are
    impossible: where they are few, these are left out afterwards. All others are found as lists are."""
    possible = tuple(dict.fromkeys((*asked.filter.flag_not, Flag.IMPOSSIBLE_TIMES.value)))
    slow = replace(asked.filter, sort="-processing_seconds", flag_not=possible)
    if slow.processing_min is None:
        slow = replace(slow, processing_min=0)
    times = budget.ask(partial(_times, person, asked))
    if times is None or times.impossible > FEW:
        return _found(person, slow, asked.period, zone, budget)
    query = list_query(slow, asked.period, (), zone)
    listed = list_filter(slow, asked.period, (), zone)
    rows = budget.ask(partial(_longest, person, listed, times))
    count = budget.ask(partial(_count, person, listed, times))
    return Jobs((), None, query) if rows is None or count is None else Jobs(rows, count, query)


def _times(person: Person, asked: Asked) -> Timings | None:
    """What rollups tell of the times of what is asked; None where they do not tell that apart."""
    question = question_of(asked.filter, asked.period, (), person)
    if question.rows is not None or Dimension.PROJECT in question.only:
        return None
    return next(iter(timings(person, question)), NO_JOBS)


def _longest(person: Person, listed: GenerationFilter, times: Timings) -> tuple[Row, ...]:
    """The first rows of the list: a team's or a person's are all looked through in an index of theirs, unless
    so many are among everybody's slowest that a few come by soon."""
    number = times.running.jobs + times.impossible
    walks = 0 if number < MANY_OF_ALL and not sees_everything(person) else SOON
    rows = replace(listed, flag_not=()).apply(visible_to(person))
    place = Place(listed.sort, None, None, SHOWN + times.impossible)
    found = fetch_slice(rows, place, BoundedCount.of(number), narrowed=True, walks=walks).rows
    return tuple(row for row in found if Flag.IMPOSSIBLE_TIMES.value not in row.flags)[:SHOWN]


def _count(person: Person, listed: GenerationFilter, times: Timings) -> BoundedCount:
    """How many the list has: of impossible times it leaves out those that are flagged."""
    told = BoundedCount.of(times.running.jobs)
    is_all = told.more or not times.impossible
    return told if is_all else bounded_count(listed.apply(visible_to(person)))


def _found(person: Person, wanted: GenerationFilter, period: Period, zone: ZoneInfo, budget: Budget) -> Jobs:
    query = list_query(wanted, period, (), zone)
    first = replace(list_filter(wanted, period, (), zone), per_page=SHOWN)
    page = budget.ask(partial(first.page, visible_to(person)))
    return Jobs(tuple(page.rows), page.count, query) if page else Jobs((), None, query)
