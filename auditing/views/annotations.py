"""What pages show of a record's notes and tags, and the forms that a person may add to them with."""

from dataclasses import dataclass
from typing import Any

from auditing.access import Rights
from auditing.annotated import notes_on, tags_on, tags_used
from auditing.models import Generation
from auditing.views import addresses


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
        "notes": notes_on(generation),
        "tags": tags_on(generation),
        "note_form": _form(addresses.of_notes, generation, note) if rights.note else None,
        "tag_form": _form(addresses.of_tags, generation, tag, tags_used(generation.team_id))
        if rights.tag
        else None,
    }


def _form(
    address: Any, generation: Generation, refused: Refused | None, suggestions: tuple[str, ...] = ()
) -> Form:
    action = address(generation.provider, generation.external_id, generation.team.slug)
    return Form(action, refused.typed if refused else "", refused.error if refused else "", suggestions)
