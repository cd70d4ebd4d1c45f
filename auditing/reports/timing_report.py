"""The timing report: how long jobs of a period waited and ran, how many failed, apart as asked."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from auditing.access import Person
from auditing.reports.asked import Asked, group_words
from auditing.reports.charts import Curves, Moment, curves
from auditing.reports.hours import Hours, hours_of_the_week
from auditing.reports.leading import Leading, leading
from auditing.reports.naming import Lists, Name, Names, question_of, stretches
from auditing.reports.outcomes import Outcomes, outcomes
from auditing.reports.periods import UNDATED, Period
from auditing.reports.questions import TIMES, Question
from auditing.reports.ranking import Order, Standings
from auditing.reports.timings import NO_JOBS, Timings, timings, together
from auditing.reports.totals import Cell, totals_of_each
from auditing.rollups import Histogram, zone_checked

PERCENTILES = (50, 90, 95, 99)

type _Named = tuple[Outcomes, Sequence[Name]]
"""A group, and its name in each dimension."""


@dataclass(frozen=True, slots=True)
class Times:
    """One group of a report, or its total: `names` has a word for each dimension, `query` the list's query
    string for its rows, `impossible_query` that of those whose times can't be true (empty without any)."""

    names: tuple[str, ...]
    query: str
    impossible_query: str
    timings: Timings
    outcomes: Outcomes

    @property
    def completed_jobs(self) -> int:
        """How many of its jobs were completed."""
        return self.outcomes.completed

    @property
    def failed_jobs(self) -> int:
        """How many of its jobs failed."""
        return self.outcomes.failed

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
    """A report for one person: the first `lines` of so `many` in order (None: of more, which nobody counted)
    and what all come to, of which totals have the `cell`; `waiting` and `running` over time as pictures.
    `undated_jobs` have no day: only a report of all time has them. `hours` tell when jobs were created, by
    hour of the week. Which were the slowest and which are stuck, and how fresh the total is, only the rows
    know: `extremes` and `freshness` ask them.
    """

    asked: Asked
    lines: tuple[Times, ...]
    many: int | None
    total: Times
    cell: Cell
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
    def has_more(self) -> bool:
        """Whether there are more groups than lines."""
        return self.many is None or self.many > len(self.lines)

    @property
    def heads(self) -> list[str]:
        """What the lines are told apart by."""
        return [group_words(one) for one in self.asked.group_by]


@zone_checked()
def timing_report(person: Person, asked: Asked, as_of: datetime, most: int | None = None) -> TimingReport:
    """What this person may see of what is asked for, as of now, with its first `most` lines (None: all); in
    six statements and names.

    Raises OtherZone when the rollups' days are cut by another zone than is set.
    """
    zone = ZoneInfo(settings.REPORT_TIME_ZONE)
    names = Names()
    all_of_it = question_of(asked.filter, asked.period, (), person)
    cell, undated = totals_of_each(person, [all_of_it, replace(all_of_it, period=UNDATED)])
    lists = _Lists.of(asked, zone)
    over_time = timings(person, replace(all_of_it, group_by=(asked.chart_by,)))
    waiting, running = _curves(asked, over_time, names, lists)
    question = replace(all_of_it, group_by=asked.group_by)
    found = _found(person, question, most)
    shown = _named(question, found.cells, names)[:most]
    is_as_drawn = question.group_by == (asked.chart_by,)
    times = over_time if is_as_drawn else _times(person, question, shown, found.many)
    known = {one.key: one for one in times}
    return TimingReport(
        asked=asked,
        lines=tuple(lists.line(words, known.get(ended.key, NO_JOBS), ended) for ended, words in shown),
        many=found.many,
        total=lists.line((), together(over_time), Outcomes.of(cell)),
        cell=cell,
        undated_jobs=undated.jobs,
        hours=hours_of_the_week(person, all_of_it),
        waiting=waiting,
        running=running,
        zone=zone,
        as_of=as_of,
    )


@dataclass(frozen=True, slots=True)
class _Lists:
    """The query strings of the lists that show a report's rows, and those whose times can't be true."""

    period: Period
    every: Lists
    impossible: Lists

    @classmethod
    def of(cls, asked: Asked, zone: ZoneInfo) -> "_Lists":
        impossible = replace(asked.filter, flag=("impossible_times",))
        return cls(asked.period, Lists(asked.filter, zone), Lists(impossible, zone))

    def line(self, names: Sequence[Name], times: Timings, ended: Outcomes) -> Times:
        return Times(
            tuple(name.words for name in names) or ("All",),
            self.every.query(self.period, names),
            self.impossible.query(self.period, names) if times.impossible else "",
            times,
            ended,
        )


def _percentiles(histogram: Histogram) -> list[int | None]:
    return [None if one is None else round(one) for one in histogram.percentiles(PERCENTILES)]


def _found(person: Person, question: Question, most: int | None) -> Leading[Outcomes]:
    """The groups that the lines are made of: those that the first `most` are among."""
    if not question.group_by:
        return Leading((), 0)
    if most is None:
        every = outcomes(person, question)
        return Leading(every, len(every))
    return leading(person, Standings(person, question, only_jobs=True), Order.BUSIEST, most, outcomes)


def _times(person: Person, question: Question, shown: Sequence[_Named], many: int | None) -> list[Timings]:
    """The times of the groups that are shown, out of so many."""
    keys = [ended.key for ended, _ in shown]
    return timings(person, question, None if len(keys) == many else keys) if keys else []


def _named(question: Question, found: Sequence[Outcomes], names: Names) -> Sequence[_Named]:
    """The groups with a name for each dimension: in the order of time where that comes first (they come so);
    else those with the most jobs first, by their first name where the second is a time."""
    first, *second = question.group_by or (None,)
    known = [names.of(one, {ended.key[at] for ended in found}) for at, one in enumerate(question.group_by)]
    named = [(ended, [known[at][value] for at, value in enumerate(ended.key)]) for ended in found]
    if first in TIMES:
        return named
    if not second or second[0] not in TIMES:
        return sorted(named, key=lambda one: (-one[0].jobs, [name.words for name in one[1]]))
    jobs: dict[object, int] = defaultdict(int)
    for ended in found:
        jobs[ended.key[0]] += ended.jobs
    return sorted(named, key=lambda one: (-jobs[one[0].key[0]], one[1][0].words))


def _curves(asked: Asked, over_time: Sequence[Timings], names: Names, lists: _Lists) -> tuple[Curves, Curves]:
    """The percentiles of waiting and running over time."""
    by, period = asked.chart_by, asked.period
    dated: dict[Any, Timings] = {one.key[0]: one for one in over_time if one.key[0] is not None}
    times = stretches(by, period, list(dated))
    named = names.of(by, times)
    moments = [
        Moment(named[time].words, named[time].short, lists.every.query(period, (named[time],)))
        for time in times
    ]
    found = [dated.get(time, NO_JOBS) for time in times]
    words = [f"p{percent}" for percent in PERCENTILES]
    return (
        curves(moments, words, [_percentiles(one.waiting) for one in found]),
        curves(moments, words, [_percentiles(one.running) for one in found]),
    )
