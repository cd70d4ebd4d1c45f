"""Observations: what a provider said, appended to its account's hash chain when it differs from the last.

Each link hashes, as RFC 8785 canonical JSON, the account, its sequence number, the hash before it, the
generation, the HTTP status, the time and the payload's salted digest. The salt makes a digest useless for
guessing, so that a payload can be erased for good later while the chain still holds.
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


def canonical(payload: Mapping[str, Any]) -> bytes:
    """The payload as RFC 8785 canonical JSON.

    Where it holds no fractions and no key beyond the basic plane, sorted compact JSON is the same bytes
    (a test holds the two together), and msgspec writes that twenty times faster.
    """
    if _is_plain(payload):
        return msgspec.json.encode(payload, order="sorted")
    return rfc8785.dumps(dict(payload))


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(key.isascii() and _is_plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(_is_plain(item) for item in value)
    return not isinstance(value, float)


def digest_of(payload: Mapping[str, Any]) -> bytes:
    """SHA-256 of the canonical payload: equal for payloads that say the same."""
    return hashlib.sha256(canonical(payload)).digest()


def salted_digest(payload: Mapping[str, Any], salt: bytes) -> bytes:
    """SHA-256 of salt and canonical payload: what a link holds in place of the payload."""
    return hashlib.sha256(salt + canonical(payload)).digest()


@dataclass(frozen=True, slots=True)
class Link:
    """What one link of an account's chain vouches for."""

    account_id: int
    sequence: int
    previous_hash: bytes
    generation_id: int
    http_status: int
    observed_at: datetime
    payload_digest: bytes

    def hash(self) -> bytes:
        """SHA-256 over the canonical JSON of every field."""
        content = {
            "account": self.account_id,
            "generation": self.generation_id,
            "http_status": self.http_status,
            "observed_at": self.observed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "payload": self.payload_digest.hex(),
            "previous": self.previous_hash.hex(),
            "sequence": self.sequence,
        }
        return hashlib.sha256(canonical(content)).digest()
