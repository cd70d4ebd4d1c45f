"""What the filter form offers: values that are in the rows the viewer may see, and no others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from auditing.filters.fields import FIELDS, Value, to_text
from auditing.filters.sorting import DEFAULT_SORT, ordered
from auditing.models import Account, Generation, Project, Team, User
from auditing.providers import PROVIDERS

MOST_OPTIONS = 500
LATEST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Option:
    """One value that a column can be filtered by: as a query string has it, and in words."""

    value: str
    words: str
    selected: bool


type Choices = dict[str, tuple[Option, ...]]
"""The options of every column, by its key, in the order to show them."""

type _Words = dict[Value, str]


def offered(visible: QuerySet[Generation], selected: Mapping[str, tuple[Value, ...]]) -> Choices:
    """The options of every column, in five queries.

    Status, provider and outcome always have all their words, which say nothing about any row. Accounts,
    owners, teams and projects are those of visible rows (at most MOST_OPTIONS each), modes and resolutions
    those of the LATEST_ROWS latest visible rows. What is selected is always among the options.
    """
    words: dict[str, _Words] = {
        "status": _words_of("status"),
        "provider": {key: provider.name for key, provider in PROVIDERS.items()},
        "outcome": _words_of("outcome"),
        "account": _named(_in_use(visible, Account.objects.all(), "account"), "label", "label"),
        "owner": _people(visible),
        "team": _named(_in_use(visible, Team.objects.all(), "team"), "slug", "name"),
        "project": _named(_in_use(visible, Project.objects.all(), "project"), "name", "name"),
        **_latest(visible),
    }
    return {key: _options(key, words[key], selected[key]) for key in FIELDS}


def _options(key: str, words: _Words, selected: tuple[Value, ...]) -> tuple[Option, ...]:
    field = FIELDS[key]
    every = words | {value: field.value_words(value) for value in selected if value not in words}
    if field.unknown is not None:
        every[None] = field.unknown_words
    return tuple(Option(to_text(value), said, value in selected) for value, said in every.items())


def _words_of(key: str) -> _Words:
    return {value: (value or "").replace("_", " ") for value in FIELDS[key].possible() if value is not None}


def _in_use[Row: Model](visible: QuerySet[Generation], rows: QuerySet[Row], column: str) -> QuerySet[Row]:
    """Of these rows, those that a visible generation points to."""
    return rows.filter(Exists(visible.order_by().filter(Q(**{column: OuterRef("pk")}))))


def _named[Row: Model](rows: QuerySet[Row], value: str, words: str) -> _Words:
    found: Iterable[tuple[str, str]] = rows.order_by(words).values_list(value, words)[:MOST_OPTIONS]
    return dict(found)


def _people(visible: QuerySet[Generation]) -> _Words:
    """Owners by the names they go by; people of the same name with their user names."""
    people = list(_in_use(visible, User.objects.all(), "owner").order_by("username")[:MOST_OPTIONS])
    names = [str(person) for person in people]
    return {
        person.username: name if names.count(name) == 1 else f"{name} ({person.username})"
        for person, name in zip(people, names, strict=True)
    }


def _latest(visible: QuerySet[Generation]) -> dict[str, _Words]:
    """The modes and resolutions of the latest visible rows: one query that reads no more than these."""
    latest = ordered(visible, DEFAULT_SORT)[:LATEST_ROWS]
    found = latest.aggregate(**{f"{key}s": ArrayAgg(key, distinct=True) for key in ("mode", "resolution")})
    return {key: _texts(found[f"{key}s"]) for key in ("mode", "resolution")}


def _texts(values: list[str | None] | None) -> _Words:
    return {value: value for value in values or () if value}
