"""One page of a sorted list by keyset, and how many rows there are in all, up to a cap."""

from dataclasses import dataclass

from django.db.models import Model, QuerySet

from auditing.filters.sorting import Cursor, beyond, ordered
from auditing.models import Generation

COUNT_CAP = 10_000

RELATED = ("team", "account", "owner", "project", "lookup")
UNSHOWN = ("payload", "owner__password")


@dataclass(frozen=True, slots=True)
class BoundedCount:
    """How many rows there are: exactly `number`, or, when `more`, above it."""

    number: int
    more: bool = False

    def __str__(self) -> str:
        return f"{self.number:,}+" if self.more else f"{self.number:,}"


def bounded_count[Row: Model](queryset: QuerySet[Row]) -> BoundedCount:
    """The rows counted up to COUNT_CAP, in one query that reads no further."""
    counted = queryset.order_by()[: COUNT_CAP + 1].count()
    return BoundedCount(min(counted, COUNT_CAP), more=counted > COUNT_CAP)


def has_more_than[Row: Model](queryset: QuerySet[Row], number: int) -> bool:
    """Whether there are more rows than this, in one query that reads no further."""
    return queryset.order_by()[number : number + 1].exists()


def with_all_shown(queryset: QuerySet[Generation]) -> QuerySet[Generation]:
    """The rows with everything that lists show of them; the payload stays where it is."""
    return queryset.select_related(*RELATED).defer(*UNSHOWN)


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows of one page, and the cursors of the pages before and after it (None: there is none).

    `emptied` says that a cursor was given and nothing lies beyond it: the way on is the list's beginning.
    """

    rows: list[Generation]
    before: Cursor | None
    after: Cursor | None
    emptied: bool


def fetch_slice(
    queryset: QuerySet[Generation], sort: str, *, after: Cursor | None, before: Cursor | None, per_page: int
) -> Slice:
    """One page in one query: an index range of the sort, from the cursor on, one row more than shown.

    Everything that the list shows comes with the rows.
    """
    backwards = before is not None and after is None
    cursor = before if backwards else after
    rows = with_all_shown(ordered(queryset, sort, backwards=backwards))
    if cursor is not None:
        rows = beyond(rows, cursor, backwards=backwards)
    found = list(rows[: per_page + 1])
    further = len(found) > per_page
    shown = found[:per_page]
    if backwards:
        shown.reverse()
    has_previous = further if backwards else cursor is not None
    has_next = backwards or further
    return Slice(
        rows=shown,
        before=_cursor(shown[0], sort) if shown and has_previous else None,
        after=_cursor(shown[-1], sort) if shown and has_next else None,
        emptied=cursor is not None and not shown,
    )


def _cursor(row: Generation, sort: str) -> Cursor:
    return Cursor(sort, row.sort_value, row.pk)  # type: ignore[attr-defined]  # annotated by `ordered`
