"""Reads the trail: query string ↔ typed values ↔ SQL ↔ words, one page by keyset, newest first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import QueryDict
from django.utils import timezone

from auditing.filters import PAGE_SIZES, PER_PAGE, BoundedCount, Chip
from auditing.filters.criterion import Part, Standpoint
from auditing.filters.paging import bounded_count
from auditing.filters.reading import Reader, one_of
from auditing.models import TrailEntry
from auditing.trail_reading.criteria import CRITERIA, NARROWING
from auditing.trail_reading.places import Place, parse_place, place_of

IN_UTC = ZoneInfo("UTC")
RELATED = ("team", "owner", "account")
PLACES = ("older", "newer")
_SIZE_WORDS = {str(size): size for size in PAGE_SIZES}

type Change = str | Iterable[str] | None


@dataclass(frozen=True, slots=True)
class TrailPage:
    """One page: its entries, newest first, how many there are in all, and the query strings of the pages
    around it, where there are; `first` leads to the newest."""

    entries: list[TrailEntry]
    count: BoundedCount
    first: str
    newer: str | None
    older: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailFilter:
    """Which entries are wanted, and which page of them.

    `values` has a value for each key of NARROWING. Days are those of `zone`, named days as of `now`. `errors`
    has a message for each key whose value was bad and does not count.
    """

    values: Mapping[str, Any]
    per_page: int = PER_PAGE
    older_than: Place | None = None
    newer_than: Place | None = None
    zone: ZoneInfo = IN_UTC
    now: datetime = field(compare=False)
    errors: Mapping[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def from_query(
        cls, query: QueryDict, zone: ZoneInfo = IN_UTC, now: datetime | None = None
    ) -> "TrailFilter":
        """The filter that a query string asks for, seen from `zone` at `now` (None: the clock's). Never
        raises."""
        reader = Reader(query)
        values: dict[str, Any] = {}
        for criterion in CRITERIA:
            values |= criterion.read(reader)
        older: Place | None = reader.single("older", parse_place, None)
        return cls(
            values=values,
            per_page=reader.single("per_page", one_of(_SIZE_WORDS), PER_PAGE),
            older_than=older,
            newer_than=None if older else reader.single("newer", parse_place, None),
            zone=zone,
            now=now or timezone.now(),
            errors=reader.errors,
        )

    @property
    def q(self) -> str:
        """The text that is searched for."""
        text: str = self.values["q"]
        return text

    @property
    def _standpoint(self) -> Standpoint:
        return Standpoint(self.zone, self.now)

    def _parts(self) -> list[Part]:
        return [part for criterion in CRITERIA for part in criterion.parts(self.values, self._standpoint)]

    @property
    def narrows(self) -> bool:
        """True when the filter leaves anything out."""
        return bool(self._parts())

    def pairs(self) -> list[tuple[str, str]]:
        """The filter as keys and values of a query string, in canonical order, without defaults."""
        pairs = [(part.key, part.value) for part in self._parts()]
        size = self.per_page if self.per_page != PER_PAGE else None
        singles = (("per_page", size), ("older", self.older_than), ("newer", self.newer_than))
        return pairs + [(key, str(value)) for key, value in singles if value is not None]

    def canonical(self) -> str:
        """The one query string of this filter."""
        return urlencode(self.pairs())

    def with_(self, **changes: Change) -> str:
        """The canonical query string with these keys' values replaced (None: removed). Any change but of the
        place leads to the newest entries."""
        pairs = [(key, value) for key, value in self.pairs() if key not in changes and key not in PLACES]
        for key, change in changes.items():
            pairs += [(key, value) for value in ([change] if isinstance(change, str) else change or ())]
        return TrailFilter.from_query(QueryDict(urlencode(pairs)), self.zone, self.now).canonical()

    def cleared(self) -> str:
        """The canonical query string that leaves nothing out."""
        return self.with_(**dict.fromkeys(NARROWING))

    def chips(self) -> list[Chip]:
        """Every active part of the filter, each of which can be removed."""
        return [
            Chip(part.key, part.value, part.words, self._without(part.key, part.value))
            for part in self._parts()
        ]

    def _without(self, key: str, value: str) -> str:
        return self.with_(**{key: [text for name, text in self.pairs() if name == key and text != value]})

    def words(self) -> str:
        """The filter as a person would say it: `Refused, by alice; newest first`."""
        phrases = [criterion.phrase(self.values, self._standpoint) for criterion in CRITERIA]
        return f"{', '.join(phrase for phrase in phrases if phrase) or 'all entries'}; newest first"

    def apply(self, entries: QuerySet[TrailEntry]) -> QuerySet[TrailEntry]:
        """Of these entries, the wanted ones, in no order."""
        at = self._standpoint
        conditions = (one for criterion in CRITERIA for one in criterion.conditions(self.values, at))
        return entries.filter(*conditions)

    def ordered(self, entries: QuerySet[TrailEntry]) -> QuerySet[TrailEntry]:
        """All of the wanted ones, newest first: what an export has."""
        return self.apply(entries).order_by("-acted_at", "-pk")

    def page(self, entries: QuerySet[TrailEntry]) -> TrailPage:
        """The wanted page, in two queries: one counts up to a cap, the other reads an index range from the
        place on, one entry more than is shown."""
        matching, backwards = self.apply(entries), self.newer_than is not None
        rows = matching.select_related(*RELATED).defer("owner__password")
        place = self.newer_than or self.older_than
        if place is not None:
            compare = TupleGreaterThan if backwards else TupleLessThan
            rows = rows.filter(compare(Tuple(F("acted_at"), F("pk")), (place.moment, place.id)))
        order = ("acted_at", "pk") if backwards else ("-acted_at", "-pk")
        found = list(rows.order_by(*order)[: self.per_page + 1])
        further, shown = len(found) > self.per_page, found[: self.per_page]
        if backwards:
            shown.reverse()
        return self._around(shown, bounded_count(matching), backwards, further)

    def _around(
        self, shown: list[TrailEntry], count: BoundedCount, backwards: bool, further: bool
    ) -> TrailPage:
        first = self.with_()
        has_newer = further if backwards else self.older_than is not None
        if not shown:
            return TrailPage([], count, first, first if has_newer else None, None)
        newer = self.with_(newer=str(place_of(shown[0]))) if has_newer else None
        older = self.with_(older=str(place_of(shown[-1]))) if backwards or further else None
        return TrailPage(shown, count, first, newer, older)
