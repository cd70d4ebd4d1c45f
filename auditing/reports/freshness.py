"""How fresh a report's total is: which of its jobs were looked up since they could have changed.

How many can still change is in the total itself (`unresolved`); the rest is told by few of many: by lookups
that are not settled, and by jobs under way.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from auditing.access import Person, visible_to
from auditing.filters import COUNT_CAP, GenerationFilter
from auditing.filters.budget import Budget
from auditing.filters.paging import BoundedCount
from auditing.filters.unsettled import Created, stale_count
from auditing.models import Generation
from auditing.records import LIVE
from auditing.reports.asked import Asked
from auditing.reports.naming import list_filter, list_query, question_of
from auditing.reports.totals import UNRESOLVED, Cell, totals

SECONDS, EACH = 1.0, 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """How many of a total's `jobs` can still change: they are under way, or were not understood or looked up
    well yet; and the query of the list that shows them."""

    jobs: int
    unresolved: int
    unresolved_query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness(Unresolved):
    """What a total rests on, as of the report's moment.

    `stale` were not looked up well since they could have changed (`filters.flags.stale`); None where it
    takes too long to count them. `oldest` is the longest ago that one under way was looked up well: of the
    `oldest_of` oldest (None: of all), None where none was, and `is_oldest_known` False where it takes too
    long to tell. `stale_query` is that of the list that shows the jobs; empty where no list can.
    """

    stale: BoundedCount | None
    oldest: datetime | None
    oldest_of: int | None
    is_oldest_known: bool
    stale_query: str

    @property
    def looked_up_share(self) -> int | None:
        """How many thousandths of the jobs were looked up since they could have changed, at most (so 1000
        only where all were); None without a job, or where that was not counted."""
        if not self.jobs or self.stale is None:
            return None
        return (self.jobs - min(self.stale.number, self.jobs)) * 1000 // self.jobs


def unresolved(asked: Asked, total: Cell, zone: ZoneInfo) -> Unresolved:
    """What the total of what is asked says itself."""
    return Unresolved(
        jobs=total.jobs,
        unresolved=total.jobs_of(*UNRESOLVED),
        unresolved_query=list_query(_unresolved(asked.filter), asked.period, (), zone),
    )


def freshness_of(person: Person, asked: Asked, zone: ZoneInfo) -> Freshness:
    """How fresh the total of what is asked is, for who has no report of it at hand."""
    cells = totals(person, question_of(asked.filter, asked.period, (), person))
    return freshness(person, asked, cells[0] if cells else Cell((), {}), zone)


def freshness(person: Person, asked: Asked, total: Cell, zone: ZoneInfo) -> Freshness:
    """How fresh this total of what is asked is, in bounded queries: counts stop at COUNT_CAP, and what takes
    longer than its share of a second stays unknown."""
    known = unresolved(asked, total, zone)
    rows = list_filter(asked.filter, asked.period, (), zone).apply(visible_to(person))
    created = Created(*asked.period.moments(zone), asked.period.is_undated)
    with Budget(SECONDS, EACH) as budget:
        counted = budget.ask(partial(stale_count, person, asked.filter, created, rows, asked.filter.now))
        oldest = budget.ask(partial(_oldest, rows))
    moment, is_of_all = oldest or (None, True)
    return Freshness(
        jobs=known.jobs,
        unresolved=known.unresolved,
        unresolved_query=known.unresolved_query,
        stale=counted,
        oldest=moment,
        oldest_of=None if is_of_all else COUNT_CAP,
        is_oldest_known=oldest is not None,
        stale_query=_stale_query(asked, zone),
    )


def _oldest(rows: QuerySet[Generation]) -> tuple[datetime | None, bool]:
    """The longest ago that one under way was looked up well, and whether all were asked. What has no status
    was never looked up well.

    Counts on the primary key of lookups, which is gone through once for all ids: a join of so many rows was
    planned as ten thousand searches, by several processes.
    """
    live = GenerationFilter(status=LIVE, sort="created_at").ordered(rows)[: COUNT_CAP + 1].values_list("pk")
    try:
        ids, values = live.query.sql_with_params()
    except EmptyResultSet:  # as of the teams of who is in none
        return None, True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT min(synced_at) FROM auditing_lookup WHERE generation_id = ANY (ids[:%s])),"  # noqa: S608 - our own names
            f" cardinality(ids) <= %s FROM (SELECT ARRAY({ids}) AS ids OFFSET 0) AS found",
            [COUNT_CAP, COUNT_CAP, *values],
        )
        moment, is_of_all = cursor.fetchone()
    return moment, is_of_all


def _stale_query(asked: Asked, zone: ZoneInfo) -> str:
    """Beside another flag no list can ask for this one too: flags mean any of them."""
    if asked.filter.flag not in ((), ("stale",)):
        return ""
    return list_query(replace(asked.filter, flag=("stale",)), asked.period, (), zone)


def _unresolved(wanted: GenerationFilter) -> GenerationFilter:
    of_these = tuple(word for word in UNRESOLVED if not wanted.status or word in wanted.status)
    return replace(wanted, status=of_these or wanted.status)
