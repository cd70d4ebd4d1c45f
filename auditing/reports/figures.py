"""What jobs come to in one row of numbers that can be added up and taken away: exact, and below zero, too."""

from dataclasses import dataclass, fields

from auditing.records import CreditsBasis, Status
from auditing.reports.totals import UNRESOLVED, Cell


@dataclass(frozen=True, slots=True)
class Figures:
    """Jobs, and credits in thousandths of those that have a figure (`known`, some of them `known_completed`
    and `known_failed`; `unknown` are those without one, which are in no sum). `documented` ones have a figure
    that the provider's documentation says: among the known if they are counted, `left_out` if not.
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
    known_completed: int = 0
    known_failed: int = 0
    unknown: int = 0
    documented: int = 0
    left_out: int = 0

    @property
    def refunded(self) -> int:
        """What was given back."""
        return self.gross - self.net

    @property
    def knows_completed(self) -> bool:
        """Whether there is a figure of what completed jobs cost: of any of them, or that there are none."""
        return self.known_completed > 0 or not self.completed_jobs

    @property
    def knows_failed(self) -> bool:
        """The same of failed jobs."""
        return self.known_failed > 0 or not self.failed_jobs

    def plus(self, other: "Figures") -> "Figures":
        """Both together."""
        return Figures(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @classmethod
    def of(cls, cell: Cell, *, documented: bool) -> "Figures":
        """A cell's figures, with or without documented ones."""
        bases = [CreditsBasis.REPORTED, CreditsBasis.DOCUMENTED] if documented else [CreditsBasis.REPORTED]
        counted, by_documents = cell.sums(bases=bases), cell.sums(bases=[CreditsBasis.DOCUMENTED])
        completed, failed = cell.sums([Status.COMPLETED], bases), cell.sums([Status.FAILED], bases)
        return cls(
            jobs=cell.sums().jobs,
            completed_jobs=cell.sums([Status.COMPLETED]).jobs,
            failed_jobs=cell.sums([Status.FAILED]).jobs,
            unresolved_jobs=cell.sums(UNRESOLVED).jobs,
            gross=counted.credits_most,
            net=counted.credits,
            on_completed=completed.credits,
            on_failed=failed.credits,
            known=counted.jobs,
            known_completed=completed.jobs,
            known_failed=failed.jobs,
            unknown=cell.sums(bases=[None]).jobs,
            documented=by_documents.jobs if documented else 0,
            left_out=0 if documented else by_documents.jobs,
        )
