"""Walks one account's chain, link by link: each row must be the next link, by everything that is hashed."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from auditing.history import FIRST_HASH, Link, canonical, digest_of_bytes


class Row(NamedTuple):
    """A link as it is stored, and what the record of its generation says if this is its last observation.

    All of it is as somebody may have left it. `payload` and `kept_payload` are JSON texts; `payload` is null
    when erased. `record_differs`, `kept_payload` (the record's, where the observation's is erased) and
    `seen_digest` are null but for a generation's last observation.
    """

    sequence: int | None
    generation_id: int | None
    observed_at: datetime | None
    http_status: int | None
    payload: str | None
    payload_salt: bytes | None
    payload_digest: bytes | None
    previous_hash: bytes | None
    hash: bytes | None
    external_id: str | None
    in_its_team: bool | None
    record_differs: bool | None
    kept_payload: str | None
    seen_digest: bytes | None


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain breaks (the first link that isn't as it was written) and what is wrong there."""

    sequence: int
    fault: str


class Walk:
    """How far one account's chain holds: links so far, the last one's hash, how many payloads are erased."""

    def __init__(self, account_id: int) -> None:
        self.account_id = account_id
        self.links = 0
        self.hash = FIRST_HASH
        self.erased = 0
        self._said: bytes | None = None

    def step(self, row: Row) -> Break | None:
        """Take one link on, or say why it is not the next one; after that the walk is over."""
        expected = self.links + 1
        if fault := _fault_of_place(row, expected):
            return Break(expected, fault)
        link = self._link(row)
        if link is None:
            return Break(expected, "a field is empty, or holds what no link can hold")
        self._said = canonical_text(row.payload)
        digest = _digest(self._said, row.payload_salt)
        found = link.hash()
        if (
            found != row.hash
            or self.hash != row.previous_hash
            or (row.payload is not None and digest != row.payload_digest)
        ):
            return Break(expected, _fault_of_link(row, link, digest))
        self.links = expected
        self.hash = found
        self.erased += row.payload is None
        return None

    def fault_of_record(self, row: Row) -> str:
        """How the record behind the link that was just taken on differs from it; "" if it doesn't."""
        record = f"the record of {row.external_id!a}"
        if row.in_its_team is not True:
            return f"{record} is gone, or belongs to another team than its observation"
        if row.record_differs:
            return f"{record} holds another payload than its last observation"
        if row.kept_payload is not None and row.payload_salt:
            kept = _digest(canonical_text(row.kept_payload), row.payload_salt)
            if kept != row.payload_digest:
                return f"{record} holds another payload than its last observation vouches for"
        seen = self._said and digest_of_bytes(self._said)
        if row.seen_digest is not None and seen not in (None, row.seen_digest):
            return f"{record} holds another digest (seen_digest) than that of its last observation"
        return ""

    def _link(self, row: Row) -> Link | None:
        """The link that this row should be: the next one of this account, after the hash so far."""
        if (
            row.generation_id is None
            or row.external_id is None
            or row.http_status is None
            or row.observed_at is None
            or row.payload_digest is None
            or row.payload_salt is None
        ):
            return None
        return Link(
            account_id=self.account_id,
            sequence=self.links + 1,
            previous_hash=self.hash,
            generation_id=row.generation_id,
            external_id=row.external_id,
            http_status=row.http_status,
            observed_at=row.observed_at,
            payload_digest=row.payload_digest,
        )


def _fault_of_place(row: Row, expected: int) -> str:
    if row.sequence == expected:
        return ""
    if row.sequence is not None and row.sequence > expected:
        return f"missing; the next one there is {row.sequence}"
    return f"out of order: one numbered {row.sequence} lies here"


def _fault_of_link(row: Row, link: Link, digest: bytes | None) -> str:
    """What is wrong with a row that isn't `link`, as closely as the row itself can tell."""
    if link.hash() == row.hash:
        if row.previous_hash != link.previous_hash:
            return "previous_hash was changed: it is not the hash of the link before"
        return "the payload (or its salt) was changed: it does not fit its digest"
    if row.previous_hash != link.previous_hash:
        return "does not follow the link before: one was removed, swapped, added or replaced here"
    if digest is not None and replace(link, payload_digest=digest).hash() == row.hash:
        return "payload_digest was changed: it is not the digest of the payload"
    if row.payload is not None and digest != row.payload_digest:
        return "more than one field was changed: neither digest nor hash fits"
    return "the hash does not fit its fields: generation, HTTP status, time, digest or the hash was changed"


def _digest(said: bytes | None, salt: bytes | None) -> bytes | None:
    return None if said is None or salt is None else digest_of_bytes(said, salt)


def _exactly(text: str) -> float:
    """The double that this is; ValueError for more digits: none were written, no digest covers them."""
    value = float(text)
    if Decimal(repr(value)) != Decimal(text):
        raise ValueError(f"{text} is no double")
    return value


_PAYLOAD = msgspec.json.Decoder(float_hook=_exactly)


def canonical_text(text: str | None) -> bytes | None:
    """The canonical bytes of a stored payload; None where there is none, and for what can't be one."""
    if text is None:
        return None
    try:
        payload = _PAYLOAD.decode(text)
        return canonical(payload) if isinstance(payload, dict) else None
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None
