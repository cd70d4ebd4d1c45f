"""A job is a list of what its provider says of it, each from a moment on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Version:
    """The provider's own words about a job, in force from `since` until the next version."""

    since: datetime
    payload: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Job:
    """One video job; `api_key` is the key it belongs to, None when that is nobody's in this world.

    A `revision` is the provider changing its mind about a finished job. It is in force from its moment on,
    or from the job's second lookup on, whichever is earlier: so a first look always sees what was before.
    """

    external_id: str
    api_key: str | None
    timeline: tuple[Version, ...]
    revision: Version | None = None

    def version_at(self, now: datetime, *, looked_up_before: bool = False) -> Version | None:
        """What the provider says at that moment; None before the job was created."""
        if self.revision is not None and (looked_up_before or self.revision.since <= now):
            return self.revision
        return next((version for version in reversed(self.timeline) if version.since <= now), None)

    def settled_at(self, now: datetime) -> bool:
        """Whether nothing that it says can change any more."""
        return (self.revision or self.timeline[-1]).since <= now

    def saying(self, **changes: object) -> "Job":
        """The same job with other words in its last version."""
        last = self.timeline[-1]
        return replace(self, timeline=(*self.timeline[:-1], _changed(last, last.since, changes)))

    def revised(self, at: datetime, **changes: object) -> "Job":
        """The same job with a later change of mind about its last version."""
        return replace(self, revision=_changed(self.timeline[-1], at, changes))

    def stopped_after(self, versions: int) -> "Job":
        """The same job, never getting any further than its first so many versions."""
        return replace(self, timeline=self.timeline[:versions])


def _changed(version: Version, since: datetime, changes: Mapping[str, object]) -> Version:
    return Version(since, {**version.payload, **changes})
