"""What an entry of the trail is made of: what was asked for, what was changed, and of which record."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for: in words, and as a record's address where it was a record's."""

    words: str
    provider: str = ""
    external_id: str = ""

    @classmethod
    def record(cls, provider: str, external_id: str) -> "Asked":
        """The record with this id, whether there is one or not."""
        return cls(words=f"{provider}/{external_id}", provider=provider, external_id=external_id)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was changed, and from what to what; None is nothing: it was not there, or is no more.

    Its values are kept for good: name people, projects and tags here, and of longer texts that they were
    changed (`Change("note")`), for those must be possible to erase.
    """

    what: str
    before: str | None = None
    after: str | None = None

    def __str__(self) -> str:
        if self.before is None and self.after is None:
            return self.what
        return f"{self.what}: {_value(self.before)} → {_value(self.after)}"


@dataclass(frozen=True, slots=True)
class Of:
    """The record that an act was about: its team, and what it is known by."""

    team_id: int
    provider: str
    external_id: str


def _value(value: str | None) -> str:
    return "none" if value is None else f"“{value}”" if " " in value or not value else value
