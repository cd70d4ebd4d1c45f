"""What a record's page shows of the list that somebody came from: back to it, the records beside this one."""

from dataclasses import dataclass

from django.http import HttpRequest, QueryDict

from auditing.access import visible_to
from auditing.filters import GenerationFilter, Row
from auditing.filters.neighbours import neighbours_of
from auditing.models import Generation
from auditing.views import addresses
from auditing.views.pages import signed_in, zone_of

LIST = "list"
"""The key of a record's address that holds the list's own query string."""


@dataclass(frozen=True, slots=True)
class ListShown:
    """The list in words and where it is; the addresses of its neighbouring records, empty at its ends."""

    words: str
    count: str
    back: str
    previous: str
    next: str


def list_of(request: HttpRequest, generation: Generation) -> ListShown | None:
    """The list that the address says this record was opened from; None where it says none."""
    if LIST not in request.GET:
        return None
    query = QueryDict(request.GET[LIST])
    wanted = GenerationFilter.from_query(query, zone_of(request))
    found = neighbours_of(generation, wanted, visible_to(signed_in(request)))
    kept = wanted.canonical()
    return ListShown(
        words=found.filter.words(),
        count=str(found.count),
        back=f"{addresses.of_list(kept)}#generation-{generation.pk}",
        previous=_address(found.previous, kept),
        next=_address(found.next, kept),
    )


def _address(generation: Row | None, kept: str) -> str:
    return addresses.of_row(generation, kept) if generation else ""
