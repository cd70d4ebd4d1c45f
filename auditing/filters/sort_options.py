"""What a list's columns offer to sort it by."""

from dataclasses import dataclass, replace

from auditing.filters.paging import BoundedCount
from auditing.filters.query import GenerationFilter
from auditing.filters.sorting import SORTS


@dataclass(frozen=True, slots=True)
class SortOption:
    """One column that this list can be sorted by. `url_query` sorts by it, the other way round when it
    already does; `direction` is `ascending` or `descending` (aria-sort's words), None for other columns."""

    key: str
    label: str
    direction: str | None
    url_query: str


def available_sorts(wanted: GenerationFilter, count: BoundedCount) -> tuple[SortOption, ...]:
    """What a list of so many rows can be sorted by: when it is large, only what an index serves."""
    return tuple(
        SortOption(key, sort.label, _direction(wanted, key), _sorted_by(wanted, key))
        for key, sort in SORTS.items()
        if sort.indexed or not count.more
    )


def _direction(wanted: GenerationFilter, key: str) -> str | None:
    if wanted.sort.removeprefix("-") != key:
        return None
    return "descending" if wanted.sort.startswith("-") else "ascending"


def _sorted_by(wanted: GenerationFilter, key: str) -> str:
    sorts = wanted.sort.removeprefix("-") == key
    descending = wanted.sort == key if sorts else SORTS[key].starts_descending
    sort = f"-{key}" if descending else key
    return replace(wanted, sort=sort, after=None, before=None).canonical()
