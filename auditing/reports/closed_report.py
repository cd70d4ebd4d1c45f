"""A closed month's report: what was frozen, what became known since, and what it comes to today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import QueryDict

from auditing.access import Person, visible_seals
from auditing.models import ClosedMonth, ClosedSeal, Team
from auditing.reports.adjustments import KnownIn, newest_of
from auditing.reports.asked import CREDITS, Asked, Kind, group_words
from auditing.reports.figures import Figures
from auditing.reports.frozen import CLOSED as FROZEN
from auditing.reports.frozen import LEARNT, TODAY, Sources, compared, counted_adjustments, learnt_in
from auditing.reports.groups import together
from auditing.reports.naming import list_query, names_of
from auditing.reports.periods import UNDATED, month_of
from auditing.reports.questions import TIMES, Dimension, Question
from auditing.reports.totals import totals
from auditing.rollups import kept_zone

CLOSED = Kind(
    "closed",
    tuple(one for one in CREDITS.groups if one not in (Dimension.TEAM, Dimension.MONTH)),
    (Dimension.OWNER,),
)
NO_FIGURES = Figures()

type Key = tuple[Any, ...]
type Three = tuple[Figures, Figures, Figures | None]


@dataclass(frozen=True, slots=True)
class Compared:
    """One group, or the whole month: what was frozen, what became known since, and what it comes to today
    (None where reports are cut by another zone by now). `query` leads to its rows as they are today."""

    names: tuple[str, ...]
    query: str
    closed: Figures
    adjustments: Figures
    today: Figures | None

    @property
    def sum(self) -> Figures:
        """What was frozen and what became known, together."""
        return self.closed.plus(self.adjustments)

    @property
    def adds_up(self) -> bool:
        """Whether that is what it comes to today, to the digit."""
        return self.today is None or self.sum == self.today


@dataclass(frozen=True, slots=True)
class Learnt:
    """What became known in one month: how many adjustments, and what they come to."""

    month: date
    adjustments: int
    figures: Figures
    newest: KnownIn | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedReport:
    """A closed month for one person. `seal` is None for those who see a part of the team only; `undated` are
    the team's jobs of no day, which belong to no month; `kept_zone` cuts the days of reports today."""

    asked: Asked
    closed: ClosedMonth
    seal: ClosedSeal | None
    lines: tuple[Compared, ...]
    total: Compared
    learnt: tuple[Learnt, ...]
    undated: int
    undated_query: str
    zone: ZoneInfo
    kept_zone: str
    reports_zone: str
    as_of: datetime

    @property
    def heads(self) -> list[str]:
        """What the lines are told apart by."""
        return [group_words(one) for one in self.asked.group_by]

    @property
    def digest(self) -> str:
        """The seal's digest, as people write it; empty for those who don't see it."""
        return bytes(self.seal.digest).hex() if self.seal else ""

    @property
    def adjustments(self) -> int:
        """How many adjustments there are."""
        return sum(one.adjustments for one in self.learnt)

    @property
    def shown(self) -> int:
        """How many of them a page has room for."""
        return sum(len(one.newest.adjustments) for one in self.learnt if one.newest)

    @property
    def is_comparable(self) -> bool:
        """Whether days are cut today as they were at the closing."""
        return self.zone.key == self.kept_zone


def closed_asked(query: QueryDict, team: Team, month: date, zone: ZoneInfo) -> Asked:
    """What a query string asks of a month of a team: groups, and whether documented figures count."""
    fixed = QueryDict(mutable=True)
    for key in ("group", "documented"):
        fixed.setlist(key, query.getlist(key))
    fixed["period"], fixed["team"] = f"{month:%Y-%m}", team.slug
    return Asked.from_query(fixed, month, zone, CLOSED)


