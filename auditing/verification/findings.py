"""What a verification comes to: chains as far as they hold, and whatever isn't as it was written."""

from dataclasses import dataclass, field
from enum import StrEnum

MOST_NAMED = 20
"""So many differing records are named; the rest are counted."""


class Kind(StrEnum):
    """What a finding is about."""

    LINK = "link"  # an account's first broken link
    HEAD = "head"  # the end that is kept beside a chain is another
    RECORD = "record"  # a record doesn't say what its last observation says
    ACCOUNT = "account"  # an account is not there, or not the one it was
    TRUNCATED = "truncated"  # fewer links than at the checkpoint
    REPLACED = "replaced"  # another link than at the checkpoint


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that isn't as it was written: where (`sequence`, if it is about a link) and what."""

    kind: Kind
    account: str
    sequence: int | None
    fault: str

    def __str__(self) -> str:
        place = self.account if self.sequence is None else f"{self.account}, link {self.sequence}"
        return f"{place}: {self.fault}"


@dataclass(frozen=True, slots=True)
class Chain:
    """One account's chain as far as it holds: how many links, the last one's hash, payloads erased."""

    account_id: int
    label: str
    provider: str
    links: int
    hash: bytes
    erased: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """What an account was at an earlier time: what it was called, and its last link then (0: none yet)."""

    label: str
    provider: str
    sequence: int
    hash: bytes


@dataclass(slots=True)
class Verified:
    """What came of a verification. `differing` counts records; of them only the first are findings."""

    chains: list[Chain] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    differing: int = 0

    @property
    def is_intact(self) -> bool:
        """Whether nothing at all was found."""
        return not self.findings

    @property
    def links(self) -> int:
        """How many links hold."""
        return sum(chain.links for chain in self.chains)

    @property
    def erased(self) -> int:
        """How many of them have no payload any more."""
        return sum(chain.erased for chain in self.chains)

    @property
    def unnamed(self) -> int:
        """How many differing records are not among the findings."""
        return max(self.differing - MOST_NAMED, 0)

    def differs(self, finding: Finding) -> None:
        """Count a record that differs, and keep the finding unless there are many already."""
        self.differing += 1
        if self.differing <= MOST_NAMED:
            self.findings.append(finding)
