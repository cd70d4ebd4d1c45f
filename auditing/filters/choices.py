"""What the filter form offers: values that are in the rows the viewer may see, and no others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from auditing.access import Sight, sight_of, who_acts
from auditing.filters.fields import FIELDS, Value, to_text
from auditing.filters.sorting import DEFAULT_SORT, ordered
from auditing.models import Account, Generation, Project, Tag, Team, User
from auditing.providers import PROVIDERS

MOST_OPTIONS = 500
LATEST_ROWS = 10_000
TEXTS = ("mode", "resolution", "provider_status")
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

LOOKED_UP = ("account", "owner", "team", "project", "tag", *TEXTS)
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
    """The options of every column, in seven queries: one row is wanted for each that could be among them.

    Columns of fixed words have all of them, which say nothing about any row. The others have what the
    LATEST_ROWS latest visible rows have, and of the teams that are seen whole every account, owner and
    project with rows: at most MOST_OPTIONS each. What the filter names is always
    among the options.
    """
    latest = _latest(visible)
    used = _Used(visible, sight_of(who_acts()), latest)
    words: dict[str, _Words] = {
        "account": _named(used.of(Account.objects.all(), "account_id"), "label", "label"),
        "owner": _people(used.of(User.objects.all(), "owner_id", of_team=False)),
        "team": _named(used.of(Team.objects.all(), "team_id", team="pk"), "slug", "name"),
        "project": _named(used.of(Project.objects.all(), "project_id"), "name", "name"),
        "tag": _named(_held(visible, Tag.objects.all(), "taggings__tag_id"), "name", "name"),
        **{key: _texts(latest[key]) for key in TEXTS},
    }
    return {
        key: _options(key, words.get(key, _words_of(key)), selected[key], excluded[key]) for key in FIELDS
    }


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
    """Tells which accounts, people, teams and projects visible rows point to.

    Of whom sees whole teams every one is asked for a single row, which the index on teams and owners has at
    once; where the planner takes the one on owners instead, a person's rows of other teams are read. Whoever
    sees but their own rows could wait for that: an index on accounts would find everybody's. For them the
    latest rows have to do.
    """

    visible: QuerySet[Generation]
    sight: Sight
    latest: Mapping[str, list[Any]]

    def of[Row: Model](
        self, rows: QuerySet[Row], column: str, *, team: str = "team_id", of_team: bool = True
    ) -> QuerySet[Row]:
        """Of these rows, those that a visible generation points to; `team` is their column for it."""
        among_latest = Q(pk__in=[pk for pk in self.latest[column] if pk is not None])
        if self.sight.everything:
            return _held(self.visible, rows, column)
        if not self.sight.whole_teams:
            return rows.filter(among_latest)
        of_whole_teams = self.visible.filter(team_id__in=self.sight.whole_teams)
        candidates = Q(**{f"{team}__in": self.sight.whole_teams}) if of_team else Q()
        return rows.filter(among_latest | candidates & Q(_holds(of_whole_teams, column)))


def _held[Row: Model](visible: QuerySet[Generation], rows: QuerySet[Row], column: str) -> QuerySet[Row]:
    return rows.filter(_holds(visible, column))


def _holds(visible: QuerySet[Generation], column: str) -> IsNull:
    """Whether a visible row points to the one outside: a scalar subquery, which stays one probe of an index
    for each, where EXISTS would become a join of all rows."""
    first = visible.order_by().filter(**{column: OuterRef("pk")}).values("pk")[:1]
    return IsNull(Subquery(first), False)


def _named[Row: Model](rows: QuerySet[Row], value: str, words: str) -> _Words:
    found: Iterable[tuple[str, str]] = rows.order_by(words).values_list(value, words)[:MOST_OPTIONS]
    return dict(found)


def _people(people: QuerySet[User]) -> _Words:
    """Owners by the names they go by; people of the same name with their user names."""
    found = list(people.order_by("username")[:MOST_OPTIONS])
    names = [str(person) for person in found]
    return {
        person.username: name if names.count(name) == 1 else f"{name} ({person.username})"
        for person, name in zip(found, names, strict=True)
    }


def _latest(visible: QuerySet[Generation]) -> dict[str, list[Any]]:
    """The values of the latest visible rows in each column: one query that reads no more than these."""
    latest = ordered(visible, DEFAULT_SORT)[:LATEST_ROWS]
    found = latest.aggregate(**{f"{key}s": ArrayAgg(key, distinct=True) for key in (*TEXTS, *POINTERS)})
    return {key: found[f"{key}s"] or [] for key in (*TEXTS, *POINTERS)}


def _texts(values: list[str | None]) -> _Words:
    return {value: value for value in values if value}
