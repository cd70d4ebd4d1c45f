"""The filter itself: parsed from a query string, it selects, sorts, pages and says itself in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from auditing.filters.budget import Budget
from auditing.filters.choices import Choices, fixed, offered
from auditing.filters.counting import PATIENCE, counted_up
from auditing.filters.criteria import NARROWING, TEXT, asked, concerned
from auditing.filters.criterion import Chip, Part, Standpoint
from auditing.filters.facets import FACETS, Facets, counted
from auditing.filters.fields import EXCLUDED, FIELDS, Value, from_text
from auditing.filters.kept import cells_of, told_wishes
from auditing.filters.outcomes import lookups_of
from auditing.filters.paging import (
    COUNT_CAP,
    LONG,
    MANY,
    BoundedCount,
    PageOf,
    Place,
    Slice,
    fetch_slice,
    has_more_than,
)
from auditing.filters.reading import Reader, one_of, parse_zone
from auditing.filters.searching import Read, Search
from auditing.filters.sorting import DEFAULT_SORT, SORTS, cursor_in, ordered, sort_of, sort_words
from auditing.filters.text import MOST_UNINDEXED, Sought, has_trigram, sought, too_many
from auditing.filters.wanted import PER_PAGE, Wanted
from auditing.filters.wish import Wish
from auditing.models import Generation

IN_UTC = ZoneInfo("UTC")
PAGE_SIZES = (25, 50, 100)
CURSORS = ("after", "before")

type Change = str | Iterable[str] | None
type Page = PageOf[GenerationFilter]


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationFilter(Wanted):
    """Which generations are wanted, in which order, and which page of them.

    Days are those of `zone`, which is `usual_zone` (None: `zone` itself) where the query string does not say;
    ages and named days are as of `now`. A page has `usual_per_page` rows where it does not say. `errors` has
    a message for each key whose value was bad and does not count; `ignored` are keys of the query string that
    are no part of a filter. Of these, `zone` and `usual_per_page` alone make filters differ.
    """

    zone: ZoneInfo = IN_UTC
    usual_per_page: int = PER_PAGE
    usual_zone: ZoneInfo | None = field(default=None, compare=False)
    blank: str = field(default="", compare=False)
    now: datetime = field(default_factory=timezone.now, compare=False)
    errors: Mapping[str, str] = field(default_factory=dict, compare=False)
    ignored: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def from_query(
        cls,
        query: QueryDict,
        zone: ZoneInfo = IN_UTC,
        usual_per_page: int = PER_PAGE,
        now: datetime | None = None,
        blank: str = "",
    ) -> "GenerationFilter":
        """The filter that a query string asks for, seen from `zone` at `now` (None: the clock's), unless it
        names another zone. Never raises."""
        reader = Reader(query)
        values: dict[str, Any] = {}
        for criterion in concerned(query):
            values |= criterion.read(reader)
        sort = reader.single("sort", one_of(_SORT_WORDS, _SORTS_SAID), DEFAULT_SORT)
        after = reader.single("after", cursor_in(sort), None)
        return cls(
            **values,
            sort=sort,
            per_page=reader.single("per_page", one_of(_SIZE_WORDS), usual_per_page),
            after=after,
            before=reader.single("before", cursor_in(sort, unless=after), None),
            zone=reader.single("zone", parse_zone, zone),
            usual_zone=zone,
            usual_per_page=usual_per_page,
            now=now or timezone.now(),
            blank=blank,
            errors=reader.errors,
            ignored=tuple(key for key in query if key not in KEYS),
        )

    @property
    def columns(self) -> dict[str, tuple[Value, ...]]:
        """The wanted values of every column, empty where any will do."""
        return {key: getattr(self, key) for key in FIELDS}

    @property
    def _unwanted(self) -> dict[str, tuple[Value, ...]]:
        return {key: getattr(self, f"{key}{EXCLUDED}") for key in FIELDS}

    @property
    def _values(self) -> dict[str, Any]:
        return {key: getattr(self, key) for key in NARROWING}

    @property
    def _own_zone(self) -> ZoneInfo:
        """The zone of this filter's days where its query string names none."""
        return self.usual_zone or self.zone

    @property
    def _standpoint(self) -> Standpoint:
        return Standpoint(self.zone, self.now)

    def _parts(self) -> list[Part]:
        """Every part of the filter that leaves rows out."""
        if not (active := asked(self)):
            return []
        values, at = self._values, self._standpoint
        return [part for criterion in concerned(active) for part in criterion.parts(values, at)]

    @property
    def narrows(self) -> bool:
        """True when the filter leaves anything out."""
        return bool(asked(self))

    def pairs(self) -> list[tuple[str, str]]:
        """The filter as keys and values of a query string, in canonical order, without defaults."""
        pairs = [(part.key, part.value) for part in self._parts()]
        singles: list[tuple[str, object, object]] = [
            ("zone", self.zone, self._own_zone),
            ("sort", self.sort, DEFAULT_SORT),
            ("per_page", self.per_page, self.usual_per_page),
            ("after", self.after, None),
            ("before", self.before, None),
        ]
        return pairs + [(key, str(value)) for key, value, default in singles if value != default]

    def canonical(self) -> str:
        """The one query string of this filter: parsed again, it gives this filter, and so itself again;
        `blank` for one that asks for nothing, where a list without a query string may be another one."""
        return urlencode(self.pairs()) or self.blank

    def with_(self, **changes: Change) -> str:
        """The canonical query string with these keys' values replaced (None: removed), as in a query string.

        Any change but of the cursor itself leads to the first page. Raises KeyError for what is no key.
        """
        return self._changed(changes).canonical()

    def without(self, key: str, value: str | None = None) -> str:
        """The canonical query string without a key, or without one of its values."""
        left = [text for name, text in self.pairs() if name == key and value not in (None, text)]
        return self.with_(**{key: left})

    def cleared(self) -> str:
        """The canonical query string that leaves nothing out, in the same order and page size."""
        return self.with_(**dict.fromkeys((*NARROWING, "zone")))

    def _changed(self, changes: Mapping[str, Change]) -> "GenerationFilter":
        if unknown := changes.keys() - KEYS:
            raise KeyError(f"no part of a filter: {', '.join(sorted(unknown))}")
        query = QueryDict(mutable=True)
        for key, value in self.pairs():
            if key not in changes and key not in CURSORS:
                query.appendlist(key, value)
        for key, change in changes.items():
            query.setlist(key, [change] if isinstance(change, str) else list(change or ()))
        return GenerationFilter.from_query(query, self._own_zone, self.usual_per_page, self.now, self.blank)

    def chips(self) -> list[Chip]:
        """Every active part of the filter, and another zone than the usual; each can be removed."""
        parts = self._parts()
        if self.zone != self._own_zone:
            parts.append(Part("zone", self.zone.key, f"days of {self.zone.key}"))
        return [Chip(part.key, part.value, part.words, self.without(part.key, part.value)) for part in parts]

    def words(self) -> str:
        """The filter as a person would say it: `failed, 4k, containing “beach”; newest first`."""
        values, at = self._values, self._standpoint
        phrases = [criterion.phrase(values, at) for criterion in concerned(asked(self))]
        said = ", ".join(phrase for phrase in phrases if phrase) or "all generations"
        return f"{said}; {sort_words(self.sort)}"

    def apply(self, queryset: QuerySet[Generation]) -> QuerySet[Generation]:
        """Of these rows, the wanted ones, in no order."""
        return queryset.filter(*self._conditions(asked(self)))

    def _conditions(self, keys: Iterable[str]) -> list[Q]:
        values, at = self._values, self._standpoint
        return [condition for criterion in concerned(keys) for condition in criterion.conditions(values, at)]

    def conditions_beside_text(self) -> list[Q]:
        """All that is wished but the text, as conditions."""
        return self._conditions(asked(self).difference(TEXT.keys))

    def ordered(self, queryset: QuerySet[Generation]) -> QuerySet[Generation]:
        """The wanted rows in the wanted order, all of them: what an export has."""
        return ordered(self.apply(queryset), self.sort)

    def page(
        self, queryset: QuerySet[Generation], needs: Iterable[str] = (), patience: float = PATIENCE
    ) -> Page:
        """The wanted page of these rows, all that who acts may see, in two queries: one counts up to a cap,
        one reads the rows; `needs` take one each.

        A text takes one more: it finds the rows that have it, or that they are many; one without a trigram,
        that the list is short enough for it, else it does not count, with an error. Beside other wishes it
        is first asked how many rows fit these (`Search`). Where counting is given up after `patience` seconds
        (`counted_up`), there are as many rows as the page has, and more where there is another page. A sort
        that no index serves gives way to the default, with an error, where there are too many rows.
        """
        searchable = self._searchable(queryset)
        wishes, place = searchable.conditions_beside_text(), Place.of(searchable)
        text = Search(searchable, queryset, wishes, place, needs, self.now).answer(patience)
        if isinstance(text, Read):
            return searchable._page(text.part, text.count)
        matching = queryset.filter(*(() if text.is_all else wishes), *text.conditions)
        count = counted_up(searchable, matching, text, patience)
        wanted = searchable._served(count or MANY)
        return wanted._page(wanted._slice(matching, count or MANY, text, needs), count)

    def _slice(
        self, matching: QuerySet[Generation], count: BoundedCount, text: Sought, needs: Iterable[str]
    ) -> Slice:
        mixed = text.is_all or len(told_wishes(self) or ()) > 1
        # No index finds all rows with a frequent text; those that were never looked up lie at the list's end.
        soon = None not in self.outcome or self.sort != DEFAULT_SORT
        walks = None if text.is_frequent else LONG if soon else 0
        place, narrowed = Place.of(self), self.narrows
        return fetch_slice(matching, place, count, narrowed=narrowed, mixed=mixed, walks=walks, needs=needs)

    def _page(self, part: Slice, count: BoundedCount | None) -> Page:
        first = self.with_()
        previous = self.with_(before=str(part.before)) if part.before else None
        following = self.with_(after=str(part.after)) if part.after else None
        previous = first if part.emptied else previous
        return PageOf(part.rows, count or part.count, first, previous, following, self)

    def _searchable(self, queryset: QuerySet[Generation]) -> "GenerationFilter":
        if not self.q or has_trigram(self.q):
            return self
        without = replace(self, q="", after=None, before=None, errors={**self.errors, "q": too_many()})
        return without if has_more_than(without.apply(queryset), MOST_UNINDEXED) else self

    def _served(self, count: BoundedCount) -> "GenerationFilter":
        sort, _ = sort_of(self.sort)
        if sort.indexed or not count.more:
            return self
        fault = f"{sort.label} can sort at most {COUNT_CAP:,} rows: newest first until there are fewer"
        errors = {**self.errors, "sort": fault}
        return replace(self, sort=DEFAULT_SORT, after=None, before=None, errors=errors)

    def fixed_choices(self) -> Choices:
        """What a form for this filter offers to anybody, without a query."""
        return fixed(self.columns, self._unwanted)

    def choices(self, visible: QuerySet[Generation]) -> Choices:
        """What a form for this filter offers to who acts, who may see these rows, in eight queries."""
        return offered(visible, self.columns, self._unwanted)

    def facets(self, visible: QuerySet[Generation], choices: Choices, budget: Budget | None = None) -> Facets:
        """How many rows each value of the facets' columns would leave of these, which are those that who acts
        may see; in about a second at most."""
        searchable = self._searchable(visible)
        text = sought(searchable.q, COUNT_CAP) if searchable.q else Sought()

        def rows(aside: frozenset[str]) -> QuerySet[Generation]:
            blank: dict[str, Any] = {f"{key}{end}": () for key in aside for end in ("", EXCLUDED)}
            return visible.filter(*replace(searchable, **blank).conditions_beside_text(), *text.conditions)

        wishes = {key: Wish(getattr(self, key), getattr(self, f"{key}{EXCLUDED}")) for key in FACETS}
        values = {key: [from_text(option.value) for option in choices[key]] for key in FACETS}
        budget = budget or Budget(seconds=1.0, each=0.25)
        return counted(rows, wishes, values, budget, cells_of(searchable), lookups_of(searchable))


KEYS = frozenset((*NARROWING, "zone", "sort", "per_page", *CURSORS))

_SORT_WORDS = {text: text for key in SORTS for text in (key, f"-{key}")}
_SORTS_SAID = f"{', '.join(SORTS)}, with - in front for the reverse"
_SIZE_WORDS = {str(size): size for size in PAGE_SIZES}
