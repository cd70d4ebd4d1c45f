"""What a provider declares about itself; everything else about looking up is shared."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any, Protocol

from auditing.records import Answer, CreditsBasis, Record, Response, Status


class ResetFormat(Enum):
    """How a provider writes `X-RateLimit-Reset`."""

    UNIX_SECONDS = "unix seconds"
    ISO = "ISO 8601"


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a provider refuses a stranger's record; the dashboard and the API refuse the same way."""

    http_status: int
    text: str


@dataclass(frozen=True, slots=True)
class Polling:
    """How often a live job may be looked up, how long it counts as young, and from which age as stuck: the
    provider gives no reason to expect that it still ends."""

    every: timedelta
    young_for: timedelta
    stuck_after: timedelta


type Jitter = Callable[[], timedelta]
"""A short time by chance, above zero: passed in, so that tests pass their own."""


class Parse(Protocol):
    """Turns any response to an id's lookup into an answer, and never raises for what the response holds.

    `jitter` is added where a 429 names a reset time that has passed already; by default one to three seconds.
    """

    def __call__(self, external_id: str, response: Response, /, *, jitter: Jitter = ...) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider's contract.

    `target` gives the path and query of an id's lookup, percent-encoded, to be put behind an account's base
    URL; it raises InvalidId for what can't be an id. `emit` puts a record back into the provider's own 200
    payload. `intake_id` finds the id in a generation response as the provider sends it (None: it is not
    one). `id_in_text` finds ids of the usual form in free text: the id is the group named `id`.
    `media_sources` are the hosts of its outputs and thumbnails, as a Content-Security-Policy writes them.
    `per_minute` is the published limit on status lookups for one key, None when there is none.
    """

    key: str
    name: str
    base_url: str
    auth_header: str
    auth_prefix: str
    key_prefix: str
    target: Callable[[str], str]
    parse: Parse
    emit: Callable[[str, Record], dict[str, Any]]
    intake_id: Callable[[Mapping[str, Any]], str | None]
    id_in_text: re.Pattern[str]
    statuses: Mapping[str, Status]
    refusal: Refusal
    missing_text: str
    credits_basis: CreditsBasis
    reset_format: ResetFormat
    per_minute: int | None
    polling: Polling
    media_sources: tuple[str, ...] = ()
    download_target: Callable[[str], str] | None = None
    parse_download: "Callable[[Response], Download | DownloadRefused] | None" = None

    def headers(self, key: str) -> dict[str, str]:
        """The header that authenticates a lookup with this key."""
        return {self.auth_header: f"{self.auth_prefix}{key}"}


@dataclass(frozen=True, slots=True)
class Download:
    """A presigned link and the ISO time at which it expires, as the provider gave them; never stored."""

    url: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class DownloadRefused:
    """Why the provider gave no link, in words for the page."""

    http_status: int
    reason: str
