"""Filters that differ from one another in few values: a report has thousands, one for each of its numbers."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import starmap
from typing import Any
from urllib.parse import urlencode

from auditing.filters.criteria import CRITERIA, NARROWING
from auditing.filters.criterion import Standpoint
from auditing.filters.query import GenerationFilter

_PLACES = {key: place for place, criterion in enumerate(CRITERIA) for key in criterion.keys}


class Variants:
    """A filter whose unchanged criteria are put into words once."""

    def __init__(self, wanted: GenerationFilter) -> None:
        self._values = {key: getattr(wanted, key) for key in NARROWING}
        self._at = Standpoint(wanted.zone, wanted.now)
        said = [self._say(place, self._values) for place in range(len(CRITERIA))]
        pairs = wanted.pairs()
        narrowing = sum(1 for key, _ in pairs if key in self._values)
        self._said = [*said, "&".join(starmap(query_pair, pairs[narrowing:]))]
        self._anew: dict[tuple[Any, ...], str] = {}

    def query(self, changes: Mapping[str, Any]) -> str:
        """The query string of the filter with these values instead of its own."""
        said = list(self._said)
        for place in {_PLACES[key] for key in changes}:
            said[place] = self._say_once(place, changes)
        return "&".join(filter(None, said))

    def _say_once(self, place: int, changes: Mapping[str, Any]) -> str:
        """The same values come again: a month for each person, a person for each month."""
        own = self._values
        key = (place, *[changes[one] if one in changes else own[one] for one in CRITERIA[place].keys])
        if key not in self._anew:
            self._anew[key] = self._say(place, {**own, **changes})
        return self._anew[key]

    def _say(self, place: int, values: Mapping[str, Any]) -> str:
        parts = CRITERIA[place].parts(values, self._at)
        return "&".join(query_pair(part.key, part.value) for part in parts)


@lru_cache(maxsize=8192)
def query_pair(key: str, value: str) -> str:
    """One pair of a query string: a report says the same ones again and again."""
    return urlencode([(key, value)])
