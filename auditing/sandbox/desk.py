"""What a provider says of a job right now, as bytes: written once when it can't change any more."""

from collections.abc import Callable, Mapping
from datetime import datetime

from auditing.sandbox.timeline import Job


class Desk:
    """Remembers which jobs were looked up, since some answers change at the second look."""

    def __init__(self, write: Callable[[Mapping[str, object]], bytes]) -> None:
        self._write = write
        self._settled: dict[str, bytes] = {}
        self._looked_up: set[str] = set()

    def look_up(self, job: Job, now: datetime) -> bytes | None:
        """The body of a 200 for that job; None before the job was created."""
        settled = self._settled.get(job.external_id)
        if settled is not None:
            return settled
        payload = self.payload(job, now)
        if payload is None:
            return None
        body = self._write(payload)
        if job.settled_at(now):
            self._settled[job.external_id] = body
        elif job.revision is not None:
            self._looked_up.add(job.external_id)
        return body

    def payload(self, job: Job, now: datetime) -> Mapping[str, object] | None:
        """What a lookup would be told now, without counting as one."""
        version = job.version_at(now, looked_up_before=job.external_id in self._looked_up)
        return None if version is None else version.payload
