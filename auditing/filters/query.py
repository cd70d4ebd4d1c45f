"""The filter itself: parsed from a query string, it selects, sorts, pages and says itself in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import QueryDict

from auditing.filters.choices import Choices, offered
from auditing.filters.days import created_on
from auditing.filters.fields import FIELDS, Value, to_text
from auditing.filters.paging import COUNT_CAP, BoundedCount, bounded_count, fetch_slice, has_more_than
from auditing.filters.reading import Reader, day_from, one_of, parse_day, parse_text
from auditing.filters.sorting import DEFAULT_SORT, SORTS, Cursor, cursor_in, ordered, sort_of, sort_words
from auditing.filters.text import MOST_UNINDEXED, containing, found, has_trigram, held_by, too_many
from auditing.filters.words import created_words, from_words, text_words, to_words
from auditing.models import Generation

IN_UTC = ZoneInfo("UTC")
PER_PAGE = 50
PAGE_SIZES = (25, 50, 100)
CURSORS = ("after", "before")

type Change = str | Iterable[str] | None


@dataclass(frozen=True, slots=True)
class Chip:
    """One active part of a filter: its key and value as a query string has them, its words, and the query
    string that is left when it is removed."""

    key: str
    value: str
    words: str
    remove_url_query: str


@dataclass(frozen=True, slots=True)
class SortOption:
    """One column that this list can be sorted by. `url_query` sorts by it, the other way round when it
    already does; `direction` is `ascending` or `descending` (aria-sort's words), None for other columns."""

    key: str
    label: str
    direction: str | None
    url_query: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list: its rows, how many there are in all, and query strings of the pages around it.

    `filter` is the filter as it was applied: show this one, and its `errors`. `first` leads to the list's
    beginning. `previous` and `next` are None where there is no such page.
    """

    rows: list[Generation]
    count: BoundedCount
    first: str
    previous: str | None
    next: str | None
    filter: "GenerationFilter"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationFilter:
    """Which generations are wanted, in which order, and which page of them.

    Values are typed and acceptable; in the columns None is the unknown. `created_from` and `created_to` are
    days in `zone`, both included. A page has `usual_per_page` rows where the query string does not say.
    `errors` has a message for each key whose value was bad and does not count; `ignored` are keys of the
    query string that are no part of a filter. Neither makes filters differ.
    """

    status: tuple[Value, ...] = ()
    provider: tuple[Value, ...] = ()
    account: tuple[Value, ...] = ()
    owner: tuple[Value, ...] = ()
    team: tuple[Value, ...] = ()
    project: tuple[Value, ...] = ()
    resolution: tuple[Value, ...] = ()
    mode: tuple[Value, ...] = ()
    outcome: tuple[Value, ...] = ()
    created_from: date | None = None
    created_to: date | None = None
    q: str = ""
    sort: str = DEFAULT_SORT
    per_page: int = PER_PAGE
    after: Cursor | None = None
    before: Cursor | None = None
    zone: ZoneInfo = IN_UTC
    usual_per_page: int = PER_PAGE
    errors: Mapping[str, str] = field(default_factory=dict, compare=False)
    ignored: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def from_query(
        cls, query: QueryDict, zone: ZoneInfo = IN_UTC, usual_per_page: int = PER_PAGE
    ) -> "GenerationFilter":
        """The filter that a query string asks for; `zone` is the one its days are in. Never raises."""
        reader = Reader(query)
        columns = {key: reader.any_of(column) for key, column in FIELDS.items()}
        first = reader.single("created_from", parse_day, None)
        last = reader.single("created_to", day_from(first), None)
        sort = reader.single("sort", one_of(_SORT_WORDS, _SORTS_SAID), DEFAULT_SORT)
        after = reader.single("after", cursor_in(sort), None)
        return cls(
            **columns,
            created_from=first,
            created_to=last,
            q=reader.single("q", parse_text, ""),
            sort=sort,
            per_page=reader.single("per_page", one_of(_SIZE_WORDS), usual_per_page),
            after=after,
            before=reader.single("before", cursor_in(sort, unless=after), None),
            zone=zone,
            usual_per_page=usual_per_page,
            errors=reader.errors,
            ignored=tuple(key for key in query if key not in KEYS),
        )

    @property
    def columns(self) -> dict[str, tuple[Value, ...]]:
        """The wanted values of every column, empty where any will do."""
        return {key: getattr(self, key) for key in FIELDS}

    @property
    def narrows(self) -> bool:
        """True when the filter leaves anything out."""
        return any(self.columns.values()) or bool(self.created_from or self.created_to or self.q)

    def pairs(self) -> list[tuple[str, str]]:
        """The filter as keys and values of a query string, in canonical order, without defaults."""
        pairs = [(key, to_text(value)) for key, values in self.columns.items() for value in values]
        singles: list[tuple[str, object, object]] = [
            ("created_from", self.created_from, None),
            ("created_to", self.created_to, None),
            ("q", self.q, ""),
            ("sort", self.sort, DEFAULT_SORT),
            ("per_page", self.per_page, self.usual_per_page),
            ("after", self.after, None),
            ("before", self.before, None),
        ]
        return pairs + [(key, str(value)) for key, value, default in singles if value != default]

    def canonical(self) -> str:
        """The one query string of this filter: parsed again, it gives this filter, and so itself again."""
        return urlencode(self.pairs())

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
        return self.with_(**dict.fromkeys((*FIELDS, "created_from", "created_to", "q")))

    def _changed(self, changes: Mapping[str, Change]) -> "GenerationFilter":
        if unknown := changes.keys() - KEYS:
            raise KeyError(f"no part of a filter: {', '.join(sorted(unknown))}")
        query = QueryDict(mutable=True)
        for key, value in self.pairs():
            if key not in changes and key not in CURSORS:
                query.appendlist(key, value)
        for key, change in changes.items():
            query.setlist(key, [change] if isinstance(change, str) else list(change or ()))
        return GenerationFilter.from_query(query, self.zone, self.usual_per_page)

    def chips(self) -> list[Chip]:
        """Every active part of the filter, each of which can be removed."""
        return [Chip(key, value, words, self.without(key, value)) for key, value, words in self._parts()]

    def _parts(self) -> Iterator[tuple[str, str, str]]:
        for key, values in self.columns.items():
            for value in values:
                yield key, to_text(value), FIELDS[key].value_words(value)
        if self.created_from:
            yield "created_from", str(self.created_from), from_words(self.created_from, self.zone)
        if self.created_to:
            yield "created_to", str(self.created_to), to_words(self.created_to, self.zone)
        if self.q:
            yield "q", self.q, text_words(self.q)

    def words(self) -> str:
        """The filter as a person would say it: `failed, 4k, containing “beach”; newest first`."""
        parts = [
            " or ".join(FIELDS[key].value_words(value) for value in values)
            for key, values in self.columns.items()
            if values
        ]
        parts.append(created_words(self.created_from, self.created_to, self.zone))
        parts.append(text_words(self.q) if self.q else "")
        said = ", ".join(part for part in parts if part) or "all generations"
        return f"{said}; {sort_words(self.sort)}"

    def apply(self, queryset: QuerySet[Generation]) -> QuerySet[Generation]:
        """Of these rows, the wanted ones, in no order."""
        rows = self._apart_from_text(queryset)
        return rows.filter(containing(self.q)) if self.q else rows

    def _apart_from_text(self, queryset: QuerySet[Generation]) -> QuerySet[Generation]:
        conditions = [FIELDS[key].condition(values) for key, values in self.columns.items() if values]
        return queryset.filter(*conditions, *created_on(self.created_from, self.created_to, self.zone))

    def ordered(self, queryset: QuerySet[Generation]) -> QuerySet[Generation]:
        """The wanted rows in the wanted order, all of them: what an export has."""
        return ordered(self.apply(queryset), self.sort)

    def page(self, queryset: QuerySet[Generation]) -> Page:
        """The wanted page, in two queries: one counts up to a cap, one reads the rows.

        A text takes one more: it finds the rows that have it, or that they are many; one without a trigram,
        that the list is short enough for it, else it does not count, with an error. A sort that no index
        serves gives way to the default, with an error, where there are too many rows.
        """
        searchable = self._searchable(queryset)
        matching = searchable._findable(queryset)
        count = bounded_count(matching)
        wanted = searchable._served(count)
        part = fetch_slice(
            matching, wanted.sort, after=wanted.after, before=wanted.before, per_page=wanted.per_page
        )
        first = wanted.with_()
        previous = wanted.with_(before=str(part.before)) if part.before else None
        return Page(
            rows=part.rows,
            count=count,
            first=first,
            previous=first if part.emptied else previous,
            next=wanted.with_(after=str(part.after)) if part.after else None,
            filter=wanted,
        )

    def _searchable(self, queryset: QuerySet[Generation]) -> "GenerationFilter":
        if not self.q or has_trigram(self.q):
            return self
        without = replace(self, q="", after=None, before=None, errors={**self.errors, "q": too_many()})
        return without if has_more_than(without.apply(queryset), MOST_UNINDEXED) else self

    def _findable(self, queryset: QuerySet[Generation]) -> QuerySet[Generation]:
        """The wanted rows for a page: of a rare text those that its index found, of a frequent one those that
        have it among the rows that come in the page's order."""
        rows = self._apart_from_text(queryset)
        if not self.q:
            return rows
        ids = found(self.q, COUNT_CAP + 1) if has_trigram(self.q) else None
        if ids is None or len(ids) > COUNT_CAP:
            return rows.filter(held_by(self.q))
        return rows.filter(pk__in=ids)

    def _served(self, count: BoundedCount) -> "GenerationFilter":
        sort, _ = sort_of(self.sort)
        if sort.indexed or not count.more:
            return self
        fault = f"{sort.label} can sort at most {count.number:,} rows: newest first until there are fewer"
        errors = {**self.errors, "sort": fault}
        return replace(self, sort=DEFAULT_SORT, after=None, before=None, errors=errors)

    def available_sorts(self, count: BoundedCount) -> tuple[SortOption, ...]:
        """What a list of so many rows can be sorted by: when it is large, only what an index serves."""
        return tuple(
            SortOption(key, sort.label, self._direction(key), self._sorted_by(key))
            for key, sort in SORTS.items()
            if sort.indexed or not count.more
        )

    def _direction(self, key: str) -> str | None:
        if self.sort.removeprefix("-") != key:
            return None
        return "descending" if self.sort.startswith("-") else "ascending"

    def _sorted_by(self, key: str) -> str:
        descending = SORTS[key].starts_descending if self.sort.removeprefix("-") != key else self.sort == key
        return self.with_(sort=f"-{key}" if descending else key)

    def choices(self, visible: QuerySet[Generation]) -> Choices:
        """What a form for this filter offers to one who may see these rows, in five queries."""
        return offered(visible, self.columns)


KEYS = frozenset((*FIELDS, "created_from", "created_to", "q", "sort", "per_page", *CURSORS))

_SORT_WORDS = {text: text for key in SORTS for text in (key, f"-{key}")}
_SORTS_SAID = f"{', '.join(SORTS)}, with - in front for the reverse"
_SIZE_WORDS = {str(size): size for size in PAGE_SIZES}
