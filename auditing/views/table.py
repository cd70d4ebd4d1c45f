"""The list's table as a person likes it: heads with what they sort by, and how much room it needs."""

from collections.abc import Iterable
from dataclasses import dataclass

from auditing.columns import Column, exports_of, width_of
from auditing.filters import SortOption
from auditing.models import Density
from auditing.preferences import Layout

# What css/tables.css has a rule for, in rem. With less room than it needs, a table scrolls in its own box.
ROOMS = (45, 50, 55, 60, 65, 70, 75, 80, 90, 100, 110, 120, 140, 160, 180, 200, 240, 300)
# The column in which rows are chosen (css/interact.css).
SELECTION = 2.75


@dataclass(frozen=True, slots=True)
class Head:
    """One column as it stands in this table: `sort` is what a click sorts by, where the list can."""

    column: Column
    sort: SortOption | None
    gives_way: bool


@dataclass(frozen=True, slots=True)
class Table:
    """The columns in their order; `room` is the width in rem below which it scrolls sideways."""

    heads: tuple[Head, ...]
    density: Density
    room: int

    @property
    def exports(self) -> str:
        """The same columns in a file, as an address names them (`columns=`)."""
        return ",".join(exports_of(head.column for head in self.heads))


def table_of(layout: Layout, sorts: Iterable[SortOption] = ()) -> Table:
    """The table for this layout. Columns that a person chose never give way."""
    by_key = {sort.key: sort for sort in sorts}
    heads = tuple(
        Head(column, by_key.get(column.sort), column.gives_way and layout.is_usual)
        for column in layout.columns
    )
    width = SELECTION + width_of(head.column for head in heads if not head.gives_way)
    return Table(heads, layout.density, next((room for room in ROOMS if room >= width), ROOMS[-1]))
