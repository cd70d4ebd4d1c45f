"""The credit report: what jobs of a period cost, told apart as asked, each figure with what it rests on."""

from collections import defaultdict
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
from auditing.reports.groups import Groups, Paid, PeriodTotal
from auditing.reports.leading import Leading, Nets, leading
from auditing.reports.lines import Line
from auditing.reports.money import costs, prices_of
from auditing.reports.money import together as costs_together
from auditing.reports.naming import Lists, Name, Names, Narrowing, question_of, stretches
from auditing.reports.periods import UNDATED, Period
from auditing.reports.questions import Dimension, Question
from auditing.reports.ranking import Order, Standings, largest
from auditing.reports.totals import Cell, totals, totals_of_each
from auditing.rollups import zone_checked

MOST_LINES = 200
MOST_SERIES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditReport:
    """A report for one person: the first `lines` of so `many` in order (None: of more, which nobody counted),
    what all of them come to, and the same of the period before (None where there is none). `undated` are jobs
    of no day, of the same filter, which only a report of all time has. `currencies` are all that any of it
    was paid in, and `has_prices` is False where no account has a price: then nothing is said of money. `zone`
    cuts its days, and it is `as_of` a moment. How fresh its total is only the rows know: `freshness` asks.
    """

    asked: Asked
    lines: tuple[Line, ...]
    many: int | None
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
    def has_more(self) -> bool:
        """Whether there are more groups than lines."""
        return self.many is None or self.many > len(self.lines)

    @property
    def heads(self) -> list[str]:
        """What the lines are told apart by."""
        return [group_words(one) for one in self.asked.group_by]

    @property
    def change(self) -> int | None:
        """By how many thousandths of credits the net total is above the period before; None if not known."""
        net, before = self.total.credits.net, self.before.credits.net if self.before else None
        return None if net is None or before is None else net - before


@zone_checked()
def credit_report(person: Person, asked: Asked, as_of: datetime, most: int | None = None) -> CreditReport:
    """What this person may see of what is asked for, as of now, with its first `most` lines (None: all); in
    six statements and names at most, and four more where any account has a price.

    Raises OtherZone when the rollups' days are cut by another zone than is set.
    """
    zone = ZoneInfo(settings.REPORT_TIME_ZONE)
    prices = prices_of(person, asked.period)
    question = question_of(asked.filter, asked.period, asked.group_by, person)
    standings = Standings(person, question, documented=asked.documented)
    nets = Nets(standings, documented=asked.documented)
    found = _groups(person, standings, nets, most)
    paid = _paid_for(person, question, found, prices)
    total, undated, *before = _totals(person, question, prices, paid if found.is_complete else {})
    groups = Groups(asked, Lists(asked.filter, zone), Names(), _currencies(total, *before))
    return CreditReport(
        asked=asked,
        lines=groups.lines(found.cells, paid, most),
        many=found.many,
        total=groups.total(total),
        before=groups.total(before[0]) if before else None,
        before_period=before[0].period if before else None,
        undated=groups.total(undated),
        currencies=groups.currencies,
        has_prices=bool(prices),
        chart=_chart(nets, groups),
        zone=zone,
        as_of=as_of,
    )


def _groups(person: Person, standings: Standings, nets: Nets, most: int | None) -> Leading[Cell]:
    """The groups that the lines are made of; where these are all, nobody has to ask for their sums again."""
    if not standings.question.group_by:
        return Leading((), 0)
    if most is None:
        cells = totals(person, standings.question)
        found = Leading(cells, len(cells))
    else:
        found = leading(person, standings, Order.DEAREST, most, totals)
    if found.is_complete:
        nets.learn(found.cells)
    return found


def _paid_for(
    person: Person, question: Question, found: Leading[Cell], prices: Sequence[AccountPrice]
) -> Paid:
    """What the groups cost in money, where there is any price."""
    if not prices or not found.cells:
        return {}
    keys = [cell.key for cell in found.cells]
    return costs(person, question if found.is_complete else question.among(keys), prices)


def _totals(
    person: Person, question: Question, prices: Sequence[AccountPrice], paid: Paid
) -> list[PeriodTotal]:
    """What the period comes to, the jobs of no day, and the period before, if there is one. `paid`: what the
    period's groups cost, where all of them are known."""
    period = question.period
    periods = [period, UNDATED, *([period.before()] if period.first and period.last else [])]
    questions = [replace(question, period=one, group_by=()) for one in periods]
    found = []
    for one, cell in zip(questions, totals_of_each(person, questions), strict=True):
        spent = paid if one.period == period else {}
        if prices and cell.parts and not spent:
            spent = costs(person, one, prices)
        found.append(PeriodTotal(one.period, cell, costs_together(spent.values())))
    return found


def _currencies(*totals: PeriodTotal) -> tuple[str, ...]:
    return tuple(sorted({currency for one in totals for currency in one.costs.currencies}))


def _chart(nets: Nets, groups: Groups) -> Chart:
    """Net credits over time, stacked by the first group that is no stretch of time: the largest of its values
    apart, all others together."""
    asked = groups.asked
    by, split = asked.chart_by, asked.split
    series = _series(nets, groups, split) if split else {None: Name("Net credits", {})}
    points: list[tuple[Any, str | None, int]] = [
        (time, series[value].words, net)
        for (time, value), net in _by_series(nets, by, split, list(series)).items()
        if value in series
    ]
    if split and len(series) < len(nets.by(split)):
        shown: dict[Any, int] = defaultdict(int)
        for time, _, net in points:
            shown[time] += net
        points += [(time, None, net - shown[time]) for (time,), net in nets.by(by).items()]
    points = [point for point in points if point[0] is not None]
    times = sorted(stretches(by, asked.period, {time for time, *_ in points}))
    named = groups.names.of(by, times)
    labels = [
        Time(time, named[time].words, named[time].short, groups.lists.query(asked.period, (named[time],)))
        for time in times
    ]
    wanted = _by_words(series.values())
    return stacked([Point(*one) for one in points], labels, lambda time, words: wanted[words].of(time.query))


def _series(nets: Nets, groups: Groups, split: Dimension) -> dict[Any, Name]:
    """The values that have a colour of their own: all where there is at most one too many."""
    sums = {value: net for (value,), net in nets.by(split).items()}
    most = MOST_SERIES if len(sums) > MOST_SERIES + 1 else len(sums)
    near = largest(sums, most)
    names = groups.names.of(split, near)
    ranked = sorted(near, key=lambda value: (-sums[value], names[value].words))
    return {value: names[value] for value in ranked[:most]}


def _by_series(
    nets: Nets, by: Dimension, split: Dimension | None, values: Sequence[Any]
) -> dict[tuple[Any, Any], int]:
    """The net credits at each time of each of these values, maybe of others, too."""
    if split is None:
        return {(time, None): net for (time,), net in nets.by(by).items()}
    found = nets.by(by, split, among=values)
    return {(time, value): net for (time, value), net in found.items()}


def _by_words(names: Iterable[Name]) -> dict[str, Narrowing]:
    """What wants the rows of each series: several groups may be called the same, and are one series then."""
    found: dict[str, dict[str, tuple[str | None, ...]]] = {}
    for name in names:
        wanted = found.setdefault(name.words, {})
        for key, values in name.wanted.items():
            wanted[key] = tuple(dict.fromkeys((*wanted.get(key, ()), *values)))
    return {words: Narrowing(wanted) for words, wanted in found.items()}
