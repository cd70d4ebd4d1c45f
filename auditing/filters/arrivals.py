"""What has come to the top of a list since it was read, at the same cost whatever the list leaves out."""

from dataclasses import replace

from django.db.models import QuerySet

from auditing.filters.paging import BoundedCount
from auditing.filters.query import GenerationFilter, Page
from auditing.filters.reading import Unacceptable
from auditing.filters.sorting import DEFAULT_SORT, Cursor, beyond, ordered
from auditing.filters.text import held_by
from auditing.models import Generation

MOST_LOOKED_AT = 1_000
MOST_TOLD = 99


def beginning_of(page: Page) -> str:
    """The place at which this page's list begins; empty where what is new would not come right before it:
    in another order than newest first, on a later page, in a list of nothing."""
    wanted = page.filter
    if not page.rows or wanted.sort != DEFAULT_SORT or wanted.after or wanted.before:
        return ""
    first = page.rows[0]
    return str(Cursor(DEFAULT_SORT, first.sort_value, first.pk))


def arrived_before(beginning: str, wanted: GenerationFilter, visible: QuerySet[Generation]) -> BoundedCount:
    """How many of the wanted rows lie before that place by now: of the newest 1,000 that do, wanted or not.

    So a filter that little matches costs no walk through all that came after its last row.
    """
    try:
        place = Cursor.parse(beginning, DEFAULT_SORT)
    except Unacceptable:
        return BoundedCount(0)
    newer = beyond(ordered(visible, DEFAULT_SORT), place, backwards=True)
    rows = replace(wanted, q="").apply(visible.filter(pk__in=newer.values("pk")[:MOST_LOOKED_AT]))
    matching = rows.filter(held_by(wanted.q)) if wanted.q else rows
    counted = matching.order_by()[: MOST_TOLD + 1].count()
    return BoundedCount(min(counted, MOST_TOLD), more=counted > MOST_TOLD)
