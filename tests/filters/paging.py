"""Pages as tests ask for them: of everything, by a query string."""

from django.http import QueryDict

from auditing.access import SYSTEM, visible_to
from auditing.filters import GenerationFilter, Page
from auditing.filters.sorting import SORTS

EVERY_SORT = [text for key in SORTS for text in (key, f"-{key}")]


def page_of(query: str) -> Page:
    """The page of a query string, of everything."""
    return GenerationFilter.from_query(QueryDict(query)).page(visible_to(SYSTEM))