def closed_report(person: Person, closed: ClosedMonth, query: QueryDict, as_of: datetime) -> ClosedReport:
    """What this person may see of a closed month. Raises OtherZone when the rollups' days are cut by another
    zone than is set."""
    zone = ZoneInfo(closed.zone)
    asked = closed_asked(query, closed.team, closed.month, zone)
    kept = kept_zone()
    found = compared(
        person,
        closed.pk,
        Question(month_of(closed.month), asked.group_by, {Dimension.TEAM: (closed.team_id,)}),
        has_today=zone.key == kept,
    )
    groups = _groups(found, asked, has_today=zone.key == kept)
    return ClosedReport(
        asked=asked,
        closed=closed,
        seal=visible_seals(person).filter(closed=closed).first(),
        lines=_lines(groups, asked, zone) if asked.group_by else (),
        total=_total(
            list(groups.values()),
            list_query(asked.filter, asked.period, (), zone),
            has_today=zone.key == kept,
        ),
        learnt=_learnt(person, asked, closed),
        undated=undated_jobs(person, closed.team),
        undated_query=list_query(asked.filter, UNDATED, (), zone),
        zone=zone,
        kept_zone=kept,
        reports_zone=settings.REPORT_TIME_ZONE,
        as_of=as_of,
    )


def undated_jobs(person: Person, team: Team) -> int:
    """The team's jobs whose day is unknown, of what this person may see."""
    cells = totals(person, Question(UNDATED, (), {Dimension.TEAM: (team.pk,)}))
    return sum(cell.jobs for cell in cells)


def today(person: Person, team: Team, month: date) -> Figures:
    """What a team's month comes to today, of what this person may see."""
    cells = totals(person, Question(month_of(month), (), {Dimension.TEAM: (team.pk,)}))
    return Figures.of(together(cells), documented=True)


def _groups(found: Sources, asked: Asked, *, has_today: bool) -> dict[Key, Three]:
    """The three figures of each group that there is in any of the sources."""
    figures = {
        name: {cell.key: Figures.of(cell, documented=asked.documented) for cell in cells}
        for name, cells in found.items()
    }
    keys = dict.fromkeys(key for groups in figures.values() for key in groups)
    return {
        key: (
            figures[FROZEN].get(key, NO_FIGURES),
            figures[LEARNT].get(key, NO_FIGURES),
            figures[TODAY].get(key, NO_FIGURES) if has_today else None,
        )
        for key in keys
    }


def _total(groups: Sequence[Three], query: str, *, has_today: bool) -> Compared:
    closed, learnt, now = NO_FIGURES, NO_FIGURES, NO_FIGURES
    for one in groups:
        closed, learnt, now = closed.plus(one[0]), learnt.plus(one[1]), now.plus(one[2] or NO_FIGURES)
    return Compared(("All",), query, closed, learnt, now if has_today else None)


def _lines(groups: Mapping[Key, Three], asked: Asked, zone: ZoneInfo) -> tuple[Compared, ...]:
    """The most expensive first; in the order of time where time comes first."""
    names = [names_of(one, (key[place] for key in groups)) for place, one in enumerate(asked.group_by)]
    lines = []
    for key, figures in groups.items():
        of_key = [names[place][value] for place, value in enumerate(key)]
        query = list_query(asked.filter, asked.period, of_key, zone)
        lines.append((key, Compared(tuple(name.words for name in of_key), query, *figures)))
    if asked.group_by[0] in TIMES:
        return tuple(line for _, line in sorted(lines, key=lambda one: (str(one[0][0]), one[1].names)))
    return tuple(
        sorted(
            (line for _, line in lines), key=lambda line: (-line.closed.net, -line.closed.jobs, line.names)
        )
    )


def _learnt(person: Person, asked: Asked, closed: ClosedMonth) -> tuple[Learnt, ...]:
    """By the month in which it became known, in the zone of reports, the last first."""
    zone = settings.REPORT_TIME_ZONE
    sums = learnt_in(person, closed.pk, zone)
    told = newest_of(person, closed, ZoneInfo(zone), documented=asked.documented)
    newest = {one.month: one for one in told}
    counted = counted_adjustments(person, [closed.pk], zone)
    return tuple(
        Learnt(month, number, Figures.of(sums[month], documented=asked.documented), newest.get(month))
        for (_, month), number in sorted(counted.items(), reverse=True)
    )
