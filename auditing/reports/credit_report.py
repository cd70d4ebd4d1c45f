"""The credit report: what jobs of a period cost, told apart as asked, each figure with what it rests on."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from auditing.access import Person
from auditing.records import Status
from auditing.reports.asked import Asked, group_words
from auditing.reports.charts import Chart, Point, Time, stacked
from auditing.reports.naming import Name, list_query, names_of, question_of, stretches
from auditing.reports.periods import UNDATED, Period
from auditing.reports.questions import TIMES, Dimension
from auditing.reports.totals import NOTHING, Cell, Credits, Output, Part, Sums, totals

MOST_LINES = 200
MOST_SERIES = 6
UNRESOLVED = (Status.PENDING, Status.PROCESSING, Status.UNKNOWN, None)


@dataclass(frozen=True, slots=True)
class Line:
    """One group of a report, or its total: `names` has a word for each dimension, `query` the list's query
    string for its rows; `share` are thousandths of the largest group's net credits, which are thousandths
    themselves, like all credits here."""

    names: tuple[str, ...]
    query: str
    cell: Cell
    documented: bool
    share: int = 0

    @property
    def jobs(self) -> int:
        """How many jobs there are, whatever is known of them."""
        return self.cell.jobs

    @property
    def credits(self) -> Credits:
        """What all its jobs cost."""
        return self.cell.credits(documented=self.documented)

    @property
    def completed(self) -> Credits:
        """What its completed jobs cost."""
        return self.cell.credits(Status.COMPLETED, documented=self.documented)

    @property
    def failed(self) -> Credits:
        """What its failed jobs cost."""
        return self.cell.credits(Status.FAILED, documented=self.documented)

    @property
    def completed_jobs(self) -> int:
        """How many of its jobs were completed."""
        return self.cell.jobs_of(Status.COMPLETED)

    @property
    def failed_jobs(self) -> int:
        """How many of its jobs failed."""
        return self.cell.jobs_of(Status.FAILED)

    @property
    def unresolved(self) -> int:
        """How many of its jobs can still change: under way, or not understood or looked up yet."""
        return self.cell.jobs_of(*UNRESOLVED)

    @property
    def output(self) -> Output:
        """Its completed videos."""
        return self.cell.output(documented=self.documented)

    @property
    def per_video(self) -> int | None:
        """Thousandths of credits a completed video whose credits are known; None without any."""
        known = self.completed
        return None if known.net is None else round(known.net / known.known)

    @property
    def per_second(self) -> int | None:
        """Thousandths of credits a second of completed video, where credits and duration are known."""
        made = self.output
        if made.rated_credits is None or not made.rated_milliseconds:
            return None
        return round(made.rated_credits * 1000 / made.rated_milliseconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditReport:
    """A report for one person: its `lines` in order, what they come to, and the same of the period before
    (None where there is none). `undated` are jobs of no day, of the same filter, which only a report of
    all time has; `unresolved_query` leads to jobs that can still change. `zone` cuts its days, and it is
    `as_of` a moment.
    """

    asked: Asked
    lines: tuple[Line, ...]
    total: Line
    before: Line | None
    before_period: Period | None
    undated: Line
    unresolved_query: str
    chart: Chart
    zone: ZoneInfo
    as_of: datetime

    @property
    def undated_jobs(self) -> int:
        """How many jobs have no day."""
        return self.undated.jobs

    @property
    def has_undated(self) -> bool:
        """Whether jobs of no day are among the lines: at no time of the chart, they are."""
        return self.asked.period == Period()

    @property
    def shown(self) -> tuple[Line, ...]:
        """The lines that a page has room for."""
        return self.lines[:MOST_LINES]

    @property
    def heads(self) -> list[str]:
        """What the lines are told apart by."""
        return [group_words(one) for one in self.asked.group_by]

    @property
    def change(self) -> int | None:
        """By how many thousandths of credits the net total is above the period before; None if not known."""
        net, before = self.total.credits.net, self.before.credits.net if self.before else None
        return None if net is None or before is None else net - before


def credit_report(person: Person, asked: Asked, as_of: datetime) -> CreditReport:
    """What this person may see of what is asked for, as of now, in four statements and names.

    Raises OtherZone when the rollups' days are cut by another zone than is set.
    """
    zone = ZoneInfo(settings.REPORT_TIME_ZONE)
    cells = _ask(person, asked, asked.period, asked.group_by)
    before = asked.period.before() if asked.period.first and asked.period.last else None
    return CreditReport(
        asked=asked,
        lines=_lines(asked, cells, zone),
        total=_total(asked, cells, asked.period, zone),
        before=_total(asked, _ask(person, asked, before, ()), before, zone) if before else None,
        before_period=before,
        undated=_total(asked, _ask(person, asked, UNDATED, ()), UNDATED, zone),
        unresolved_query=_unresolved(asked, zone),
        chart=_chart(person, asked, zone),
        zone=zone,
        as_of=as_of,
    )


def _ask(person: Person, asked: Asked, period: Period, group_by: tuple[Dimension, ...]) -> list[Cell]:
    return totals(person, question_of(asked.filter, period, group_by, person))


def _total(asked: Asked, cells: Iterable[Cell], period: Period, zone: ZoneInfo) -> Line:
    return Line(("All",), list_query(asked.filter, period, (), zone), together(cells), asked.documented)


def _unresolved(asked: Asked, zone: ZoneInfo) -> str:
    live = asked.filter if asked.filter.status else replace(asked.filter, status=UNRESOLVED)
    return list_query(live, asked.period, (), zone)


def together(cells: Iterable[Cell]) -> Cell:
    """These groups as one."""
    parts: dict[Part, Sums] = {}
    for cell in cells:
        for part, sums in cell.parts.items():
            parts[part] = parts.get(part, NOTHING).plus(sums)
    return Cell((), parts)


def _lines(asked: Asked, cells: Sequence[Cell], zone: ZoneInfo) -> tuple[Line, ...]:
    """Each group by name: in order of time where time comes first, else the most expensive first."""
    names = [
        names_of(dimension, (cell.key[place] for cell in cells))
        for place, dimension in enumerate(asked.group_by)
    ]
    lines = []
    for cell in cells if asked.group_by else ():
        of_cell = [names[place][value] for place, value in enumerate(cell.key)]
        lines.append(
            Line(
                tuple(name.words for name in of_cell),
                list_query(asked.filter, asked.period, of_cell, zone),
                cell,
                asked.documented,
            )
        )
    largest = max((line.credits.net or 0 for line in lines), default=0) or 1
    lines = [replace(line, share=max(line.credits.net or 0, 0) * 1000 // largest) for line in lines]
    return tuple(_ordered(asked.group_by, lines))


def _ordered(group_by: tuple[Dimension, ...], lines: list[Line]) -> list[Line]:
    """In the order of time where that comes first (cells come so); else the most expensive first, by its
    first name where the second is a time."""
    if group_by and group_by[0] in TIMES:
        return lines
    if len(group_by) > 1 and group_by[1] in TIMES:
        sums: dict[str, int] = defaultdict(int)
        for line in lines:
            sums[line.names[0]] += line.credits.net or 0
        return sorted(lines, key=lambda line: (-sums[line.names[0]], line.names[0]))
    return sorted(lines, key=lambda line: (-(line.credits.net or 0), -line.jobs, line.names))


def _chart(person: Person, asked: Asked, zone: ZoneInfo) -> Chart:
    """Net credits over time, stacked by the first group that is no stretch of time."""
    by = asked.chart_by
    split = next((one for one in asked.group_by if one not in TIMES), None)
    cells = _ask(person, asked, asked.period, (by, split) if split else (by,))
    dated = [cell for cell in cells if cell.key[0] is not None]
    present: set[Any] = {cell.key[0] for cell in dated}
    times = names_of(by, stretches(by, asked.period, present))
    series: dict[Any, Name] = {None: Name("Net credits", {})}
    if split:
        series = names_of(split, (cell.key[1] for cell in dated))
    points = [
        Point(
            time=cell.key[0],
            series=series[cell.key[1] if split else None].words,
            value=cell.credits(documented=asked.documented).net or 0,
        )
        for cell in dated
    ]
    labels = [
        Time(time, name.words, name.short, list_query(asked.filter, asked.period, (name,), zone))
        for time, name in sorted(times.items())
    ]
    return stacked(points, labels, MOST_SERIES)
