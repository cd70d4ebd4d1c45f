"""ReelBot: `GET /api/v1/video/status/{projectId}`, and the link to a finished video.

Facts are from the vendor's page "Check Status"; those marked † from other pages of its documentation.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec

from auditing.providers.answers import answer, readable, refusal_reason, successful
from auditing.providers.declaration import (
    Download,
    DownloadRefused,
    Jitter,
    Polling,
    Provider,
    Refusal,
    ResetFormat,
)
from auditing.providers.flags import are_impossible, flags
from auditing.providers.payloads import Malformed
from auditing.providers.resets import small_jitter
from auditing.providers.shapes import ObjectKey, Url, Word, typed
from auditing.providers.times import field_moment, is_naive, iso
from auditing.records import Answer, CreditsBasis, Record, Response, Status, checked_id

KEY_PREFIX = "rb_live_"
RESET_FORMAT = ResetFormat.ISO  # †
STATUSES = {
    "queued": Status.PENDING,
    "processing": Status.PROCESSING,
    "completed": Status.COMPLETED,
    "failed": Status.FAILED,
}
# † One credit (in thousandths) for each successful generation. What an unfinished one will cost is unknown.
CREDITS = {Status.COMPLETED: 1000, Status.FAILED: 0}


# Wire: what the provider sends.


class ProjectStatus(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A 200: flat, without an envelope. Times are ISO 8601 with milliseconds and `Z`.

    `outputKey` is an S3 key (only when completed), `error` a text (only when failed). `projectId` is not
    documented; should it come all the same, it must be the id that was asked for.
    """

    status: Word
    message: str
    created_at: str
    updated_at: str | None = None
    output_key: ObjectKey | None = None
    error: str | None = None
    success: bool = True
    project_id: str | None = None


class VideoDownload(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A 200 of the download endpoint †: a presigned link, and when it expires (after an hour)."""

    success: bool
    download_url: Url
    expires_at: str


OPTIONAL = frozenset({"updatedAt", "outputKey", "error"})


# Adapter: the wire's shape ↔ the canonical record.


def _record(external_id: str, payload: dict[str, Any], received: datetime) -> Record:
    project = typed(payload, ProjectStatus)
    if project.project_id not in (None, external_id):
        raise Malformed(f"projectId: another id is echoed, {project.project_id[:64]!r}")
    status = STATUSES.get(project.status, Status.UNKNOWN)
    created = field_moment(project.created_at, "createdAt")
    updated = field_moment(project.updated_at, "updatedAt")
    return Record(
        status=status,
        provider_status=project.status,
        output_key=project.output_key,
        credits_thousandths=CREDITS.get(status),
        credits_basis=CreditsBasis.DOCUMENTED if status in CREDITS else None,
        message=project.message,
        error=project.error,
        created_at=created,
        updated_at=updated,
        flags=flags(
            unknown_status=status is Status.UNKNOWN,
            naive_time=is_naive(project.created_at) or is_naive(project.updated_at),
            impossible_times=are_impossible(received, created, updated),
        ),
        absent=OPTIONAL.difference(payload),
    )


def _download(payload: dict[str, Any]) -> Download:
    video = typed(payload, VideoDownload)
    # It becomes a link on a page: `javascript:` and the like must not get there.
    if not re.fullmatch(r"https?://[!-~]+", video.download_url):
        raise Malformed("downloadUrl: not an http address")
    field_moment(video.expires_at, "expiresAt")
    return Download(url=video.download_url, expires_at=video.expires_at)


# Entry points.


def target(external_id: str) -> str:
    """Path of a status lookup. Raises InvalidId."""
    return f"/api/v1/video/status/{quote(checked_id(external_id), safe='')}"


def download_target(external_id: str) -> str:
    """Path of the request for a link to the finished video † (30 an hour). Raises InvalidId."""
    return f"/api/v1/video/download/{quote(checked_id(external_id), safe='')}"


def parse(external_id: str, response: Response, /, *, jitter: Jitter = small_jitter) -> Answer:
    """The answer to a lookup of this id. Never raises for what the response holds."""
    return answer(
        response,
        lambda payload: _record(external_id, payload, response.received_at),
        reset_format=RESET_FORMAT,
        key_prefix=KEY_PREFIX,
        jitter=jitter,
    )


def parse_download(response: Response) -> Download | DownloadRefused:
    """The link, or why there is none. Never raises for what the response holds."""
    if response.status != 200:
        return DownloadRefused(response.status, refusal_reason(response, KEY_PREFIX))
    try:
        return _download(successful(response.body))
    except Malformed as fault:
        return DownloadRefused(response.status, readable(str(fault), KEY_PREFIX))


def emit(_external_id: str, record: Record) -> dict[str, Any]:
    """The record in the shape of the provider's 200, without the fields that `record.absent` names.

    The id is no part of it.
    """
    project = {
        "status": record.provider_status,
        "message": record.message,
        "createdAt": iso(record.created_at, timespec="milliseconds"),
        "updatedAt": iso(record.updated_at, timespec="milliseconds"),
        "outputKey": record.output_key,
        "error": record.error,
    }
    return {name: value for name, value in project.items() if name not in record.absent}


def intake_id(payload: Mapping[str, Any]) -> str | None:
    """`projectId` of a response of /video/generate; its shape around that is not documented.

    So it is looked for at the top and, as other services of this kind answer, within `data` or `project`.
    """
    for place in (payload, payload.get("data"), payload.get("project")):
        project_id = place.get("projectId") if isinstance(place, Mapping) else None
        if isinstance(project_id, str) and project_id:
            return project_id
    return None


# Nothing in an id tells that it is one (`abc123def456`), so what stands before it has to: the address of a
# lookup or download, or the name `projectId` (`project_id`) as in JSON, escaped JSON or `key=value`.
# An id that goes on in characters beyond the usual ones is left alone rather than cut.
ID_IN_TEXT = re.compile(
    r"""
    (?: /video/(?:status|download)/
      | \bproject_?[iI]d \\?["']? \s?[:=]\s? \\?["']? )
    (?P<id> (?!(?:null|None|undefined|true|false)\b) [0-9A-Za-z_-]{1,255}+ )
    (?! [%~] | \.[0-9A-Za-z] | [0-9A-Za-z_-] )
    """,
    re.VERBOSE,
)


PROVIDER = Provider(
    key="reelbot",
    name="ReelBot",
    base_url="https://reelbot.space",
    auth_header="X-API-Key",
    auth_prefix="",
    key_prefix=KEY_PREFIX,
    target=target,
    parse=parse,
    emit=emit,
    intake_id=intake_id,
    id_in_text=ID_IN_TEXT,
    statuses=STATUSES,
    refusal=Refusal(404, "Project not found"),
    missing_text="Project not found",
    credits_basis=CreditsBasis.DOCUMENTED,
    reset_format=RESET_FORMAT,
    per_minute=60,  # †
    # "Poll interval 3-5 seconds", "maximum duration 10 minutes".
    polling=Polling(
        every=timedelta(seconds=5), young_for=timedelta(minutes=10), stuck_after=timedelta(minutes=10)
    ),
    # Its outputs are keys, not addresses; a download link is followed, never shown in a page.
    media_sources=("https://reelbot.space", "https://*.reelbot.space"),
    download_target=download_target,
    parse_download=parse_download,
)
