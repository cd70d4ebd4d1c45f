"""Marks how refunds of records stand: claimed, refunded, refused or open again; told to the trail."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from auditing import trail
from auditing.access import rows_to_claim
from auditing.models import LONGEST_REASON, SETTLED, Act, Generation, Refund, RefundState, User
from auditing.records import Outcome, Status
from auditing.trail import Change, Of

# Time, charge, version, team and owner are set by a trigger (0042), which keeps each step as well.
_CHANGE = """
UPDATE auditing_refund SET state = %(state)s, note = %(note)s, marked_by_id = %(person)s
WHERE generation_id = ANY (%(ids)s::bigint[])
"""
_ADD = """
INSERT INTO auditing_refund (generation_id, state, back_thousandths, note, marked_by_id)
SELECT id, %(state)s, 0, %(note)s, %(person)s FROM unnest(%(ids)s::bigint[]) AS wanted (id) ORDER BY id
"""


class NotMarked(ValueError):
    """What can't be kept as it is; `field` is `note`, the message a sentence for it."""

    field = "note"


@dataclass(slots=True)
class Marked:
    """What came of marking records: which were `changed` (with the credits that are known of them, and how
    many have no figure), how many stood so already, and which were left as they stand: changed by somebody
    else meanwhile (`overtaken`), or with nothing to claim (`empty`)."""

    changed: list[Generation] = field(default_factory=list)
    already: int = 0
    overtaken: list[Generation] = field(default_factory=list)
    empty: list[Generation] = field(default_factory=list)

    @property
    def credits(self) -> int:
        """The thousandths that are charged for what was changed, as far as they are known."""
        return sum(row.credits_thousandths or 0 for row in self.changed)

    @property
    def unknown(self) -> int:
        """How many of what was changed have no figure."""
        return sum(row.credits_thousandths is None for row in self.changed)


def mark(person: User, seen: Mapping[int, int], state: RefundState, note: str) -> Marked:
    """Mark these records, of teams that this person manages: by number the version of the refund that was
    seen (0: none). What somebody else, or a lookup, has changed since then is left as it stands.

    The same once more changes nothing. Records of others are passed over. Raises NotMarked.
    """
    said = reason_text(note)
    with connection.cursor() as cursor:
        cursor.execute("SELECT auditing_hold_all(%s::bigint[])", [sorted(seen)])
    marked = Marked()
    rows = rows_to_claim(person).filter(pk__in=list(seen))
    for row in rows.select_related("refund__marked_by", "lookup").defer("payload").order_by("pk"):
        _sort_out(marked, row, seen[row.pk], (person, state, said))
    _write(person, marked.changed, state, said)
    return marked


def _sort_out(marked: Marked, row: Generation, version: int, wanted: tuple[User, RefundState, str]) -> None:
    person, state, note = wanted
    refund = refund_of(row)
    stands = refund.state if refund else RefundState.OPEN
    is_same = refund is None or (refund.note == note and refund.marked_by_id == person.pk)
    if stands == state and is_same:
        marked.already += 1
    elif (refund.version if refund else 0) != version:
        marked.overtaken.append(row)
    elif not may_be_claimed(row):
        marked.empty.append(row)
    else:
        marked.changed.append(row)


def _write(person: User, rows: list[Generation], state: RefundState, note: str) -> None:
    """All of it, and one entry of the trail each."""
    known = [row.pk for row in rows if refund_of(row)]
    new = [row.pk for row in rows if not refund_of(row)]
    values: dict[str, Any] = {"state": state.value, "note": note, "person": person.pk}
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE, {**values, "ids": known})
        cursor.execute(_ADD, {**values, "ids": new})
    before: defaultdict[str, list[Of]] = defaultdict(list)
    for row in rows:
        refund = refund_of(row)
        before[refund.state if refund else RefundState.OPEN.value].append(
            Of(row.team_id, row.provider, row.external_id)
        )
    for stood, records in before.items():
        changes = [Change("refund", stood, state.value)] if stood != state else []
        trail.records_changed(
            Act.REFUND_MARKED, person, records, *changes, *([Change("note")] if note else [])
        )


def refund_of(row: Generation) -> Refund | None:
    """The refund of a row that was read with it; None where there is none."""
    return getattr(row, "refund", None)


def may_be_claimed(row: Generation) -> bool:
    """Whether there is something to mark: the job is over, and cost something or nobody knows; or it was
    marked before."""
    is_over = row.status in (Status.COMPLETED, Status.FAILED) or row.lookup.outcome == Outcome.MISSING
    return refund_of(row) is not None or (is_over and row.credits_thousandths != 0)


def standing(row: Generation) -> RefundState | None:
    """How the refund of a row stands: open too where it failed or vanished and is charged; None where there
    is nothing to it, or no figure."""
    refund = refund_of(row)
    if refund and refund.state in SETTLED:
        return RefundState(refund.state)
    vanished = row.lookup.outcome == Outcome.MISSING and row.status is not None
    is_open = row.status == Status.FAILED or vanished
    return RefundState.OPEN if is_open and row.credits_thousandths else None


def reason_text(note: str) -> str:
    """A note as it is kept; it may be empty. Raises NotMarked."""
    said = note.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(said) > LONGEST_REASON:
        raise NotMarked(f"This has {len(said):,} characters; a note has at most {LONGEST_REASON:,}.")
    if "\0" in said or any("\ud800" <= character <= "\udfff" for character in said):
        raise NotMarked("This has a character that no text here can have (NUL, or half of a pair).")
    return said
