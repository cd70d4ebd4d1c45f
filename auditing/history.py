"""Observations: what a provider said, appended to its account's hash chain when it differs from the last.

Each link hashes, as RFC 8785 canonical JSON, the account, its sequence number, the hash before it, the
generation, the HTTP status, the time and the payload's salted digest. So a payload can be erased later
while the chain still holds: nothing hashes it but its digest. The salt makes that digest useless for
guessing, once it is erased with the payload (blanked; nothing hashes it either). As long as it is kept,
whoever guesses a payload to the last character can confirm the guess.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import rfc8785

SALT_LENGTH = 16
FIRST_HASH = bytes(32)
_PLAIN = (str, int, bool, type(None))


def canonical(payload: Mapping[str, Any]) -> bytes:
    """The payload as RFC 8785 canonical JSON.

    Where it holds no fractions and no key beyond the basic plane, sorted compact JSON is the same bytes
    (a test holds the two together), and msgspec writes that twenty times faster.
    """
    if _is_plain(payload):
        return msgspec.json.encode(payload, order="sorted")
    return rfc8785.dumps(dict(payload))


def _is_plain(value: Any) -> bool:
    """Whether this holds neither fractions nor other keys than ASCII ones, all the way down."""
    if isinstance(value, dict):
        for name in value:
            if not name.isascii():
                return False
        value = value.values()
    elif not isinstance(value, list):
        return isinstance(value, _PLAIN)
    for item in value:  # noqa: SIM110 - all() over a generator takes twice as long, for every answer
        if type(item) not in _PLAIN and not _is_plain(item):
            return False
    return True


def digest_of_bytes(said: bytes, salt: bytes = b"") -> bytes:
    """SHA-256 of salt and canonical bytes."""
    return hashlib.sha256(salt + said).digest()


def digest_of(payload: Mapping[str, Any]) -> bytes:
    """SHA-256 of the canonical payload: equal for payloads that say the same."""
    return digest_of_bytes(canonical(payload))


def salted_digest(payload: Mapping[str, Any], salt: bytes) -> bytes:
    """SHA-256 of salt and canonical payload: what a link holds in place of the payload."""
    return digest_of_bytes(canonical(payload), salt)


@dataclass(frozen=True, slots=True)
class Link:
    """What one link of an account's chain vouches for."""

    account_id: int
    sequence: int
    previous_hash: bytes
    generation_id: int
    external_id: str
    http_status: int
    observed_at: datetime
    payload_digest: bytes

    def hash(self) -> bytes:
        """SHA-256 over the canonical JSON of every field."""
        content = {  # whole numbers and text under sorted names: plain as it stands
            "account": self.account_id,
            "external_id": self.external_id,
            "generation": self.generation_id,
            "http_status": self.http_status,
            "observed_at": self.observed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "payload": self.payload_digest.hex(),
            "previous": self.previous_hash.hex(),
            "sequence": self.sequence,
        }
        return hashlib.sha256(msgspec.json.encode(content)).digest()
