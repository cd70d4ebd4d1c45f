"""Reads what people added to a record that somebody sees: in the same words each time, as plain values."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from auditing.models import Generation

MOST_SUGGESTED = 200

_NOTES = """
SELECT note.text, note.written_at, author.username, author.first_name, author.last_name
FROM auditing_note AS note JOIN auditing_user AS author ON author.id = note.author_id
WHERE note.generation_id = %s ORDER BY note.written_at DESC, note.id DESC
"""
_TAGS = """
SELECT tag.name, tagging.tagged_at, author.username, author.first_name, author.last_name
FROM auditing_tagging AS tagging JOIN auditing_tag AS tag ON tag.id = tagging.tag_id
JOIN auditing_user AS author ON author.id = tagging.author_id
WHERE tagging.generation_id = %s ORDER BY tag.name
"""
_USED = """
SELECT tag.name FROM auditing_tag AS tag JOIN auditing_tagging AS tagging ON tagging.tag_id = tag.id
WHERE tag.team_id = %s GROUP BY tag.id ORDER BY count(*) DESC, tag.name LIMIT %s
"""


class Note(NamedTuple):
    """A remark, and who wrote it, by the name they go by."""

    text: str
    written_at: datetime
    author: str


class Tag(NamedTuple):
    """A tag that is on a record, and who put it there, by the name they go by."""

    name: str
    tagged_at: datetime
    author: str


def notes_on(generation: Generation) -> list[Note]:
    """The notes on a record that may be seen, newest first."""
    return [Note(text, at, _name(*author)) for text, at, *author in _asked(_NOTES, generation.pk)]


def tags_on(generation: Generation) -> list[Tag]:
    """Its tags, A to Z."""
    return [Tag(name, at, _name(*author)) for name, at, *author in _asked(_TAGS, generation.pk)]


def tags_used(team_id: int) -> tuple[str, ...]:
    """The team's tags that are on a record at all, what is used most first."""
    return tuple(name for (name,) in _asked(_USED, team_id, MOST_SUGGESTED))


def _asked(question: str, *values: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _name(username: str, first: str, last: str) -> str:
    """As `User` has it."""
    return f"{first} {last}".strip() or username
