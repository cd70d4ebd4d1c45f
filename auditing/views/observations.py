"""What pages show of a record's history: each observation compared with the one before; payloads."""

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from auditing.access import visible_to
from auditing.changes import Change, changes
from auditing.models import Generation, Observation, User
from auditing.views import addresses

SHOWN = 50
LONG = 60
"""A payload of more lines than this is folded."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation beside what changed since the one before.

    `changes` is None where there is nothing to compare: it `is_first`, or a payload was erased. `download`
    leads to its payload; empty where that was erased.
    """

    observation: Observation
    is_first: bool
    changes: tuple[Change, ...] | None
    download: str


@dataclass(frozen=True, slots=True)
class Payload:
    """The last good answer's payload as text; `text` is None where there is none, `was_erased` says why."""

    text: str | None
    was_erased: bool
    download: str

    @property
    def lines(self) -> int:
        """How many lines the text has."""
        return self.text.count("\n") + 1 if self.text is not None else 0

    @property
    def is_long(self) -> bool:
        """Whether it is folded."""
        return self.lines > LONG


def observations_of(generation: Generation) -> dict[str, Any]:
    """The newest observations, newest first, whether there are more, and the payload."""
    rows = list(
        generation.observations.select_related("account").order_by("-observed_at", "-pk")[: SHOWN + 1]
    )
    seen = [_compared(generation, row, before) for row, before in zip(rows, [*rows[1:], None], strict=False)]
    text = (
        None if generation.payload is None else json.dumps(generation.payload, indent=2, ensure_ascii=False)
    )
    return {
        "observations": seen[:SHOWN],
        "more_observations": len(rows) > SHOWN,
        "payload": Payload(text, was_erased=text is None and bool(rows), download=_download(generation)),
    }


def payload_text(person: User, generation: Generation, observation: str | None) -> str | None:
    """A payload as the database holds it: of one of the record's observations, else the last good answer's;
    None where there is none (any more)."""
    rows: QuerySet[Generation] | QuerySet[Observation]
    if observation is None:
        rows = visible_to(person).filter(pk=generation.pk)
    elif observation.isascii() and observation.isdecimal() and len(observation) < 19:
        rows = generation.observations.filter(pk=int(observation))
    else:
        return None
    said: str | None = rows.values_list(Cast("payload", TextField()), flat=True).first()
    return said


def _compared(generation: Generation, row: Observation, before: Observation | None) -> Seen:
    download = "" if row.payload is None else _download(generation, observation=str(row.pk))
    if before is None or before.payload is None or row.payload is None:
        return Seen(row, before is None, None, download)
    return Seen(row, is_first=False, changes=changes(before.payload, row.payload), download=download)


def _download(generation: Generation, **which: str) -> str:
    return addresses.of_payload(generation.provider, generation.external_id, generation.team.slug, **which)
