"""What the player's place shows of a record: the film, its thumbnail, or why there is none and what to do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings

from auditing.media import expires_at, may_be_shown, web_parts
from auditing.models import Generation
from auditing.records import Status


class Shows(StrEnum):
    """How it stands with the film."""

    FILM = "film"
    EXPIRED = "expired"
    ELSEWHERE = "elsewhere"
    NO_WEB_ADDRESS = "no_web_address"
    KEY = "key"
    MISSING = "missing"
    FAILED = "failed"
    NOT_YET = "not_yet"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Preview:
    """`link` is where a browser may go for the file, `host` its host, `poster` a picture that may be shown;
    each is empty where there is none. `expires_at` is as the address says, None where it does not."""

    shows: Shows
    link: str
    host: str
    poster: str
    expires_at: datetime | None


def preview_of(generation: Generation, now: datetime) -> Preview:
    """The preview of a record at this moment."""
    parts = web_parts(generation.output_url)
    expiry, thumbnail = expires_at(generation.output_url), generation.thumbnail_url or ""
    until = expires_at(thumbnail)
    is_good = may_be_shown(thumbnail, settings.MEDIA_SOURCES) and not (until and until <= now)
    return Preview(
        shows=_shows(generation, expiry is not None and expiry <= now),
        link=generation.output_url or "" if parts else "",
        host=(parts.hostname or "") if parts else "",
        poster=thumbnail if is_good else "",
        expires_at=expiry,
    )


def _shows(generation: Generation, is_expired: bool) -> Shows:
    if web_parts(generation.output_url):
        if is_expired:
            return Shows.EXPIRED
        allowed = may_be_shown(generation.output_url, settings.MEDIA_SOURCES)
        return Shows.FILM if allowed else Shows.ELSEWHERE
    if generation.output_url:
        return Shows.NO_WEB_ADDRESS
    if generation.output_key:
        return Shows.KEY
    if generation.status is None:
        return Shows.UNKNOWN
    without = {Status.COMPLETED.value: Shows.MISSING, Status.FAILED.value: Shows.FAILED}
    return without.get(generation.status, Shows.NOT_YET)
