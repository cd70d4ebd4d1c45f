"""The groups of a credit report as its lines: named, in order, each with the list that shows its rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditing.reports.asked import Asked
from auditing.reports.lines import Line
from auditing.reports.money import Costs
from auditing.reports.naming import Lists, Name, Names
from auditing.reports.periods import Period
from auditing.reports.questions import TIMES
from auditing.reports.totals import NOTHING, Cell, Part, Sums

type Paid = Mapping[tuple[object, ...], Costs]


def together(cells: Iterable[Cell]) -> Cell:
    """These groups as one."""
    parts: dict[Part, Sums] = {}
    for cell in cells:
        for part, sums in cell.parts.items():
            parts[part] = parts.get(part, NOTHING).plus(sums)
    return Cell((), parts)


@dataclass(frozen=True, slots=True)
class PeriodTotal:
    """What a period comes to, in credits and in money."""

    period: Period
    cell: Cell
    costs: Costs


@dataclass(frozen=True, slots=True)
class Groups:
    """What all lines of a report have in common; `currencies` are all that any of it was paid in."""

    asked: Asked
    lists: Lists
    names: Names
    currencies: tuple[str, ...]

    def total(self, of: PeriodTotal) -> Line:
        """The total of a period as a line."""
        return Line(
            ("All",),
            self.lists.query(of.period),
            of.cell,
            self.asked.documented,
            costs=of.costs,
            currencies=self.currencies,
        )

    def lines(self, cells: Sequence[Cell], paid: Paid, most: int | None) -> tuple[Line, ...]:
        """The first `most` of these groups (None: all): in order of time where time comes first, else the
        most expensive first. Shares are of the largest of these groups."""
        group_by = self.asked.group_by
        if not group_by:
            return ()
        names = [self.names.of(one, {cell.key[at] for cell in cells}) for at, one in enumerate(group_by)]
        nets = {cell.key: cell.net(documented=self.asked.documented) for cell in cells}
        largest = max(nets.values(), default=0) or 1
        return tuple(
            self._line(
                cell,
                [names[at][value] for at, value in enumerate(cell.key)],
                paid.get(cell.key, Costs()),
                max(nets[cell.key], 0) * 1000 // largest,
            )
            for cell in self._ordered(cells, nets, names)[:most]
        )

    def _line(self, cell: Cell, names: Sequence[Name], costs: Costs, share: int) -> Line:
        return Line(
            tuple(name.words for name in names),
            self.lists.query(self.asked.period, names),
            cell,
            self.asked.documented,
            share,
            costs,
            self.currencies,
        )

    def _ordered(
        self, cells: Sequence[Cell], nets: Mapping[Any, int], names: Sequence[Mapping[Any, Name]]
    ) -> Sequence[Cell]:
        """In the order of time where that comes first (cells come so); else the most expensive first, by its
        first name where the second is a time."""
        group_by = self.asked.group_by
        if group_by[0] in TIMES:
            return cells
        first = names[0]
        if len(group_by) > 1 and group_by[1] in TIMES:
            sums: dict[Any, int] = defaultdict(int)
            for cell in cells:
                sums[cell.key[0]] += nets[cell.key]
            return sorted(cells, key=lambda cell: (-sums[cell.key[0]], first[cell.key[0]].words))
        return sorted(
            cells,
            key=lambda cell: (
                -nets[cell.key],
                -cell.jobs,
                tuple(names[at][value].words for at, value in enumerate(cell.key)),
            ),
        )
