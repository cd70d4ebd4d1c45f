"""Text search: which generations have these characters, in any case, in their id, title, prompt or error."""

import re
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Upper

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
    said = Q(search_text__text__contains=Upper(Value(text)))
    # Every row has its texts, made with it: saying so keeps this a join like any other.
    return Q(search_text__isnull=False) & (Q(external_id__icontains=text) | said)


@dataclass(frozen=True, slots=True)
class Sought:
    """The conditions that a page finds a text's rows by, and whether more have it than are counted."""

    conditions: tuple[Q, ...] = ()
    is_frequent: bool = False


def sought(text: str, cap: int) -> Sought:
    """Of a rare text the rows that its index found; of one that more than `cap` rows have (or that has no
    trigram) to have it, asked of the rows that come in the page's order."""
    ids = found(text, cap + 1) if has_trigram(text) else None
    if ids is None or len(ids) > cap:
        return Sought((held_by(text),), is_frequent=ids is not None)
    return Sought((Q(pk__in=ids),))


def found(text: str, most: int) -> list[int]:
    """The ids of what the acting person may see with this text (it has trigrams), `most` of them at most."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT auditing_search(%s, %s)", [text, most])
        return [generation_id for (generation_id,) in cursor.fetchall()]


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
