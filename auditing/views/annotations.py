"""What pages show of a record's notes and tags, and the forms that a person may add to them with."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from auditing.access import Rights
from auditing.models import Generation, Note, Tag, Tagging
from auditing.views import addresses

TAGS_SUGGESTED = 200


@dataclass(frozen=True, slots=True)
class Form:
    """One field and where it is sent; what was typed stays in it until it is kept, beside why it was not."""

    action: str
    typed: str = ""
    error: str = ""
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """What somebody typed that can't be kept, and why."""

    typed: str
    error: str


def annotations_of(
    generation: Generation, rights: Rights, note: Refused | None = None, tag: Refused | None = None
) -> dict[str, Any]:
    """The notes, newest first, the tags, and a form for each that a person with these rights may add; None
    for what they may not."""
    return {
        "notes": _notes(generation),
        "taggings": _taggings(generation),
        "note_form": _form(addresses.of_notes, generation, note) if rights.note else None,
        "tag_form": _form(addresses.of_tags, generation, tag, _suggested(generation)) if rights.tag else None,
    }


def _form(
    address: Any, generation: Generation, refused: Refused | None, suggestions: tuple[str, ...] = ()
) -> Form:
    action = address(generation.provider, generation.external_id, generation.team.slug)
    return Form(action, refused.typed if refused else "", refused.error if refused else "", suggestions)


def _notes(generation: Generation) -> list[Note]:
    return list(
        generation.notes.select_related("author").defer("author__password").order_by("-written_at", "-pk")
    )


def _taggings(generation: Generation) -> list[Tagging]:
    rows = generation.taggings.select_related("tag", "author").defer("author__password")
    return list(rows.order_by("tag__name"))


def _suggested(generation: Generation) -> tuple[str, ...]:
    """The team's tags that are on a record at all, what is used most first."""
    used = Tag.objects.filter(team_id=generation.team_id).alias(uses=Count("taggings")).filter(uses__gt=0)
    return tuple(used.order_by("-uses", "name").values_list("name", flat=True)[:TAGS_SUGGESTED])
