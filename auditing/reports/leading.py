"""The first groups of a report: of tens of thousands a page shows two hundred, and Python sees no others."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditing.access import Person
from auditing.reports.questions import TIMES, Dimension, Question
from auditing.reports.ranking import Order, Standing, Standings, first_of, largest
from auditing.reports.sources import Key
from auditing.reports.totals import Cell

_DAYS = {Dimension.DAY: 1, Dimension.WEEK: 7, Dimension.MONTH: 28}
_MONTHS = 24  # of a period without an end, as a first guess

type Told[Group] = Callable[[Person, Question, Collection[Key] | None], list[Group]]
"""What tells of a question's groups, or of those with these keys alone, as `totals` and `outcomes` do."""


@dataclass(frozen=True, slots=True)
class Leading[Group]:
    """The first groups, in no order, and how many there are in all; None: more, and nobody counted them."""

    cells: Sequence[Group]
    many: int | None

    @property
    def is_complete(self) -> bool:
        """Whether there are no other groups."""
        return self.many == len(self.cells)


class Nets:
    """The net credits of what a question asks for, told apart in several ways."""

    def __init__(self, standings: Standings, *, documented: bool) -> None:
        self._standings, self._documented = standings, documented
        self._cells: Sequence[Cell] | None = None

    def learn(self, cells: Sequence[Cell]) -> None:
        """Take them from all of the question's own groups, where these tell as much apart."""
        self._cells = cells

    def by(self, *wanted: Dimension, among: Sequence[Any] = ()) -> dict[Key, int]:
        """Each group's, 0 where none are known, by its key; where they have to be asked for, only of those
        `among` these values of the last dimension, if any."""
        if self._cells is not None and set(wanted) <= set(self._standings.question.group_by):
            return self._of_cells(self._cells, wanted)
        if among:
            found: Mapping[Key, Standing] = self._standings.among(wanted, {wanted[-1]: tuple(among)})
        else:
            found = self._standings.by(*wanted)
        return {key: net for key, (net, _) in found.items()}

    def _of_cells(self, cells: Sequence[Cell], wanted: Sequence[Dimension]) -> dict[Key, int]:
        places = [self._standings.question.group_by.index(one) for one in wanted]
        found: dict[Key, int] = defaultdict(int)
        for cell in cells:
            found[tuple([cell.key[place] for place in places])] += cell.net(documented=self._documented)
        return found


def first_cells[Group](
    person: Person, standings: Standings, order: Order, most: int, told: Told[Group]
) -> Leading[Group]:
    """The first `most` of a question's groups in this order, with all on a par with the last, by their keys.
    Raises OtherZone when days are cut by another zone than set.

    To tell which groups these are takes a fraction of what it takes to tell all of each.
    """
    ranked = first_of(standings, order, most)
    if ranked.many is not None and ranked.many <= most:
        cells = told(person, standings.question, None)
        return Leading(cells, len(cells))
    return Leading(told(person, standings.question, ranked.keys), ranked.many)


def leading[Group](
    person: Person, standings: Standings, by: Order, most: int, told: Told[Group]
) -> Leading[Group]:
    """The groups that a report of so many lines begins with: in the order of time where time comes first;
    where it comes second, all times of the first of the first values; else the first of all groups."""
    first, *second = standings.question.group_by
    if first in TIMES and not second:
        cells = told(person, standings.question, None)
        return Leading(cells[:most], len(cells))
    if second and second[0] in TIMES:
        is_by_jobs = by is Order.BUSIEST
        sums = {key: jobs if is_by_jobs else net for key, (net, jobs) in standings.by(first).items()}
        return _all_times_of_the_largest(person, standings.question, sums, most, told)
    return first_cells(person, standings, Order.EARLIEST if first in TIMES else by, most, told)


def _all_times_of_the_largest[Group](
    person: Person, question: Question, sums: Mapping[Key, int], most: int, told: Told[Group]
) -> Leading[Group]:
    """All times of the first values with the largest of these sums: of as many as make `most` groups."""
    first, time = question.group_by
    times = (question.period.length or _MONTHS * _DAYS[Dimension.MONTH]) // _DAYS[time] or 1
    wanted = most // times + 2
    while True:
        keys = largest(sums, wanted)
        is_all = len(keys) == len(sums)
        among = question if is_all else question.of({first: tuple(key for (key,) in keys)})
        cells = told(person, among, None)
        if is_all or len(cells) > most:
            return Leading(cells, len(cells) if is_all else None)
        wanted *= 2
