"""Text search: which generations have these characters, in any case, in their id, title, prompt or error."""

import re
from dataclasses import dataclass

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BigIntegerField, Case, F, Q, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Upper
from django.db.models.lookups import IsNull

from auditing.access import AnyOf

MOST_UNINDEXED = 100_000
"""Among how many rows a page searches for a text that no trigram serves."""

_HAS_TRIGRAM = re.compile("[A-Za-z0-9]{3}")


def containing(text: str) -> Q:
    """The rows with this text in any one of the searched columns, each character standing for itself.

    A text with trigrams is found by their index, all of its rows before any other condition is asked.
    """
    return (
        Q(pk__in=RawSQL("SELECT auditing_search(%s, NULL)", [text])) if has_trigram(text) else held_by(text)
    )


def held_by(text: str) -> Q:
    """The same rows, by looking into the text of each: for rows that come by another index, or are few."""
    return _WITH_TEXTS & _said_in(text)


def commonly_held_by(text: str) -> Q:
    """The same, for a text that is known to be frequent: a planner takes any text for a rare one, and would
    read all rows to find those that have it, where a few hundred in the page's order will do."""
    return _WITH_TEXTS & Q(IsNull(Case(When(_said_in(text), then=True)), False))


# Every row has its texts, made with it: saying so keeps this a join like any other.
_WITH_TEXTS = Q(search_text__isnull=False)


def _said_in(text: str) -> Q:
    return Q(external_id__icontains=text) | Q(search_text__text__contains=Upper(Value(text)))


@dataclass(frozen=True, slots=True)
class Sought:
    """The conditions that a page finds a text's rows by, whether these are many, and how many have it (of
    many: at least), where that is known. `is_all`: they are all that is wished."""

    conditions: tuple[Q, ...] = ()
    is_frequent: bool = False
    number: int | None = None
    is_all: bool = False

    @classmethod
    def frequent(cls, text: str, number: int) -> "Sought":
        """That rows have it, asked of those that come in the page's order: at least so many do."""
        return cls((commonly_held_by(text),), is_frequent=True, number=number)


def sought(text: str, cap: int) -> Sought:
    """Of a rare text the rows that its index found; of one that more than `cap` rows have (or that has no
    trigram) to have it, asked of the rows that come in the page's order."""
    if not has_trigram(text):
        return Sought((held_by(text),))
    having = found(text, cap + 1)
    if having.number > cap:
        return Sought.frequent(text, having.number)
    return Sought((having.condition,), number=having.number)


@dataclass(frozen=True, slots=True)
class Found:
    """How many rows were found, and their ids as the database writes an array of them: it is given back as it
    came, since ten thousand numbers are quickly read by a database, and not by Python."""

    number: int
    ids: str

    @property
    def condition(self) -> Q:
        """These rows."""
        return Q(AnyOf(F("pk"), Cast(Value(self.ids), ArrayField(BigIntegerField()))))


def found(text: str, most: int) -> Found:
    """What the acting person may see with this text (it has trigrams), `most` rows of them at most."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(array_agg(id), '{}')::text FROM auditing_search(%s, %s) AS id",
            [text, most],
        )
        return Found(*cursor.fetchone())


def has_trigram(text: str) -> bool:
    """Whether the index can find this text: PostgreSQL keeps three letters or digits in a row.

    Counted in ASCII, since that is all that it keeps where the database's LC_CTYPE is C, as ours is.
    """
    return bool(_HAS_TRIGRAM.search(text))


def too_many() -> str:
    """Why a text without a trigram is not searched for in this list."""
    return (
        f"too short to search more than {MOST_UNINDEXED:,} rows for: it needs three letters (a to z) or"
        " digits in a row, or fewer rows by other filters"
    )
