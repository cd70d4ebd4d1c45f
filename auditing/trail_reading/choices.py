"""What the trail's form offers: people and teams of the entries that the viewer may see, and every act."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet

from auditing.filters import Choices, Option
from auditing.filters.fields import EXCLUDED, Value, to_text
from auditing.models import Team, TrailEntry, User
from auditing.trail_reading.criteria import FIELDS
from auditing.trail_reading.query import TrailFilter

MOST_OPTIONS = 500

type _Words = dict[Value, str]


def choices_of(wanted: TrailFilter, entries: QuerySet[TrailEntry]) -> Choices:
    """The options of every column, in two queries; what is selected is always among them."""
    words: dict[str, _Words] = {
        "person": _people(entries),
        "act": {value: FIELDS["act"].value_words(value) for value in FIELDS["act"].possible()},
        "team": _teams(entries),
    }
    return {key: _options(wanted, key, words[key]) for key in FIELDS}


def _people(entries: QuerySet[TrailEntry]) -> _Words:
    acted = User.objects.filter(Exists(entries.filter(owner=OuterRef("pk")))).order_by("username")
    return {person.username: str(person) for person in acted[:MOST_OPTIONS]}


def _teams(entries: QuerySet[TrailEntry]) -> _Words:
    told = Team.objects.filter(Exists(entries.filter(team=OuterRef("pk")))).order_by("slug")
    found: Iterable[tuple[str, str]] = told.values_list("slug", "name")[:MOST_OPTIONS]
    return dict(found)


def _options(wanted: TrailFilter, key: str, words: _Words) -> tuple[Option, ...]:
    field = FIELDS[key]
    selected, excluded = wanted.values[key], wanted.values[f"{key}{EXCLUDED}"]
    every = words | {
        value: value for value in (*selected, *excluded) if value is not None and value not in words
    }
    if field.unknown is not None:
        every[None] = field.unknown_words
    return tuple(
        Option(to_text(value), said, value in selected, value in excluded) for value, said in every.items()
    )
