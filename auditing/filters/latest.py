"""A text's first page, newest first, out of the latest stretches of ids: rows of all others stay unread."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet

from auditing.filters.budget import Budget
from auditing.filters.paging import COUNT_CAP, BoundedCount, Place, Slice, fetch_slice
from auditing.filters.sorting import DEFAULT_SORT, Cursor, beyond, ordered
from auditing.filters.text import Found, commonly_held_by, has_trigram
from auditing.models import Generation

MANY = 4_000
"""Of more rows than this in one stretch a page's come by sooner than they are sorted."""

ALONE, WITH_OTHER_WISHES = 1.25, 20
"""How many times a page's rows are looked for: some have no time of creation, and come at the list's end; and
where something else is wished of them, too, it may be that one in twenty has it."""


@dataclass(frozen=True, slots=True)
class Latest:
    """How many rows with a text the latest stretches have, COUNT_CAP + 1 at most; and, where that is enough
    for a page and not too many to sort, all of those from the id `since` on."""

    number: int
    rows: Found
    since: int | None

    @property
    def comes_by(self) -> bool:
        """Whether such rows come by soon in the list's order."""
        return self.since is None and self.number > MANY

    @property
    def count(self) -> BoundedCount:
        """There are at least as many as were found: of COUNT_CAP + 1, and of fewer, one less is surpassed."""
        return BoundedCount(self.number - 1, more=True)


def latest_rows(text: str, place: Place, *, alone: bool) -> Latest | None:
    """What the acting person may see with this text in the latest stretches, enough for a page (`alone`:
    nothing else is wished of them); None for a text without trigrams, and where the page is not the beginning
    of a list in nearly the order in which ids are given."""
    if not has_trigram(text) or place.sort != DEFAULT_SORT or place.cursor is not None:
        return None
    enough = int(place.per_page * (ALONE if alone else WITH_OTHER_WISHES))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, since, cardinality(ids::bigint[]), ids"
            " FROM auditing_search_latest(%s, %s, %s, %s)",
            [text, enough, MANY, COUNT_CAP + 1],
        )
        number, since, *rows = cursor.fetchone()
    return Latest(number, Found(*rows), since)


def latest_part(
    latest: Latest,
    text: str,
    visible: QuerySet[Generation],
    wishes: Sequence[Q],
    place: Place,
    *,
    needs: Iterable[str],
    patience: float,
) -> Slice | None:
    """The list's beginning out of these rows; None where it may be another one, or where it takes more than
    `patience` seconds to tell that it is not."""
    if latest.since is None:
        return None
    rows = visible.filter(*wishes, latest.rows.condition)
    part = fetch_slice(rows, place, BoundedCount.of(latest.rows.number), narrowed=True, needs=needs)
    if part.after is None:
        return None
    with Budget(patience, patience) as budget:
        others = budget.ask(_in_between(visible, text, latest.since, part.after).exists)
    return part if others is False else None


def _in_between(visible: QuerySet[Generation], text: str, since: int, last: Cursor) -> QuerySet[Generation]:
    """The rows with the text that come before this one, though their ids are of earlier stretches: they were
    made later than they were registered.

    Counts on the default sort's index: a range of what is newer than the last row, of which it tells the ids.
    """
    newer = beyond(ordered(visible, DEFAULT_SORT), last, backwards=True)
    return newer.filter(commonly_held_by(text), pk__lt=since)
