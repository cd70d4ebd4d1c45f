"""Query string ↔ typed values ↔ SQL ↔ words: the one filter that list, counts, exports and reports share."""

from auditing.filters.arrivals import arrived_before, beginning_of
from auditing.filters.choices import LOOKED_UP, Choices, Option, with_counted
from auditing.filters.criterion import Chip
from auditing.filters.facets import Facets
from auditing.filters.fields import EXCLUDED, UNKNOWN
from auditing.filters.paging import COUNT_CAP, BoundedCount
from auditing.filters.query import PAGE_SIZES, GenerationFilter, Page
from auditing.filters.reading import zone_named
from auditing.filters.rows import Row, Shown, read_rows
from auditing.filters.sort_options import SortOption, available_sorts
from auditing.filters.sorting import Cursor
from auditing.filters.wanted import PER_PAGE

__all__ = [
    "COUNT_CAP",
    "EXCLUDED",
    "LOOKED_UP",
    "PAGE_SIZES",
    "PER_PAGE",
    "UNKNOWN",
    "BoundedCount",
    "Chip",
    "Choices",
    "Cursor",
    "Facets",
    "GenerationFilter",
    "Option",
    "Page",
    "Row",
    "Shown",
    "SortOption",
    "arrived_before",
    "available_sorts",
    "beginning_of",
    "read_rows",
    "with_counted",
    "zone_named",
]
