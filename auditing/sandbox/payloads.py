"""The 200 payloads of both providers for one job, from its creation to its end."""

from dataclasses import dataclass
from datetime import UTC, datetime

from auditing.sandbox.timeline import Version


@dataclass(frozen=True, slots=True)
class Span:
    """When a job was created, when its processing began, and when it ended."""

    created: datetime
    started: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Take:
    """What was asked of NanoBanana, and the credits that the job comes to if it completes."""

    title: str
    description: str
    mode: str
    resolution: str
    duration_seconds: int
    credits_used: int | float


def in_seconds(moment: datetime) -> str:
    """As NanoBanana writes times: `2026-05-05T16:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_milliseconds(moment: datetime) -> str:
    """As ReelBot writes times: `2025-01-21T16:30:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def nanobanana_timeline(external_id: str, take: Take, span: Span, *, failed: bool) -> tuple[Version, ...]:
    """`pending`, `processing`, then `completed` or `failed`; a failure costs nothing unless said otherwise.

    Addresses are paths: whoever serves them puts the address it listens on before them. What is not known
    yet is null, and a pending job has no processing times at all.
    """
    created, started, ended = in_seconds(span.created), in_seconds(span.started), in_seconds(span.ended)
    pending = {
        "id": external_id,
        "status": "pending",
        "title": take.title,
        "description": take.description,
        "mode": take.mode,
        "resolution": take.resolution,
        "duration_seconds": take.duration_seconds,
        "output_url": None,
        "thumbnail_url": None,
        "credits_used": None,
        "created_at": created,
        "updated_at": created,
    }
    processing = pending | {
        "status": "processing",
        "updated_at": started,
        "processing_started_at": started,
        "processing_completed_at": None,
    }
    failure = {"status": "failed", "credits_used": 0, "updated_at": ended}
    success = {
        "status": "completed",
        "output_url": f"/media/videos/{external_id}.mp4",
        "thumbnail_url": f"/media/thumbs/{external_id}.png",
        "credits_used": take.credits_used,
        "updated_at": ended,
        "processing_completed_at": ended,
    }
    end = processing | (failure if failed else success)
    return Version(span.created, pending), Version(span.started, processing), Version(span.ended, end)


def reelbot_timeline(output_key: str, span: Span, *, error: str | None) -> tuple[Version, ...]:
    """`queued`, `processing`, then `completed` with its output key or, given an error, `failed` with that."""
    created = in_milliseconds(span.created)
    queued = {"status": "queued", "message": "Video is queued for processing", "createdAt": created}
    processing = {
        "status": "processing",
        "message": "Video is being processed",
        "createdAt": created,
        "updatedAt": in_milliseconds(span.started),
    }
    end = processing | {"updatedAt": in_milliseconds(span.ended)}
    if error is None:
        end |= {
            "status": "completed",
            "message": "Video generation completed successfully",
            "outputKey": output_key,
        }
    else:
        end |= {"status": "failed", "message": "Video generation failed", "error": error}
    return Version(span.created, queued), Version(span.started, processing), Version(span.ended, end)
