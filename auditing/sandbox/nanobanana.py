"""NanoBanana Video's status endpoint, as its documentation has it: one answer to one request."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from auditing.sandbox.desk import Desk
from auditing.sandbox.extra import ExtraIds
from auditing.sandbox.faults import RESET_SECONDS
from auditing.sandbox.payloads import in_seconds
from auditing.sandbox.reply import Reply, in_json
from auditing.sandbox.timeline import Job
from auditing.sandbox.world import World

PATH = "/api/v1/video-status.php"


def _error(status: int, text: str, **headers: str) -> Reply:
    return Reply(status, in_json({"success": False, "error": text}), headers=headers)


NO_ID = _error(400, "video_id parameter is required")
NO_KEY = _error(401, "API key required")
# The reference page knows only one text for a 401; these two are in the vendor's error reference.
MALFORMED_KEY = _error(401, "Invalid API key format")
UNKNOWN_KEY = _error(401, "Invalid API key")
DENIED = _error(403, "Access denied")
WRONG_PLAN = _error(403, "API access requires the API plan (€59.99/mo). Please upgrade your subscription.")
NOT_FOUND = _error(404, "Video not found")
WRONG_METHOD = _error(405, "Method not allowed", Allow="GET")
BROKEN = _error(500, "Internal server error")

_FAULTS = {"401": UNKNOWN_KEY, "403": WRONG_PLAN, "500": BROKEN}


class NanoBanana:
    """Knows the jobs of a world, and any number of extra ones that belong to its first NanoBanana account.

    Lookups are not limited: a 429 comes only as a fault, with the reset in unix seconds.
    """

    def __init__(self, world: World, base_url: str, extra: int = 0) -> None:
        self._keys = frozenset(a.api_key for a in world.accounts if a.provider == "nanobanana")
        self._jobs: Mapping[str, Job] = world.jobs["nanobanana"]
        self._base_url = base_url
        self._desk = Desk(self._write)
        self._extra = ExtraIds(world.seed, extra)
        self._extra_key = next(a.api_key for a in world.accounts if a.provider == "nanobanana")
        self._samples = self._sample_bodies(world.now) if extra else []

    def answer(
        self, method: str, authorization: str | None, video_id: str | None, now: datetime, fault: str | None
    ) -> Reply:
        """What the endpoint answers; a fault strikes only requests with a good key."""
        if method != "GET":
            return WRONG_METHOD
        if authorization is None or not authorization.startswith("Bearer "):
            return NO_KEY
        key = authorization.removeprefix("Bearer ").strip()
        if key not in self._keys:
            return UNKNOWN_KEY if key.startswith("nb_") else MALFORMED_KEY
        if fault == "429":
            return _limited(now)
        if fault in _FAULTS:
            return _FAULTS[fault]
        return self._look_up(key, video_id, now) if video_id else NO_ID

    def _look_up(self, key: str, video_id: str, now: datetime) -> Reply:
        job = self._jobs.get(video_id)
        if job is None:
            return self._look_up_extra(key, video_id)
        if job.api_key != key:
            return DENIED
        body = self._desk.look_up(job, now)
        return NOT_FOUND if body is None else Reply(200, body)

    def _look_up_extra(self, key: str, video_id: str) -> Reply:
        index = self._extra.index(video_id)
        if index is None:
            return NOT_FOUND
        if key != self._extra_key:
            return DENIED
        sample_id, body = self._samples[index % len(self._samples)]
        return Reply(200, body.replace(sample_id, video_id.encode()))

    def _sample_bodies(self, now: datetime) -> list[tuple[bytes, bytes]]:
        """Bodies of completed jobs, to be sent again with the id of an extra one."""
        completed = [
            job
            for job in self._jobs.values()
            if job.settled_at(now) and job.timeline[-1].payload["status"] == "completed"
        ]
        return [(j.external_id.encode(), self._write(j.timeline[-1].payload)) for j in completed[:500]]

    def _write(self, payload: Mapping[str, object]) -> bytes:
        addresses = {
            name: f"{self._base_url}{payload[name]}"
            for name in ("output_url", "thumbnail_url")
            if payload.get(name) is not None
        }
        return in_json({"success": True, "video": {**payload, **addresses}})


def _limited(now: datetime) -> Reply:
    """A 429 as the generation endpoints send it: the reset as seconds, as a time, and as a unix time."""
    reset_at = now.replace(microsecond=0) + timedelta(seconds=RESET_SECONDS)
    body = in_json(
        {
            "success": False,
            "error": "Rate limit exceeded. Please wait before making more requests.",
            "rate_limit": {
                "count": 30,
                "limit": 30,
                "remaining": 0,
                "reset_in_seconds": RESET_SECONDS,
                "reset_at": in_seconds(reset_at),
            },
        }
    )
    headers = {
        "X-RateLimit-Limit": "30",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int(reset_at.timestamp())),
    }
    return Reply(429, body, headers=headers)
