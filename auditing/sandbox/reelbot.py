"""ReelBot's status and download endpoints, as its documentation has them: one answer to one request."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import unquote

from auditing.sandbox.desk import Desk
from auditing.sandbox.faults import RESET_SECONDS
from auditing.sandbox.pace import Pace, Standing
from auditing.sandbox.payloads import in_milliseconds
from auditing.sandbox.presigned import VALID_FOR, Signer
from auditing.sandbox.reply import Reply, in_json
from auditing.sandbox.timeline import Job
from auditing.sandbox.world import World

STATUS_PATH = "/api/v1/video/status/"
DOWNLOAD_PATH = "/api/v1/video/download/"
DOWNLOADS_PER_HOUR = 30

_PROJECT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _error(status: int, code: str, message: str, **headers: str) -> Reply:
    return Reply(status, in_json({"success": False, "message": message, "code": code}), headers=headers)


INVALID_ID = _error(400, "INVALID_PROJECT_ID", "Invalid project ID format")
NOT_READY = _error(400, "VIDEO_NOT_READY", "Video is still processing. Wait for completed status.")
UNAUTHORIZED = _error(
    401, "UNAUTHORIZED", "Unauthorized. Please provide a valid API key via the X-API-Key header."
)
QUOTA = _error(402, "QUOTA_EXCEEDED", "Video quota exceeded. Upgrade your plan or wait for the quota reset.")
NOT_FOUND = _error(404, "NOT_FOUND", "Project not found")
NO_OUTPUT = _error(404, "OUTPUT_NOT_FOUND", "Video output not found")
# Not documented; answered as the rest of the API answers.
WRONG_METHOD = _error(405, "METHOD_NOT_ALLOWED", "Method not allowed", Allow="GET")
BROKEN = _error(500, "INTERNAL_ERROR", "An unexpected error occurred")
UNAVAILABLE = _error(503, "SERVICE_UNAVAILABLE", "Service temporarily unavailable. Please retry later.")

_FAULTS = {"401": UNAUTHORIZED, "402": QUOTA, "500": BROKEN, "503": UNAVAILABLE}
_STATUS_LIMIT = "Rate limit exceeded. Please reduce polling frequency."
_DOWNLOAD_LIMIT = "Rate limit exceeded. Please try again later."


class ReelBot:
    """Knows the jobs of a world and keeps each key to its limits; a stranger's job is not there."""

    def __init__(self, world: World, base_url: str, per_minute: int) -> None:
        self._keys = frozenset(a.api_key for a in world.accounts if a.provider == "reelbot")
        self._jobs: Mapping[str, Job] = world.jobs["reelbot"]
        self._base_url = base_url
        self._desk = Desk(in_json)
        self._signer = Signer(world.seed)
        self._lookups = Pace(per_minute, timedelta(minutes=1))
        self._downloads = Pace(DOWNLOADS_PER_HOUR, timedelta(hours=1))

    def status(
        self, method: str, api_key: str | None, raw_id: str, now: datetime, fault: str | None
    ) -> Reply:
        """What the status endpoint answers for an id as it stands, percent-encoded, in the path."""
        if method != "GET":
            return WRONG_METHOD
        if api_key is None or api_key not in self._keys:
            return UNAUTHORIZED
        standing = self._lookups.take(api_key, now)
        if not standing.allowed:
            return _limited(standing, _STATUS_LIMIT)
        if fault == "429":
            return _limited(_fault_standing(standing, now), _STATUS_LIMIT)
        if fault in _FAULTS:
            return _with(standing, _FAULTS[fault])
        return _with(standing, self._look_up(api_key, unquote(raw_id), now))

    def download(self, method: str, api_key: str | None, raw_id: str, now: datetime) -> Reply:
        """A link to a completed video, open for an hour; 30 an hour for each key."""
        if method != "GET":
            return WRONG_METHOD
        if api_key is None or api_key not in self._keys:
            return UNAUTHORIZED
        standing = self._downloads.take(api_key, now)
        if not standing.allowed:
            return _limited(standing, _DOWNLOAD_LIMIT)
        return _with(standing, self._link(api_key, unquote(raw_id), now))

    def _find(self, api_key: str, project_id: str) -> Job | Reply:
        if not _PROJECT_ID.fullmatch(project_id):
            return INVALID_ID
        job = self._jobs.get(project_id)
        return NOT_FOUND if job is None or job.api_key != api_key else job

    def _look_up(self, api_key: str, project_id: str, now: datetime) -> Reply:
        found = self._find(api_key, project_id)
        if isinstance(found, Reply):
            return found
        body = self._desk.look_up(found, now)
        return NOT_FOUND if body is None else Reply(200, body)

    def _link(self, api_key: str, project_id: str, now: datetime) -> Reply:
        found = self._find(api_key, project_id)
        if isinstance(found, Reply):
            return found
        payload = self._desk.payload(found, now)
        if payload is None:
            return NOT_FOUND
        if payload["status"] != "completed":
            return NOT_READY
        if "outputKey" not in payload:
            return NO_OUTPUT
        now = now.replace(microsecond=0)
        link = self._signer.link(f"/media/{payload['outputKey']}", now)
        expires_at = in_milliseconds(now + VALID_FOR)
        return Reply(
            200, in_json({"success": True, "downloadUrl": self._base_url + link, "expiresAt": expires_at})
        )


def _with(standing: Standing, reply: Reply) -> Reply:
    return Reply(reply.status, reply.body, reply.content_type, {**reply.headers, **standing.headers})


def _limited(standing: Standing, message: str) -> Reply:
    details = {"resetAt": standing.reset_at}
    body = in_json({"success": False, "message": message, "code": "RATE_LIMITED", "details": details})
    return Reply(429, body, headers={**standing.headers, "Retry-After": str(standing.retry_after)})


def _fault_standing(standing: Standing, now: datetime) -> Standing:
    """As if the window had been used up, with the reset that a fault has."""
    reset_at = in_milliseconds(now + timedelta(seconds=RESET_SECONDS))
    headers = {**standing.headers, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset_at}
    return Standing(allowed=False, headers=headers, reset_at=reset_at, retry_after=RESET_SECONDS)
