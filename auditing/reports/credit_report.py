"""The credit report: what jobs of a period cost, told apart as asked, each figure with what it rests on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from auditing.access import Person
from auditing.models import AccountPrice
from auditing.reports.asked import Asked, group_words
from auditing.reports.charts import Chart, Point, Time, stacked
from auditing.reports.lines import Line
from auditing.reports.money import Costs, costs, prices_of
from auditing.reports.money import together as costs_together
from auditing.reports.naming import Name, list_query, names_of, narrowed, question_of, stretches
from auditing.reports.periods import UNDATED, Period
from auditing.reports.questions import TIMES, Dimension
from auditing.reports.totals import NOTHING, Cell, Part, Sums, totals

MOST_LINES = 200
MOST_SERIES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditReport:
    """A report for one person: its `lines` in order, what they come to, and the same of the period before
    (None where there is none). `undated` are jobs of no day, of the same filter, which only a report of
    all time has. `currencies` are all that any of it was paid in, and `has_prices` is False where no account
    has a price: then nothing is said of money. `zone` cuts its days, and it is `as_of` a moment. How fresh
    its total is only the rows know: `freshness` asks them.
    """

    asked: Asked
    lines: tuple[Line, ...]
    total: Line
    before: Line | None
    before_period: Period | None
    undated: Line
    currencies: tuple[str, ...]
    has_prices: bool
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
    """What this person may see of what is asked for, as of now, in four statements and names, and three
    more where any account has a price.

    Raises OtherZone when the rollups' days are cut by another zone than is set.
    """
    zone = ZoneInfo(settings.REPORT_TIME_ZONE)
    prices = prices_of(person, asked.period)
    cells, paid = _ask(person, asked, asked.period, asked.group_by, prices)
    total = _total(asked, cells, paid, asked.period, zone)
    before = asked.period.before() if asked.period.first and asked.period.last else None
    total_before = (
        _total(asked, *_ask(person, asked, before, (), prices), before, zone) if before is not None else None
    )
    undated = _total(asked, *_ask(person, asked, UNDATED, (), prices), UNDATED, zone)
    currencies = _currencies(total, total_before)
    return CreditReport(
        asked=asked,
        lines=tuple(replace(line, currencies=currencies) for line in _lines(asked, cells, paid, zone)),
        total=replace(total, currencies=currencies),
        before=replace(total_before, currencies=currencies) if total_before else None,
        before_period=before,
        undated=replace(undated, currencies=currencies),
        currencies=currencies,
        has_prices=bool(prices),
        chart=_chart(person, asked, zone),
        zone=zone,
        as_of=as_of,
    )


type Paid = Mapping[tuple[object, ...], Costs]


def _ask(
    person: Person,
    asked: Asked,
    period: Period,
    group_by: tuple[Dimension, ...],
    prices: Sequence[AccountPrice],
) -> tuple[list[Cell], Paid]:
    """The groups' jobs and credits and, where there is any price, what they cost."""
    question = question_of(asked.filter, period, group_by, person)
    return totals(person, question), costs(person, question, prices) if prices else {}


def _currencies(*lines: Line | None) -> tuple[str, ...]:
    return tuple(sorted({currency for line in lines if line for currency in line.costs.currencies}))


def _total(asked: Asked, cells: Iterable[Cell], paid: Paid, period: Period, zone: ZoneInfo) -> Line:
    query = list_query(asked.filter, period, (), zone)
    return Line(("All",), query, together(cells), asked.documented, costs=costs_together(paid.values()))


def together(cells: Iterable[Cell]) -> Cell:
    """These groups as one."""
    parts: dict[Part, Sums] = {}
    for cell in cells:
        for part, sums in cell.parts.items():
            parts[part] = parts.get(part, NOTHING).plus(sums)
    return Cell((), parts)


def _lines(asked: Asked, cells: Sequence[Cell], paid: Paid, zone: ZoneInfo) -> tuple[Line, ...]:
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
                costs=paid.get(cell.key, Costs()),
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
    by, split = asked.chart_by, asked.split
    cells, _ = _ask(person, asked, asked.period, (by, split) if split else (by,), ())
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
    wanted = _by_words(series.values())
    return stacked(points, labels, MOST_SERIES, lambda time, words: narrowed(time.query, wanted[words]))


def _by_words(names: Iterable[Name]) -> dict[str, dict[str, tuple[str | None, ...]]]:
    """What wants the rows of each series: several groups may be called the same, and are one series then."""
    found: dict[str, dict[str, tuple[str | None, ...]]] = {}
    for name in names:
        wanted = found.setdefault(name.words, {})
        for key, values in name.wanted.items():
            wanted[key] = tuple(dict.fromkeys((*wanted.get(key, ()), *values)))
    return found
