"""The rows of a list's page: all that is shown of them, read in one statement, as plain values.

They are no models: to compile the statement anew, and to make an object of every column's every table for
each row, took a third of the time that a page took.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from auditing.access import IDS, rows_found, tags_of
from auditing.filters.sorting import DEFAULT_SORT, SortValue, ordered
from auditing.models import Generation

TAGS = "tags"


class ShownTeam(NamedTuple):
    """The team of a row."""

    slug: str
    name: str


class ShownAccount(NamedTuple):
    """The account of a row."""

    label: str


class ShownProject(NamedTuple):
    """The project of a row."""

    name: str


class ShownOwner(NamedTuple):
    """The owner of a row, who as text goes by their name, as a `User` does."""

    username: str
    name: str

    def __str__(self) -> str:
        return self.name or self.username


class ShownLookup(NamedTuple):
    """How a row's last lookup went, and when the next is due."""

    outcome: str | None
    looked_up_at: datetime | None
    synced_at: datetime | None
    due_at: datetime | None


class Row(NamedTuple):
    """One generation as a list shows it, with the words of `Generation`; `sort_value` is its value in the
    list's order, `tags` are names, A to Z, where they were asked for."""

    pk: int
    provider: str
    external_id: str
    owner_id: int | None
    registered_at: datetime
    status: str | None
    provider_status: str | None
    title: str | None
    description: str | None
    mode: str | None
    resolution: str | None
    duration_milliseconds: int | None
    thumbnail_url: str | None
    credits_thousandths: int | None
    credits_basis: str | None
    message: str | None
    error: str | None
    created_at: datetime | None
    updated_at: datetime | None
    processing_started_at: datetime | None
    processing_completed_at: datetime | None
    flags: list[str]
    waiting_milliseconds: int | None
    processing_milliseconds: int | None
    sort_value: SortValue
    team: ShownTeam
    account: ShownAccount
    project: ShownProject | None
    owner: ShownOwner | None
    lookup: ShownLookup
    tags: tuple[str, ...] = ()


type Shown = Generation | Row
"""What has a generation's words: a row of a list, or the model, read with all that is asked of it."""

OWN = Row._fields[: Row._fields.index("sort_value")]
JOINED = (
    *("team__slug", "team__name", "account__label", "project__name"),
    *("owner__username", "owner__first_name", "owner__last_name"),
    *("lookup__outcome", "lookup__looked_up_at", "lookup__synced_at", "lookup__due_at"),
)


@dataclass(frozen=True, slots=True)
class _Statement:
    """The SQL before and after the query that finds the ids, each with its values."""

    before: str
    after: str
    first: tuple[Any, ...]
    last: tuple[Any, ...]

    def around(self, ids: str, values: Iterable[Any]) -> tuple[str, tuple[Any, ...]]:
        """The whole statement, and its values."""
        return f"{self.before}{ids}{self.after}", (*self.first, *values, *self.last)


@lru_cache(maxsize=64)
def _statement(sort: str, backwards: bool) -> _Statement:
    """What reads rows in an order; it is the same whichever these are."""
    rows = ordered(rows_found(), sort, backwards=backwards)
    sql, values = rows.values_list(*OWN, "sort_value", *JOINED).query.sql_with_params()
    before, after = sql.split(IDS)
    place = before.count("%s")
    return _Statement(before, after, values[:place], values[place:])


def read_rows(
    ids: QuerySet[Generation, Any],
    sort: str = DEFAULT_SORT,
    *,
    backwards: bool = False,
    needs: Iterable[str] = (),
) -> list[Row]:
    """The rows whose ids this query finds among visible ones, in this order, or its reverse; in one
    query, and one for each of `needs`, which are many to a row (TAGS)."""
    try:
        found, values = ids.query.sql_with_params()
    except EmptyResultSet:  # what is asked contradicts itself, as of the teams of who is in none
        return []
    with connection.cursor() as cursor:
        cursor.execute(*_statement(sort, backwards).around(found, values))
        lines = cursor.fetchall()
    tags = tags_of([line[0] for line in lines]) if TAGS in needs else {}
    return [_row(line, tags) for line in lines]


def _row(line: tuple[Any, ...], tags: dict[int, list[str]]) -> Row:
    end = len(OWN) + 1
    slug, team, label, project, username, first, last, *lookup = line[end:]
    values = [
        *line[:end],
        ShownTeam(slug, team),
        ShownAccount(label),
        None if project is None else ShownProject(project),
        None if username is None else ShownOwner(username, f"{first} {last}".strip()),
        ShownLookup(*lookup),
        tuple(sorted(tags.get(line[0], ()))),
    ]
    return Row(*values)
