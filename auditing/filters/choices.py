"""What the filter form offers: values that are in the rows the viewer may see, and no others."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.db.models.lookups import IsNull

from auditing.access import Person, sees_everything, who_acts
from auditing.filters.facets import Facet, Facets
from auditing.filters.fields import FIELDS, Value, to_text
from auditing.filters.sorting import DEFAULT_SORT, ordered
from auditing.models import Account, Generation, Project, Tag, Team, User
from auditing.providers import PROVIDERS
from auditing.rollups.jobs import jobs_by

MOST_OPTIONS = 500
LATEST_ROWS = 2000
WORDS = ("mode", "resolution")
POINTERS = ("account_id", "owner_id", "team_id", "project_id")


@dataclass(frozen=True, slots=True)
class Option:
    """One value that a column can be filtered by, as a query string has it and in words: wanted, or not
    wanted, or neither."""

    value: str
    words: str
    selected: bool
    excluded: bool = False


type Choices = dict[str, tuple[Option, ...]]
"""The options of every column, by its key, in the order to show them."""

type _Words = dict[Value, str]

LOOKED_UP = ("account", "owner", "team", "project", "tag", "provider_status", *WORDS)
"""The columns whose options are looked up in the rows. The others have fixed words."""


def fixed(selected: Mapping[str, tuple[Value, ...]], excluded: Mapping[str, tuple[Value, ...]]) -> Choices:
    """The options that need no query: all of the columns of fixed words, of the others what the filter
    names."""
    return {key: _options(key, _words_of(key), selected[key], excluded[key]) for key in FIELDS}


def offered(
    visible: QuerySet[Generation],
    selected: Mapping[str, tuple[Value, ...]],
    excluded: Mapping[str, tuple[Value, ...]],
) -> Choices:
    """The options of every column for who acts, who may see these rows, in eight queries.

    Columns of fixed words have all of them, which say nothing about any row. Accounts, people, teams,
    projects, modes and resolutions are those that a visible row has, at most MOST_OPTIONS each. Providers'
    words are those of the LATEST_ROWS latest visible rows, tags again those that a visible row has. What the
    filter names is always among the options.
    """
    used = _Used.by(who_acts(), visible)
    words: dict[str, _Words] = {
        "account": _named(used.of(Account.objects.all(), "account_id"), "label", "label"),
        "owner": _people(used.of(User.objects.all(), "owner_id")),
        "team": _named(used.of(Team.objects.all(), "team_id"), "slug", "name"),
        "project": _named(used.of(Project.objects.all(), "project_id"), "name", "name"),
        "mode": _texts(used.words("mode")),
        "resolution": _texts(used.words("resolution")),
        "provider_status": _texts(_said_by_providers(visible)),
        "tag": _named(_held(visible, Tag.objects.all(), "taggings__tag_id"), "name", "name"),
    }
    return {
        key: _options(key, words.get(key, _words_of(key)), selected[key], excluded[key]) for key in FIELDS
    }


def with_counted(choices: Choices, facets: Facets) -> Choices:
    """The choices, and behind them what else was counted; of very many values those with the most rows."""
    return {
        key: (*options, *_others(key, options, facets[key])) if key in facets else options
        for key, options in choices.items()
    }


def _others(key: str, options: tuple[Option, ...], facet: Facet) -> Iterable[Option]:
    offered = {option.value for option in options}
    values = (value for value in facet.counts if value and to_text(value) not in offered)
    most = sorted(values, key=lambda value: -facet.counts[value].number)[:MOST_OPTIONS]
    names = _names_of(most) if key == "owner" and most else {}
    return (Option(to_text(value), names.get(value, value), selected=False) for value in most)


def _names_of(usernames: list[str]) -> dict[str, str]:
    """What people are called, with the names that tell them apart from whoever else is offered."""
    people = User.objects.filter(username__in=usernames).order_by()
    named = {person.username: person.get_full_name() for person in people}
    return {username: f"{name} ({username})" for username, name in named.items() if name}


def _options(
    key: str, words: _Words, selected: tuple[Value, ...], excluded: tuple[Value, ...]
) -> tuple[Option, ...]:
    field = FIELDS[key]
    chosen = (*selected, *excluded)
    every = words | {value: field.value_words(value) for value in chosen if value not in words}
    if field.unknown is not None:
        every[None] = field.unknown_words
    return tuple(
        Option(to_text(value), said, value in selected, value in excluded) for value, said in every.items()
    )


def _words_of(key: str) -> _Words:
    if key == "provider":
        return {name: provider.name for name, provider in PROVIDERS.items()}
    return {value: (value or "").replace("_", " ") for value in FIELDS[key].possible() if value is not None}


@dataclass(frozen=True, slots=True)
class _Used:
    """Tells what visible rows have and point to, out of rollups; these read some thousand cells of a team.

    Of whom sees everything each account, person, team and project is asked for one row: an index has it at
    once, whatever else this person sees, and everybody's cells are many more than there are people.
    """

    jobs: Mapping[str, Counter[Any]]
    visible: QuerySet[Generation]

    @classmethod
    def by(cls, person: Person, visible: QuerySet[Generation]) -> "_Used":
        """By the rows that this person sees."""
        columns = WORDS if sees_everything(person) else (*WORDS, *POINTERS)
        return cls(jobs_by(person, columns), visible)

    def of[Row: Model](self, rows: QuerySet[Row], column: str) -> QuerySet[Row]:
        """Of these rows, those that a visible generation points to: of very many, those of the most jobs."""
        if column in self.jobs:
            return rows.filter(pk__in=self.words(column))
        return _held(self.visible, rows, column)

    def words(self, column: str) -> list[Any]:
        """The known values, those with the most jobs."""
        known = (value for value, _ in self.jobs[column].most_common() if value is not None)
        return list(islice(known, MOST_OPTIONS))


def _held[Row: Model](visible: QuerySet[Generation], rows: QuerySet[Row], column: str) -> QuerySet[Row]:
    """Of these rows, those that a visible generation points to: a scalar subquery, which stays one probe of
    an index for each, where EXISTS would become a join of all rows."""
    first = visible.order_by().filter(**{column: OuterRef("pk")}).values("pk")[:1]
    return rows.filter(IsNull(Subquery(first), False))


def _named[Row: Model](rows: QuerySet[Row], value: str, words: str) -> _Words:
    found: Iterable[tuple[str, str]] = rows.order_by(words).values_list(value, words)[:MOST_OPTIONS]
    return dict(found)


def _people(people: QuerySet[User]) -> _Words:
    """Owners by the names they go by; people of the same name with their user names."""
    found = [(person.username, str(person)) for person in people.order_by("username")[:MOST_OPTIONS]]
    times = Counter(name for _, name in found)
    return {username: name if times[name] == 1 else f"{name} ({username})" for username, name in found}


def _said_by_providers(visible: QuerySet[Generation]) -> list[str | None]:
    """The providers' words of the latest visible rows: one query that reads no more than these."""
    latest = ordered(visible, DEFAULT_SORT)[:LATEST_ROWS]
    return latest.aggregate(words=ArrayAgg("provider_status", distinct=True))["words"] or []


def _texts(values: list[str | None]) -> _Words:
    return {value: value for value in sorted(filter(None, values))}
