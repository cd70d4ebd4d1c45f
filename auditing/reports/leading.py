"""The first groups of a report: of tens of thousands a page shows two hundred, and Python sees no others."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from auditing.access import Person
from auditing.reports.questions import TIMES, Dimension, Question
from auditing.reports.ranking import Order, first_of, largest, standings
from auditing.reports.sources import Key
from auditing.reports.totals import Cell, totals

_DAYS = {Dimension.DAY: 1, Dimension.WEEK: 7, Dimension.MONTH: 28}
_MONTHS = 24  # of a period without an end, as a first guess


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
            return self._asked(question.of({wanted[-1]: tuple(among)}))
        if wanted not in self._known:
            self._known[wanted] = self._asked(question)
        return self._known[wanted]

    def _asked(self, question: Question) -> dict[Key, int]:
        found = standings(self._person, question, documented=self._documented)
        return {key: standing.net for key, standing in found.items()}

    def _of_cells(self, cells: Sequence[Cell], wanted: Sequence[Dimension]) -> dict[Key, int]:
        places = [self._question.group_by.index(one) for one in wanted]
        found: dict[Key, int] = defaultdict(int)
        for cell in cells:
            net = cell.credits(documented=self._documented).net
            found[tuple(cell.key[place] for place in places)] += net or 0
        return found


def first_cells(
    person: Person, question: Question, order: Order, most: int, *, documented: bool = True
) -> Leading:
    """The first `most` groups in this order, with all that are on a par with the last of them, by their keys.
    Raises OtherZone when days are cut by another zone than set.

    To tell which groups these are takes a fraction of what it takes to tell all of each.
    """
    ranked = first_of(person, question, order, most, documented=documented)
    if ranked.many is not None and ranked.many <= most:
        cells = totals(person, question)
        return Leading(cells, len(cells))
    return Leading(totals(person, question, ranked.keys), ranked.many)


def leading(person: Person, question: Question, nets: Nets, most: int, *, documented: bool) -> Leading:
    """The groups that a credit report of so many lines begins with: in the order of time where time comes
    first; by its dearest first values where it comes second; else the dearest."""
    first, *second = question.group_by
    if second and second[0] in TIMES:
        return all_times_of_the_largest(person, question, nets.by(first), most)
    order = Order.EARLIEST if first in TIMES else Order.DEAREST
    return first_cells(person, question, order, most, documented=documented)


def all_times_of_the_largest(
    person: Person, question: Question, sums: Mapping[Key, int], most: int
) -> Leading:
    """All times of the first values with the largest of these sums: of as many as make `most` groups."""
    first, time = question.group_by
    times = (question.period.length or _MONTHS * _DAYS[Dimension.MONTH]) // _DAYS[time] or 1
    wanted = most // times + 2
    while True:
        keys = largest(sums, wanted)
        is_all = len(keys) == len(sums)
        cells = totals(person, question if is_all else question.of({first: tuple(key for (key,) in keys)}))
        if is_all or len(cells) > most:
            return Leading(cells, len(cells) if is_all else None)
        wanted *= 2
