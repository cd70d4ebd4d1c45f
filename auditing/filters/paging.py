"""One page of a sorted list by keyset, and how many rows there are in all, up to a cap."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from django.db.models import Model, QuerySet

from auditing.access import sees_everything, who_acts
from auditing.filters.budget import Budget
from auditing.filters.rows import Row, read_rows
from auditing.filters.sorting import DEFAULT_SORT, SORTS, Cursor, beyond, ordered
from auditing.filters.wanted import Wanted
from auditing.models import Generation

COUNT_CAP = 10_000
THOUSANDS = 4_000
SOON = 0.03
LONG = 0.5


@dataclass(frozen=True, slots=True)
class BoundedCount:
    """How many rows there are: exactly `number`, or, when `more`, above it."""

    number: int
    more: bool = False

    @classmethod
    def of(cls, number: int) -> "BoundedCount":
        """This number in the words of all counts, which stop at the cap: beside another it means the same."""
        return cls(min(number, COUNT_CAP), more=number > COUNT_CAP)

    def __str__(self) -> str:
        return f"{self.number:,}+" if self.more else f"{self.number:,}"


MANY = BoundedCount(COUNT_CAP, more=True)


def bounded_count[Row: Model](queryset: QuerySet[Row]) -> BoundedCount:
    """The rows counted up to COUNT_CAP, in one query that reads no further."""
    return BoundedCount.of(queryset.order_by()[: COUNT_CAP + 1].count())


def has_more_than[Row: Model](queryset: QuerySet[Row], number: int) -> bool:
    """Whether there are more rows than this, in one query that reads no further."""
    return queryset.order_by()[number : number + 1].exists()


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows of one page, and the cursors of the pages before and after it (None: there is none).

    `emptied` says that a cursor was given and nothing lies beyond it: the way on is the list's beginning.
    """

    rows: list[Row]
    before: Cursor | None
    after: Cursor | None
    emptied: bool

    @property
    def count(self) -> BoundedCount:
        """How many there are in all, as far as this part alone can tell."""
        is_whole = self.before is None and self.after is None and not self.emptied
        return BoundedCount(len(self.rows), more=not is_whole)


@dataclass(frozen=True, slots=True)
class PageOf[Filter]:
    """One page of the list: its rows, how many there are in all, and query strings of the pages around it.

    `filter` is the filter as it was applied: show this one, and its `errors`. `first` leads to the list's
    beginning. `previous` and `next` are None where there is no such page.
    """

    rows: list[Row]
    count: BoundedCount
    first: str
    previous: str | None
    next: str | None
    filter: Filter


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of a list is wanted: `per_page` rows of a sort, beyond a cursor if there is one."""

    sort: str
    after: Cursor | None
    before: Cursor | None
    per_page: int

    @classmethod
    def of(cls, wanted: Wanted) -> "Place":
        """The part that a filter wants."""
        return cls(wanted.sort, wanted.after, wanted.before, wanted.per_page)

    @property
    def backwards(self) -> bool:
        """Whether it is the part before a cursor."""
        return self.before is not None and self.after is None

    @property
    def cursor(self) -> Cursor | None:
        """Where the part begins, or, backwards, ends; None for the list's beginning."""
        return self.before if self.backwards else self.after

    def part(self, queryset: QuerySet[Generation], *, by_index: bool) -> QuerySet[Generation]:
        """The part of these rows, and one row more, which tells whether there is more of them."""
        rows = ordered(queryset, self.sort, backwards=self.backwards, by_index=by_index)
        if self.cursor is not None:
            rows = beyond(rows, self.cursor, backwards=self.backwards)
        return rows[: self.per_page + 1]


def fetch_slice(
    queryset: QuerySet[Generation],
    place: Place,
    count: BoundedCount,
    *,
    narrowed: bool,
    mixed: bool = False,
    walks: float | None = LONG,
    needs: Iterable[str] = (),
) -> Slice:
    """One page in one query, which finds the page's ids first, and then all that the list shows of these;
    and one for each of `needs`, which are many to a row.

    Few rows (COUNT_CAP at most) are found by what they are filtered by, all of them, and sorted: to walk an
    index of the sort until they come by could take all day. Where there are more, they do come by, in the
    order of the sort's index: an index range from the cursor on. So does, in the default order, all that
    somebody sees, unless it is `narrowed`: many may lie at the index's other end all the same, and after
    `walks` seconds (None: never) they are found as few are. Rows that are `mixed` with others may come by,
    though they are few: of more than THOUSANDS of them it is tried for SOON, before all of them are read. In
    other orders that is for who sees everything: their indexes have a team's rows among those of all teams.
    """
    order = place.sort.removeprefix("-")
    few = not count.more and (narrowed or order != DEFAULT_SORT[1:])
    likely = few and mixed and count.number > THOUSANDS and _has_own_index(order)
    seconds = SOON if likely else walks if narrowed and not few else None
    found = _tried(partial(_read, queryset, place, needs, by_index=True), seconds) if seconds else None
    if found is None:
        found = _read(queryset, place, needs, by_index=not few and seconds is None)
    return _slice(found, place)


def _has_own_index(order: str) -> bool:
    return order == DEFAULT_SORT[1:] or (SORTS[order].indexed and sees_everything(who_acts()))


def walked_slice(
    queryset: QuerySet[Generation], place: Place, *, needs: Iterable[str] = (), seconds: float
) -> Slice | None:
    """The same page by walking an index of the sort; None where the rows do not come by in time."""
    found = _tried(partial(_read, queryset, place, needs, by_index=True), seconds)
    return None if found is None else _slice(found, place)


def _slice(found: list[Row], place: Place) -> Slice:
    further = len(found) > place.per_page
    shown = found[: place.per_page]
    if place.backwards:
        shown.reverse()
    has_previous = further if place.backwards else place.cursor is not None
    has_next = place.backwards or further
    return Slice(
        rows=shown,
        before=_cursor(shown[0], place.sort) if shown and has_previous else None,
        after=_cursor(shown[-1], place.sort) if shown and has_next else None,
        emptied=place.cursor is not None and not shown,
    )


def _tried[Answer](question: Callable[[], Answer], seconds: float) -> Answer | None:
    with Budget(seconds, seconds) as budget:
        return budget.ask(question)


def _read(queryset: QuerySet[Generation], place: Place, needs: Iterable[str], *, by_index: bool) -> list[Row]:
    ids = place.part(queryset, by_index=by_index).values_list("pk")
    return read_rows(ids, place.sort, backwards=place.backwards, needs=needs)


def _cursor(row: Row, sort: str) -> Cursor:
    return Cursor(sort, row.sort_value, row.pk)
