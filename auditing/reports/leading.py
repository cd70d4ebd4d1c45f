"""The first groups of a report: of tens of thousands a page shows two hundred, and Python sees no others."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from auditing.access import Person
from auditing.records import CreditsBasis
from auditing.reports.questions import TIMES, Dimension, Question
from auditing.reports.sources import Kept, source
from auditing.reports.totals import KEPT, Cell, totals
from auditing.rollups import check_zone

_NETS = Kept(KEPT.table, KEPT.cuboids, ("credits_basis",), {"jobs": "jobs", "credits": "credits"})

_NET = "coalesce(sum(credits) FILTER (WHERE credits_basis = ANY(%s)), 0)"
_DAYS = {Dimension.DAY: 1, Dimension.WEEK: 7, Dimension.MONTH: 28}
_MONTHS = 24  # of a period without an end, as a first guess

type Key = tuple[Any, ...]


class Order(StrEnum):
    """What comes first: what costs the most (of these what has the most jobs), what has the most jobs, or
    what is the first by its key."""

    DEAREST = "net DESC, jobs DESC"
    BUSIEST = "jobs DESC"
    EARLIEST = "key"


def first_cells(
    person: Person, question: Question, order: Order, most: int, *, documented: bool = True
) -> tuple[list[Cell], int]:
    """The first `most` groups in this order, with all that are on a par with the last of them, by their keys;
    and how many groups there are. Raises OtherZone when days are cut by another zone than set.

    Two statements: to tell which groups these are takes a quarter of what it takes to tell all of each.
    """
    keys, many = _first_keys(person, question, order, most, documented)
    if many <= most:
        cells = totals(person, question)
        return cells, len(cells)
    wanted = set(keys)
    return [cell for cell in totals(person, question.among(keys)) if cell.key in wanted], many


def _first_keys(
    person: Person, question: Question, order: Order, most: int, documented: bool
) -> tuple[list[Key], int]:
    found = source(_NETS, person, question, ZoneInfo(settings.REPORT_TIME_ZONE))
    if found is None:
        return [], 0
    keys = _keys_of(question)
    statement = f"""SELECT {keys}, count(*) OVER () FROM (
            SELECT {keys}, sum(jobs) AS jobs, {_NET} AS net
            FROM ({found.text}) AS found GROUP BY {keys} HAVING sum(jobs) <> 0
        ) AS one ORDER BY {keys if order is Order.EARLIEST else order}
        FETCH FIRST %s ROWS WITH TIES"""  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.execute(statement, (_counted(documented), *found.values, most))
        rows = cursor.fetchall()
    return [row[:-1] for row in rows], rows[0][-1] if rows else 0


@dataclass(frozen=True, slots=True)
class Leading:
    """The first groups, in no order, and how many there are in all; None: more, and nobody counted them."""

    cells: Sequence[Cell]
    many: int | None

    @property
    def is_complete(self) -> bool:
        """Whether there are no other groups."""
        return self.many == len(self.cells)


class Nets:
    """The net credits of what a question asks for, told apart in several ways, each asked for once."""

    def __init__(self, person: Person, question: Question, *, documented: bool) -> None:
        self._person, self._question, self._documented = person, question, documented
        self._known: dict[tuple[Dimension, ...], dict[Key, int]] = {}
        self._cells: Sequence[Cell] | None = None

    def learn(self, cells: Sequence[Cell]) -> None:
        """Take them from all of the question's own groups, where these tell as much apart."""
        self._cells = cells

    def by(self, *wanted: Dimension, among: Sequence[Any] = ()) -> dict[Key, int]:
        """Each group's, 0 where none are known, by its key; where they have to be asked for, only of those
        `among` these values of the last dimension, if any."""
        if self._cells is not None and set(wanted) <= set(self._question.group_by):
            return self._of_cells(self._cells, wanted)
        question = replace(self._question, group_by=wanted)
        if among:
            question = question.of({wanted[-1]: tuple(among)})
            return _nets(self._person, question, documented=self._documented)
        if wanted not in self._known:
            self._known[wanted] = _nets(self._person, question, documented=self._documented)
        return self._known[wanted]

    def _of_cells(self, cells: Sequence[Cell], wanted: Sequence[Dimension]) -> dict[Key, int]:
        places = [self._question.group_by.index(one) for one in wanted]
        found: dict[Key, int] = defaultdict(int)
        for cell in cells:
            net = cell.credits(documented=self._documented).net
            found[tuple(cell.key[place] for place in places)] += net or 0
        return found


def leading(person: Person, question: Question, nets: Nets, most: int, *, documented: bool) -> Leading:
    """The groups that a credit report of so many lines begins with: in the order of time where time comes
    first; by its dearest first values where it comes second; else the dearest."""
    first, *second = question.group_by
    if second and second[0] in TIMES:
        return _of_the_dearest(person, question, nets, most)
    order = Order.EARLIEST if first in TIMES else Order.DEAREST
    return Leading(*first_cells(person, question, order, most, documented=documented))


def _of_the_dearest(person: Person, question: Question, nets: Nets, most: int) -> Leading:
    """All times of the dearest of the first values: of as many as make `most` groups."""
    first, time = question.group_by
    sums = nets.by(first)
    times = (question.period.length or _MONTHS * _DAYS[Dimension.MONTH]) // _DAYS[time] or 1
    wanted = most // times + 2
    while True:
        keys = largest(sums, wanted)
        is_all = len(keys) == len(sums)
        cells = totals(person, question if is_all else question.of({first: tuple(key for (key,) in keys)}))
        if is_all or len(cells) > most:
            return Leading(cells, len(cells) if is_all else None)
        wanted *= 2


def _nets(person: Person, question: Question, *, documented: bool) -> dict[Key, int]:
    check_zone()
    found = source(_NETS, person, question, ZoneInfo(settings.REPORT_TIME_ZONE))
    if found is None:
        return {}
    keys = _keys_of(question)
    statement = f"""SELECT {keys}, {_NET}::bigint
        FROM ({found.text}) AS found GROUP BY {keys} HAVING sum(jobs) <> 0"""  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.execute(statement, (_counted(documented), *found.values))
        return {tuple(key): net for *key, net in cursor.fetchall()}


def largest(sums: Mapping[Any, int], most: int) -> list[Any]:
    """The keys of the largest sums, the largest first, with all that are on a par with the last of them."""
    ranked = sorted(sums, key=lambda key: -sums[key])
    if len(ranked) > most:
        least = sums[ranked[most - 1]]
        ranked = ranked[:most] + [key for key in ranked[most:] if sums[key] == least]
    return ranked


def _keys_of(question: Question) -> str:
    return ", ".join(f"d{place}" for place in range(len(question.group_by)))


def _counted(documented: bool) -> list[str]:
    bases: Iterable[str] = (CreditsBasis.REPORTED, CreditsBasis.DOCUMENTED)
    return [str(basis) for basis in bases if documented or basis != CreditsBasis.DOCUMENTED]
