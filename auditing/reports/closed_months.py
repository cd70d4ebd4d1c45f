"""The months of a person's teams: which are closed, which are open, and what each came to."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from auditing.access import Person, visible_closed_months, visible_teams
from auditing.filters.reading import EARLIEST, LATEST
from auditing.models import ClosedMonth, Team
from auditing.reports.asked import Asked
from auditing.reports.figures import Figures
from auditing.reports.frozen import by_month, counted_adjustments, learnt_by_month
from auditing.reports.groups import together
from auditing.reports.periods import UNDATED, Period
from auditing.reports.questions import Dimension, Question
from auditing.reports.totals import Cell, totals

MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class TeamMonth:
    """One month of a team: `figures` as they were frozen, of an open month as they are; `adjustments` are
    how many became known since it was closed, and `learnt` what they come to."""

    team: Team
    month: date
    is_over: bool
    figures: Figures
    closed: ClosedMonth | None = None
    adjustments: int = 0
    learnt: Figures | None = None


@dataclass(frozen=True, slots=True)
class TeamYear:
    """A team's months of one year, the last first, and how many of its jobs belong to no month."""

    team: Team
    months: tuple[TeamMonth, ...]
    undated: int


@dataclass(frozen=True, slots=True)
class Noted:
    """A closed month that a report has to speak of; `adjustments` are how many became known in its time."""

    closed: ClosedMonth
    adjustments: int = 0


@dataclass(frozen=True, slots=True)
class Notes:
    """What a report of a period says of closed months: those in it (`named`, the first of `number`), and
    those of whose jobs something became known in that period."""

    named: tuple[Noted, ...]
    number: int
    learnt: tuple[Noted, ...]


def months_of(person: Person, year: int, now: datetime) -> tuple[TeamYear, ...]:
    """Every team of this person with its months of the year that have jobs or are closed."""
    teams = list(visible_teams(person).order_by("name", "slug"))
    period = Period(date(year, 1, 1), date(year, 12, 31))
    present = {cell.key: cell for cell in totals(person, Question(period, (Dimension.TEAM, Dimension.MONTH)))}
    undated = {cell.key[0]: cell.jobs for cell in totals(person, Question(UNDATED, (Dimension.TEAM,)))}
    closed = _closed(person, year)
    this_month = now.astimezone(ZoneInfo(settings.REPORT_TIME_ZONE)).date().replace(day=1)
    found = []
    for team in teams:
        months = {month for pk, month in (*present, *closed) if pk == team.pk and isinstance(month, date)}
        of_team = tuple(
            closed.get((team.pk, month))
            or TeamMonth(team, month, month < this_month, _figures([present[team.pk, month]]))
            for month in sorted(months, reverse=True)
        )
        found.append(TeamYear(team, of_team, undated.get(team.pk, 0)))
    return tuple(found)


def years_of(person: Person, now: datetime) -> list[int]:
    """The years that have jobs or closed months, the last first, and always the one of the last month."""
    cells = totals(person, Question(Period(), (Dimension.MONTH,)))
    years = {cell.key[0].year for cell in cells if isinstance(cell.key[0], date)}
    years |= {month.year for month in visible_closed_months(person).values_list("month", flat=True)}
    return sorted(
        {year for year in years if EARLIEST.year <= year <= LATEST.year} | {usual_year(now)}, reverse=True
    )


def usual_year(now: datetime) -> int:
    """The year of the last month that is over."""
    today = now.astimezone(ZoneInfo(settings.REPORT_TIME_ZONE)).date()
    return today.year if today.month > 1 else today.year - 1


def notes_on(person: Person, asked: Asked) -> Notes:
    """What a report has to say of closed months of the teams that it is asked of."""
    rows = visible_closed_months(person).select_related("team").order_by("-month", "team__name")
    if slugs := asked.filter.columns["team"]:
        rows = rows.filter(team__slug__in=[slug for slug in slugs if slug])
    every = list(rows)
    first, last = asked.period.first, asked.period.last
    within = [one for one in every if _is_within(one.month, first, last)]
    counted = counted_adjustments(person, [one.pk for one in every], settings.REPORT_TIME_ZONE)
    by_closed: dict[int, int] = {}
    for (closed_id, known), number in counted.items():
        if _is_within(known, first, last):
            by_closed[closed_id] = by_closed.get(closed_id, 0) + number
    learnt = tuple(Noted(one, by_closed[one.pk]) for one in every if one.pk in by_closed)
    return Notes(tuple(Noted(one) for one in within[:MOST_NAMED]), len(within), learnt[:MOST_NAMED])


def _is_within(month: date, first: date | None, last: date | None) -> bool:
    """Whether all of a month lies in a period; the present one as far as it has come."""
    return (first is None or month >= first) and (last is None or month <= last)


def _closed(person: Person, year: int) -> dict[tuple[int, date], TeamMonth]:
    rows = visible_closed_months(person).filter(month__year=year).select_related("team", "closed_by")
    by_pk = {one.pk: one for one in rows}
    counted: dict[int, int] = {}
    for (pk, _), number in counted_adjustments(person, list(by_pk), settings.REPORT_TIME_ZONE).items():
        counted[pk] = counted.get(pk, 0) + number
    figures, learnt = by_month(person, list(by_pk)), learnt_by_month(person, list(by_pk))
    return {
        (one.team_id, one.month): replace(
            TeamMonth(one.team, one.month, True, _figures([figures[pk]] if pk in figures else [])),
            closed=one,
            adjustments=counted.get(pk, 0),
            learnt=_figures([learnt[pk]]) if pk in learnt else None,
        )
        for pk, one in by_pk.items()
    }


def _figures(cells: Iterable[Cell]) -> Figures:
    return Figures.of(together(cells), documented=True)
