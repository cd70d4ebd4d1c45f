"""Filters that differ from one another in few values: a report has thousands, one for each of its numbers."""

from collections.abc import Mapping
from typing import Any

from auditing.filters.criteria import CRITERIA, NARROWING
from auditing.filters.criterion import Standpoint
from auditing.filters.query import GenerationFilter

_PLACES = {key: place for place, criterion in enumerate(CRITERIA) for key in criterion.keys}

type Pair = tuple[str, str]


class Variants:
    """A filter whose unchanged criteria are put into words once."""

    def __init__(self, wanted: GenerationFilter) -> None:
        self._values = {key: getattr(wanted, key) for key in NARROWING}
        self._at = Standpoint(wanted.zone, wanted.now)
        self._said = [self._say(place, self._values) for place in range(len(CRITERIA))]
        self._rest = wanted.pairs()[sum(map(len, self._said)) :]
        self._anew: dict[tuple[Any, ...], list[Pair]] = {}

    def pairs(self, changes: Mapping[str, Any]) -> list[Pair]:
        """What `GenerationFilter.pairs` says of it with these values instead of its own."""
        values, anew = {**self._values, **changes}, {_PLACES[key] for key in changes}
        pairs = []
        for place, said in enumerate(self._said):
            pairs += self._say_once(place, values) if place in anew else said
        return pairs + self._rest

    def _say_once(self, place: int, values: Mapping[str, Any]) -> list[Pair]:
        """The same values come again: a month for each person, a person for each month."""
        key = (place, *(values[one] for one in CRITERIA[place].keys))
        if key not in self._anew:
            self._anew[key] = self._say(place, values)
        return self._anew[key]

    def _say(self, place: int, values: Mapping[str, Any]) -> list[Pair]:
        return [(part.key, part.value) for part in CRITERIA[place].parts(values, self._at)]
