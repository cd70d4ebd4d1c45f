"""What jobs come to in one row of numbers that can be added up and taken away: exact, and below zero, too."""

from collections.abc import Collection
from dataclasses import dataclass, fields

from auditing.records import CreditsBasis, Status
from auditing.reports.totals import NOTHING, Cell, Sums

UNRESOLVED = (Status.PENDING, Status.PROCESSING, Status.UNKNOWN, None)


@dataclass(frozen=True, slots=True)
class Figures:
    """Jobs, and credits in thousandths of those that have a figure (`known`; `unknown` are those without one,
    which are in no sum). `documented` ones have a figure that the provider's documentation says: among the
    known if they are counted, `left_out` if not.
    """

    jobs: int = 0
    completed_jobs: int = 0
    failed_jobs: int = 0
    unresolved_jobs: int = 0
    gross: int = 0
    net: int = 0
    on_completed: int = 0
    on_failed: int = 0
    known: int = 0
    unknown: int = 0
    documented: int = 0
    left_out: int = 0

    @property
    def refunded(self) -> int:
        """What was given back."""
        return self.gross - self.net

    def plus(self, other: "Figures") -> "Figures":
        """Both together."""
        return Figures(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @classmethod
    def of(cls, cell: Cell, *, documented: bool) -> "Figures":
        """A cell's figures, with or without documented ones."""
        bases = [CreditsBasis.REPORTED, CreditsBasis.DOCUMENTED] if documented else [CreditsBasis.REPORTED]
        counted, by_documents = _sum(cell, bases=bases), _sum(cell, bases=[CreditsBasis.DOCUMENTED])
        return cls(
            jobs=_sum(cell).jobs,
            completed_jobs=_sum(cell, [Status.COMPLETED]).jobs,
            failed_jobs=_sum(cell, [Status.FAILED]).jobs,
            unresolved_jobs=_sum(cell, UNRESOLVED).jobs,
            gross=counted.credits_most,
            net=counted.credits,
            on_completed=_sum(cell, [Status.COMPLETED], bases).credits,
            on_failed=_sum(cell, [Status.FAILED], bases).credits,
            known=counted.jobs,
            unknown=_sum(cell, bases=[None]).jobs,
            documented=by_documents.jobs if documented else 0,
            left_out=0 if documented else by_documents.jobs,
        )


def _sum(
    cell: Cell,
    statuses: Collection[str | None] | None = None,
    bases: Collection[str | None] | None = None,
) -> Sums:
    found = NOTHING
    for (status, basis), sums in cell.parts.items():
        if (statuses is None or status in statuses) and (bases is None or basis in bases):
            found = found.plus(sums)
    return found
