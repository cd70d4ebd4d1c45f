"""The records before and after one record, in the list that somebody came to it from."""

from dataclasses import dataclass, replace

from django.db.models import QuerySet

from auditing.filters.paging import BoundedCount
from auditing.filters.query import GenerationFilter, Page
from auditing.filters.rows import Row, Shown
from auditing.filters.sorting import Cursor, ordered
from auditing.models import Generation


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What stands beside a record's place in a list, whether or not the record itself (still) matches; None
    at an end. `filter` is the list as it was applied, `count` how many records it has."""

    previous: Row | None
    next: Row | None
    filter: GenerationFilter
    count: BoundedCount


def neighbours_of(generation: Shown, wanted: GenerationFilter, visible: QuerySet[Generation]) -> Neighbours:
    """The neighbours among the rows that may be seen: an index range from the record's place on in each
    direction, and the list's own bounded counts. Queries: those of two pages, and one for the place."""
    after = _beside(generation, wanted, visible, forwards=True)
    if after.filter.sort != wanted.sort:  # the list is too long for its sort, and gave way to the default
        wanted = after.filter
        after = _beside(generation, wanted, visible, forwards=True)
    before = _beside(generation, wanted, visible, forwards=False)
    return Neighbours(
        previous=before.rows[0] if before.rows else None,
        next=after.rows[0] if after.rows else None,
        filter=wanted,
        count=after.count,
    )


def _beside(
    generation: Shown, wanted: GenerationFilter, visible: QuerySet[Generation], *, forwards: bool
) -> Page:
    row = ordered(visible.filter(pk=generation.pk), wanted.sort).get()
    place = Cursor(wanted.sort, row.sort_value, row.pk)  # type: ignore[attr-defined]  # annotated by `ordered`
    after, before = (place, None) if forwards else (None, place)
    return replace(wanted, per_page=1, after=after, before=before).page(visible)
