"""Writes what people add to records: notes and tags, for one record or many, each told to the trail."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from auditing import trail
from auditing.access import rows_to_note, rows_to_tag
from auditing.models import LONGEST_NOTE, LONGEST_TAG, Act, Generation, User
from auditing.trail import Change, Of

# Team and owner are set by a trigger, from the record (0023). Sorted, so that two writers of many rows at the
# same time never wait for each other in a circle.
_WRITE = """
INSERT INTO auditing_note (generation_id, team_id, owner_id, author_id, text, written_at)
SELECT id, NULL, NULL, %(author)s, %(text)s, statement_timestamp()
FROM unnest(%(ids)s::bigint[]) AS wanted (id) ORDER BY id
RETURNING generation_id
"""
# Two people may come up with the same word at the same time: whoever is later gets the other's. So the tags
# are looked for again by the statement after this one.
_KNOW_TAG = """
INSERT INTO auditing_tag (team_id, name)
SELECT DISTINCT team_id, %(name)s FROM unnest(%(teams)s::bigint[]) AS wanted (team_id) ORDER BY team_id
ON CONFLICT DO NOTHING
"""
_TAG = """
INSERT INTO auditing_tagging (generation_id, tag_id, team_id, owner_id, author_id, tagged_at)
SELECT wanted.id, tag.id, NULL, NULL, %(author)s, statement_timestamp()
FROM unnest(%(ids)s::bigint[], %(teams)s::bigint[]) AS wanted (id, team_id)
JOIN auditing_tag AS tag ON tag.team_id = wanted.team_id AND lower(tag.name) = lower(%(name)s)
ORDER BY wanted.id
ON CONFLICT (generation_id, tag_id) DO NOTHING
RETURNING generation_id
"""
_UNTAG = """
DELETE FROM auditing_tagging AS tagging USING auditing_tag AS tag
WHERE tagging.generation_id = ANY (%(ids)s::bigint[])
    AND tag.id = tagging.tag_id AND lower(tag.name) = lower(%(name)s)
RETURNING tagging.generation_id
"""


class NotWritten(ValueError):
    """A note or tag that can't be kept as it is; the message says why, as a sentence for its field."""


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    of: Of


def add_note(person: User, generation_ids: Collection[int], text: str) -> int:
    """Write a note of this person's on each of these records that they may write on; how many those are.

    Notes stay as they are written. Raises NotWritten for an empty text, or one of over 10,000 characters.
    """
    said = note_text(text)
    rows = _rows(rows_to_note(person), generation_ids)
    return _written(_WRITE, Act.NOTE_WRITTEN, person, rows, text=said)


def add_tag(person: User, generation_ids: Collection[int], name: str) -> int:
    """Put a tag on each of these records that this person may tag; how many did not have it before.

    Each team has its own tags; one that the team knows in another case is that one. Raises NotWritten.
    """
    known = tag_name(name)
    rows = _rows(rows_to_tag(person), generation_ids)
    with connection.cursor() as cursor:
        cursor.execute(_KNOW_TAG, {"name": known, "teams": [row.of.team_id for row in rows]})
    return _written(_TAG, Act.TAG_ADDED, person, rows, Change("tag", None, known), name=known)


def remove_tag(person: User, generation_id: int, name: str) -> bool:
    """Take a tag off a record that this person may tag, whoever put it there; False where there was none."""
    known = tag_name(name)
    rows = _rows(rows_to_tag(person), (generation_id,))
    return _written(_UNTAG, Act.TAG_REMOVED, person, rows, Change("tag", known), name=known) > 0


def note_text(text: str) -> str:
    """A note as it is kept: its lines end with one character each, and no space is around it."""
    said = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not said:
        raise NotWritten("Write something first.")
    if len(said) > LONGEST_NOTE:
        raise NotWritten(f"This has {len(said):,} characters; a note has at most {LONGEST_NOTE:,}.")
    return _storable(said)


def tag_name(name: str) -> str:
    """A tag's name as it is kept: in one line, without space around it or twice within."""
    known = _storable(re.sub(r"\s+", " ", name).strip())
    if not known:
        raise NotWritten("Write a tag first.")
    if len(known) > LONGEST_TAG:
        raise NotWritten(f"This has {len(known)} characters; a tag has at most {LONGEST_TAG}.")
    if not known.isprintable():
        raise NotWritten("This has a character that can't be seen.")
    return known


def _storable(text: str) -> str:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise NotWritten("This has a character that no text here can have (NUL, or half of a pair).")
    return text


def _rows(rows: QuerySet[Generation], ids: Collection[int]) -> list[_Row]:
    found = rows.filter(pk__in=set(ids)).order_by("pk")
    columns = found.values_list("pk", "team_id", "provider", "external_id")
    return [_Row(pk, Of(team_id, provider, external_id)) for pk, team_id, provider, external_id in columns]


def _written(statement: str, act: Act, person: User, rows: list[_Row], *change: Change, **values: Any) -> int:
    """Run a statement on these rows, and tell of those that it changed; how many they are."""
    if not rows:
        return 0
    by_id = {row.id: row.of for row in rows}
    places: dict[str, Any] = {
        "ids": list(by_id),
        "teams": [of.team_id for of in by_id.values()],
        "author": person.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, {**places, **values})
        changed = [generation_id for (generation_id,) in cursor.fetchall()]
    trail.records_changed(act, person, [by_id[generation_id] for generation_id in changed], *change)
    return len(changed)
