"""The timing report: how long jobs of a period waited and ran, how many failed, apart as asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from auditing.access import Person
from auditing.records import Status
from auditing.reports.asked import Asked, group_words
from auditing.reports.charts import Curves, Moment, curves
from auditing.reports.hours import Hours, hours_of_the_week
from auditing.reports.naming import Name, list_query, names_of, question_of, stretches
from auditing.reports.periods import UNDATED, Period
from auditing.reports.questions import TIMES
from auditing.reports.timings import Timings, timings
from auditing.reports.totals import Cell, totals
from auditing.rollups import Histogram
from auditing.rollups.histograms import EMPTY

MOST_LINES = 200
PERCENTILES = (50, 90, 95, 99)
NO_JOBS = Timings((), 0, 0, EMPTY, EMPTY)


@dataclass(frozen=True, slots=True)
class Times:
    """One group of a report, or its total: `names` has a word for each dimension, `query` the list's query
    string for its rows, `impossible_query` that of those whose times can't be true."""

    names: tuple[str, ...]
    query: str
    impossible_query: str
    timings: Timings
    cell: Cell = field(default_factory=lambda: Cell((), {}))

    @property
    def completed_jobs(self) -> int:
        """How many of its jobs were completed."""
        return self.cell.jobs_of(Status.COMPLETED)

    @property
    def failed_jobs(self) -> int:
        """How many of its jobs failed."""
        return self.cell.jobs_of(Status.FAILED)

    @property
    def failed_share(self) -> int | None:
        """How many thousandths of its finished jobs failed; None where none is finished."""
        finished = self.completed_jobs + self.failed_jobs
        return round(self.failed_jobs * 1000 / finished) if finished else None

    @property
    def waiting(self) -> list[int | None]:
        """The percentiles of waiting, in milliseconds, within 2 %; None where no time is known."""
        return _percentiles(self.timings.waiting)

    @property
    def running(self) -> list[int | None]:
        """The percentiles of running."""
        return _percentiles(self.timings.running)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingReport:
    """A report for one person: its `lines` in order and what they come to; `waiting` and `running` over time
    as pictures. `undated_jobs` have no day: only a report of all time has them. `hours` tell when jobs
    were created, by hour of the week. Which were the slowest and which are stuck, and how fresh the total is,
    only the rows know: `extremes` and `freshness` ask them.
    """

    asked: Asked
    lines: tuple[Times, ...]
    total: Times
    undated_jobs: int
    hours: Hours
    waiting: Curves
    running: Curves
    zone: ZoneInfo
    as_of: datetime

    @property
    def has_undated(self) -> bool:
        """Whether jobs of no day are among the lines: at no time of the pictures, they are."""
        return self.asked.period == Period()

    @property
    def shown(self) -> tuple[Times, ...]:
        """The lines that a page has room for."""
        return self.lines[:MOST_LINES]

    @property
    def heads(self) -> list[str]:
        """What the lines are told apart by."""
        return [group_words(one) for one in self.asked.group_by]


def timing_report(person: Person, asked: Asked, as_of: datetime) -> TimingReport:
    """What this person may see of what is asked for, as of now, in seven statements and names.

    Raises OtherZone when the rollups' days are cut by another zone than is set.
    """
    zone = ZoneInfo(settings.REPORT_TIME_ZONE)
    undated = totals(person, question_of(asked.filter, UNDATED, (), person))
    together = question_of(asked.filter, asked.period, (), person)
    total = _line(asked, (), next(iter(timings(person, together)), NO_JOBS), totals(person, together), zone)
    waiting, running = _curves(person, asked, zone)
    return TimingReport(
        asked=asked,
        lines=_lines(person, asked, zone),
        total=total,
        undated_jobs=sum(cell.jobs for cell in undated),
        hours=hours_of_the_week(person, together),
        waiting=waiting,
        running=running,
        zone=zone,
        as_of=as_of,
    )


def _query(asked: Asked, names: Sequence[Name], zone: ZoneInfo, **narrowed: Any) -> str:
    """The list's query string for these names' rows, and of them only those that are narrowed down to."""
    return list_query(replace(asked.filter, **narrowed), asked.period, names, zone)


def _percentiles(histogram: Histogram) -> list[int | None]:
    found = [histogram.percentile(percent) for percent in PERCENTILES]
    return [None if one is None else round(one) for one in found]


def _line(
    asked: Asked, names: Sequence[Name], times: Timings, cells: Sequence[Cell], zone: ZoneInfo
) -> Times:
    return Times(
        tuple(name.words for name in names) or ("All",),
        _query(asked, names, zone),
        _query(asked, names, zone, flag=("impossible_times",)),
        times,
        cells[0] if cells else Cell((), {}),
    )


def _lines(person: Person, asked: Asked, zone: ZoneInfo) -> tuple[Times, ...]:
    """Each group by name: in order of time where time comes first, else those with the most jobs first."""
    if not asked.group_by:
        return ()
    question = question_of(asked.filter, asked.period, asked.group_by, person)
    found = timings(person, question)
    cells = {cell.key: cell for cell in totals(person, question)}
    names = [
        names_of(dimension, (one.key[place] for one in found))
        for place, dimension in enumerate(asked.group_by)
    ]
    lines = [
        _line(
            asked,
            [names[place][value] for place, value in enumerate(one.key)],
            one,
            [cells[one.key]] if one.key in cells else [],
            zone,
        )
        for one in found
    ]
    if asked.group_by[0] in TIMES:
        return tuple(lines)
    return tuple(sorted(lines, key=lambda line: (-line.timings.jobs, line.names)))


def _curves(person: Person, asked: Asked, zone: ZoneInfo) -> tuple[Curves, Curves]:
    """The percentiles of waiting and running over time."""
    by = asked.chart_by
    dated: dict[Any, Timings] = {
        one.key[0]: one
        for one in timings(person, question_of(asked.filter, asked.period, (by,), person))
        if one.key[0] is not None
    }
    times = stretches(by, asked.period, list(dated))
    names = names_of(by, times)
    moments = [
        Moment(
            names[time].words, names[time].short, list_query(asked.filter, asked.period, (names[time],), zone)
        )
        for time in times
    ]
    found = [dated.get(time, NO_JOBS) for time in times]
    words = [f"p{percent}" for percent in PERCENTILES]
    return (
        curves(moments, words, [_percentiles(one.waiting) for one in found]),
        curves(moments, words, [_percentiles(one.running) for one in found]),
    )
