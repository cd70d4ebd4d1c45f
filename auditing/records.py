"""The canonical record: what one lookup says about one generation, whichever provider said it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

MAX_ID_LENGTH = 255


class Status(StrEnum):
    """How a generation stands at its provider. `unknown` is a status word that we don't know."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        """True where the provider documents no later status. An unknown word is never final."""
        return self in (Status.COMPLETED, Status.FAILED)


LIVE = tuple(word for word in Status if not word.is_final)


class Outcome(StrEnum):
    """How a lookup went. Only `ok` ever changes what is known about a generation."""

    OK = "ok"
    DENIED = "denied"
    MISSING = "missing"
    UNAUTHORIZED = "unauthorized"
    RATE_LIMITED = "rate_limited"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    MALFORMED = "malformed"


# Nothing was learnt about the id, and it is asked again: an account that gets only these is not synced.
FAILING = (Outcome.UNREACHABLE, Outcome.MALFORMED, Outcome.RATE_LIMITED, Outcome.UNAUTHORIZED)


class CreditsBasis(StrEnum):
    """Where a credit figure comes from: the provider's answer, or its documentation."""

    REPORTED = "reported"
    DOCUMENTED = "documented"


class Flag(StrEnum):
    """What an auditor should know about a record beside its values."""

    NAIVE_TIME = "naive_time"
    IMPOSSIBLE_TIMES = "impossible_times"
    UNKNOWN_STATUS = "unknown_status"
    STATUS_WENT_BACK = "status_went_back"
    CHANGED_AFTER_COMPLETION = "changed_after_completion"
    CREDITS_CHANGED = "credits_changed"
    REFUNDED = "refunded"
    KEY_REMOVED = "key_removed"


# What only comparing an answer with the one before it tells: later answers leave it with the record.
STICKY_FLAGS = (
    Flag.STATUS_WENT_BACK,
    Flag.CHANGED_AFTER_COMPLETION,
    Flag.CREDITS_CHANGED,
    Flag.REFUNDED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One generation as its provider reported it. `None` is unknown, never a default.

    Times are aware UTC. `absent` names the wire fields that the payload did not have at all, so that
    "null" and "not said" can be told apart when the record is put back into the provider's shape.
    """

    status: Status
    provider_status: str
    title: str | None = None
    description: str | None = None
    mode: str | None = None
    resolution: str | None = None
    duration_milliseconds: int | None = None
    output_url: str | None = None
    output_key: str | None = None
    thumbnail_url: str | None = None
    credits_thousandths: int | None = None
    credits_basis: CreditsBasis | None = None
    message: str | None = None
    error: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    processing_started_at: datetime | None = None
    processing_completed_at: datetime | None = None
    flags: frozenset[Flag] = frozenset()
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One HTTP answer, read to its end. Header names are lower case; `received_at` is aware UTC."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One lookup's result: its outcome and, only when that is `ok`, the record and its payload.

    `reason` is a sentence for people: it names the offending field of a `malformed` answer, never holds a
    key, and is empty for `ok`. `reset_at` (only `rate_limited`) is already clamped: in the future, and at
    most an hour ahead. `http_status` is None when no response came.
    """

    outcome: Outcome
    http_status: int | None = None
    reason: str = ""
    record: Record | None = None
    payload: Mapping[str, Any] | None = None
    reset_at: datetime | None = None


class InvalidId(ValueError):
    """Text that can't be an external id; the message says why."""


def checked_id(text: str) -> str:
    """The id as it came, or raise InvalidId.

    Ids are opaque: only what can't be one is refused. `.` and `..` would reach another address.
    """
    if not text:
        raise InvalidId("empty id")
    if len(text) > MAX_ID_LENGTH:
        raise InvalidId(f"id of {len(text)} characters; at most {MAX_ID_LENGTH} are possible")
    if text in (".", ".."):
        raise InvalidId(f"{text!r} would reach another address")
    if any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in text):
        raise InvalidId("id with control characters")
    if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        raise InvalidId("id with a lone surrogate")
    return text


def decimal_of_thousandths(value: int | None) -> Decimal | None:
    """Whole thousandths as the exact number without trailing zeros: 7000 → 7, 2500 → 2.5, None → None."""
    if value is None:
        return None
    whole, rest = divmod(value, 1000)
    return Decimal(whole) if not rest else (Decimal(value) / 1000).normalize()


def json_number_of_thousandths(value: int | None) -> int | float | None:
    """Whole thousandths as the JSON number a provider would have written: 7000 → 7, 2500 → 2.5."""
    if value is None:
        return None
    whole, rest = divmod(value, 1000)
    return value / 1000 if rest else whole


def iso_utc(moment: datetime | None) -> str | None:
    """ISO 8601 with `Z`: no fraction when it is zero, else milliseconds (design: column formats)."""
    if moment is None:
        return None
    text = moment.isoformat()[:19]
    return f"{text}.{moment.microsecond // 1000:03d}Z" if moment.microsecond >= 1000 else f"{text}Z"
