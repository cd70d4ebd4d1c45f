"""The credit report: what jobs of a period cost, told apart as asked, each figure with what it rests on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from auditing.access import Person
from auditing.models import AccountPrice
from auditing.reports.asked import Asked, group_words
from auditing.reports.charts import Chart, Point, Time, stacked
from auditing.reports.groups import Groups, Paid
from auditing.reports.lines import Line
from auditing.reports.money import costs, prices_of
from auditing.reports.naming import Lists, Name, Names, narrowed, question_of, stretches
from auditing.reports.periods import UNDATED, Period
from auditing.reports.questions import Dimension, Question
from auditing.reports.totals import Cell, totals, totals_of_each

MOST_LINES = 200
MOST_SERIES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditReport:
    """A report for one person: the first `lines` of so `many` in order, what all of them come to, and the
    same of the period before (None where there is none). `undated` are jobs of no day, of the same filter,
    which only a report of all time has. `currencies` are all that any of it was paid in, and `has_prices` is
    False where no account has a price: then nothing is said of money. `zone` cuts its days, and it is `as_of`
    a moment. How fresh its total is only the rows know: `freshness` asks them.
    """

    asked: Asked
    lines: tuple[Line, ...]
    many: int
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
    def heads(self) -> list[str]:
        """What the lines are told apart by."""
        return [group_words(one) for one in self.asked.group_by]

    @property
    def change(self) -> int | None:
        """By how many thousandths of credits the net total is above the period before; None if not known."""
        net, before = self.total.credits.net, self.before.credits.net if self.before else None
        return None if net is None or before is None else net - before


def credit_report(person: Person, asked: Asked, as_of: datetime, most: int | None = None) -> CreditReport:
    """What this person may see of what is asked for, as of now, with its first `most` lines (None: all); in
    three statements and names, and three more where any account has a price.

    Raises OtherZone when the rollups' days are cut by another zone than is set.
    """
    zone = ZoneInfo(settings.REPORT_TIME_ZONE)
    prices = prices_of(person, asked.period)
    question = question_of(asked.filter, asked.period, asked.group_by, person)
    cells, paid = totals(person, question), _paid(person, question, prices)
    before = asked.period.before() if asked.period.first and asked.period.last else None
    others = [replace(question, period=one, group_by=()) for one in (UNDATED, before) if one]
    beside = list(
        zip(totals_of_each(person, others), (_paid(person, one, prices) for one in others), strict=True)
    )
    groups = Groups(
        asked,
        Lists(asked.filter, zone),
        Names(),
        _currencies(paid, *(spent for _, spent in beside[1:])),
    )
    undated, *of_before = (
        groups.total([cell], spent, one.period) for one, (cell, spent) in zip(others, beside, strict=True)
    )
    return CreditReport(
        asked=asked,
        lines=groups.lines(cells, paid, most),
        many=len(cells) if asked.group_by else 0,
        total=groups.total(cells, paid, asked.period),
        before=of_before[0] if of_before else None,
        before_period=before,
        undated=undated,
        currencies=groups.currencies,
        has_prices=bool(prices),
        chart=_chart(person, question, cells, groups),
        zone=zone,
        as_of=as_of,
    )


def _paid(person: Person, question: Question, prices: Sequence[AccountPrice]) -> Paid:
    """What the groups cost in money, where there is any price."""
    return costs(person, question, prices) if prices else {}


def _currencies(*paid: Paid) -> tuple[str, ...]:
    return tuple(sorted({one for groups in paid for spent in groups.values() for one in spent.currencies}))


def _chart(person: Person, question: Question, cells: Sequence[Cell], groups: Groups) -> Chart:
    """Net credits over time, stacked by the first group that is no stretch of time."""
    asked = groups.asked
    by, split = asked.chart_by, asked.split
    dated = [
        (*key, cell)
        for key, cell in _apart_by(person, question, cells, (by, split) if split else (by,))
        if key[0] is not None
    ]
    present: set[Any] = {time for time, *_ in dated}
    times = sorted(stretches(by, asked.period, present))
    named = groups.names.of(by, times)
    series: dict[Any, Name] = {None: Name("Net credits", {})}
    if split:
        values = {value for _, value, _ in dated}
        known = groups.names.of(split, values)
        series = {value: known[value] for value in values}
    points = [
        Point(
            time=time,
            series=series[value[0] if value else None].words,
            value=cell.credits(documented=asked.documented).net or 0,
        )
        for time, *value, cell in dated
    ]
    labels = [
        Time(time, named[time].words, named[time].short, groups.lists.query(asked.period, (named[time],)))
        for time in times
    ]
    wanted = _by_words(series.values())
    return stacked(points, labels, MOST_SERIES, lambda time, words: narrowed(time.query, wanted[words]))


def _apart_by(
    person: Person, question: Question, cells: Sequence[Cell], wanted: tuple[Dimension, ...]
) -> list[tuple[tuple[Any, ...], Cell]]:
    """The question's groups told apart by these instead, each with its key: asked for only where its own
    cells are of others."""
    if set(wanted) != set(question.group_by):
        question = replace(question, group_by=wanted)
        cells = totals(person, question)
    places = [question.group_by.index(one) for one in wanted]
    return [(tuple(cell.key[place] for place in places), cell) for cell in cells]


def _by_words(names: Iterable[Name]) -> dict[str, dict[str, tuple[str | None, ...]]]:
    """What wants the rows of each series: several groups may be called the same, and are one series then."""
    found: dict[str, dict[str, tuple[str | None, ...]]] = {}
    for name in names:
        wanted = found.setdefault(name.words, {})
        for key, values in name.wanted.items():
            wanted[key] = tuple(dict.fromkeys((*wanted.get(key, ()), *values)))
    return found
