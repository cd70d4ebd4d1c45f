"""NanoBanana Video: `GET /api/v1/video-status.php?video_id=ID`.

Facts are from the vendor's page "Video Status"; those marked † from other pages of its documentation.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec

from auditing.providers.amounts import thousandths
from auditing.providers.answers import answer
from auditing.providers.declaration import Jitter, Polling, Provider, Refusal, ResetFormat
from auditing.providers.flags import are_impossible, flags
from auditing.providers.payloads import Malformed
from auditing.providers.resets import small_jitter
from auditing.providers.shapes import Number, Title, Url, Word, typed
from auditing.providers.times import field_moment, is_naive, iso
from auditing.records import (
    Answer,
    CreditsBasis,
    Record,
    Response,
    Status,
    checked_id,
    json_number_of_thousandths,
)

KEY_PREFIX = "nb_"  # †
RESET_FORMAT = ResetFormat.UNIX_SECONDS  # †
STATUSES = {
    "pending": Status.PENDING,
    "processing": Status.PROCESSING,
    "completed": Status.COMPLETED,
    "failed": Status.FAILED,
}


# Wire: what the provider sends.


class Video(msgspec.Struct, frozen=True, kw_only=True):
    """One job. Before it completes, any field but `id` and `status` may be null or absent.

    Times are ISO 8601 with `Z`; `credits_used` is what the provider charged, `duration_seconds` the clip's.
    """

    id: str
    status: Word
    title: Title | None = None
    description: str | None = None
    mode: Word | None = None
    resolution: Word | None = None
    duration_seconds: Number | None = None
    output_url: Url | None = None
    thumbnail_url: Url | None = None
    credits_used: Number | None = None
    created_at: str | None = None
    updated_at: str | None = None
    processing_started_at: str | None = None
    processing_completed_at: str | None = None


class VideoStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A 200. Both fields are always there."""

    success: bool
    video: Video


OPTIONAL = frozenset(Video.__struct_fields__) - {"id", "status"}


# Adapter: the wire's shape ↔ the canonical record.


def _record(external_id: str, payload: dict[str, Any], received: datetime) -> Record:
    video = typed(payload, VideoStatus).video
    if video.id != external_id:
        raise Malformed(f"video.id: another id is echoed, {video.id[:64]!r}")
    status = STATUSES.get(video.status, Status.UNKNOWN)
    credits_thousandths = thousandths(video.credits_used, "video.credits_used")
    created = field_moment(video.created_at, "video.created_at")
    updated = field_moment(video.updated_at, "video.updated_at")
    started = field_moment(video.processing_started_at, "video.processing_started_at")
    completed = field_moment(video.processing_completed_at, "video.processing_completed_at")
    return Record(
        status=status,
        provider_status=video.status,
        title=video.title,
        description=video.description,
        mode=video.mode,
        resolution=video.resolution,
        duration_milliseconds=thousandths(video.duration_seconds, "video.duration_seconds"),
        output_url=video.output_url,
        thumbnail_url=video.thumbnail_url,
        credits_thousandths=credits_thousandths,
        credits_basis=None if credits_thousandths is None else CreditsBasis.REPORTED,
        created_at=created,
        updated_at=updated,
        processing_started_at=started,
        processing_completed_at=completed,
        flags=flags(
            unknown_status=status is Status.UNKNOWN,
            naive_time=any(map(is_naive, _times(video))),
            impossible_times=are_impossible(received, created, updated, started, completed),
        ),
        absent=OPTIONAL.difference(payload["video"]),
    )


def _times(video: Video) -> tuple[str | None, ...]:
    return (
        video.created_at,
        video.updated_at,
        video.processing_started_at,
        video.processing_completed_at,
    )


# Entry points.


def target(external_id: str) -> str:
    """Path and query of a status lookup. Raises InvalidId."""
    return f"/api/v1/video-status.php?video_id={quote(checked_id(external_id), safe='')}"


def parse(external_id: str, response: Response, /, *, jitter: Jitter = small_jitter) -> Answer:
    """The answer to a lookup of this id. Never raises for what the response holds."""
    return answer(
        response,
        lambda payload: _record(external_id, payload, response.received_at),
        reset_format=RESET_FORMAT,
        key_prefix=KEY_PREFIX,
        jitter=jitter,
    )


def emit(external_id: str, record: Record) -> dict[str, Any]:
    """The record in the shape of the provider's 200, without the fields that `record.absent` names."""
    video = {
        "id": external_id,
        "status": record.provider_status,
        "title": record.title,
        "description": record.description,
        "mode": record.mode,
        "resolution": record.resolution,
        "duration_seconds": json_number_of_thousandths(record.duration_milliseconds),
        "output_url": record.output_url,
        "thumbnail_url": record.thumbnail_url,
        "credits_used": json_number_of_thousandths(record.credits_thousandths),
        "created_at": iso(record.created_at),
        "updated_at": iso(record.updated_at),
        "processing_started_at": iso(record.processing_started_at),
        "processing_completed_at": iso(record.processing_completed_at),
    }
    return {
        "success": True,
        "video": {name: value for name, value in video.items() if name not in record.absent},
    }


def intake_id(payload: Mapping[str, Any]) -> str | None:
    """`video_id` of a generation response †; older ones gave a plain integer."""
    video_id = payload.get("video_id")
    if isinstance(video_id, int) and not isinstance(video_id, bool):
        return str(video_id)
    return video_id if isinstance(video_id, str) and video_id else None


# `vid_` and 8 or 12 letters or digits (†; room is left for more), on its own. The names of files on the
# vendor's CDN look alike, yet are no ids: the page's example has vid_a1b2c3d4e5f6 in /videos/vid_a1b2c3.mp4.
ID_IN_TEXT = re.compile(
    r"(?<![0-9A-Za-z_])(?<!/videos/)(?<!/thumbs/)(?P<id>vid_[0-9A-Za-z]{8,64}+)(?![0-9A-Za-z_])"
)


PROVIDER = Provider(
    key="nanobanana",
    name="NanoBanana Video",
    base_url="https://nanobananavideo.com",
    # Documented is cdn.nanobananavideo.com; whatever else of the vendor's own may follow it.
    media_sources=("https://nanobananavideo.com", "https://*.nanobananavideo.com"),
    auth_header="Authorization",
    auth_prefix="Bearer ",
    key_prefix=KEY_PREFIX,
    target=target,
    parse=parse,
    emit=emit,
    intake_id=intake_id,
    id_in_text=ID_IN_TEXT,
    statuses=STATUSES,
    refusal=Refusal(403, "Access denied"),
    missing_text="Video not found",
    credits_basis=CreditsBasis.REPORTED,
    reset_format=RESET_FORMAT,
    per_minute=None,  # †: only generation calls are limited
    # Generation is synchronous and takes seconds, so a live job is rare and soon over. The pace is ours.
    polling=Polling(
        every=timedelta(seconds=10), young_for=timedelta(minutes=10), stuck_after=timedelta(minutes=30)
    ),
)
