"""One group of a credit report, or its total: what its jobs cost, and which lists show them."""

from dataclasses import dataclass, field
from functools import cached_property

from auditing.records import Flag, Status
from auditing.reports.money import Costs, Money
from auditing.reports.naming import Narrowing
from auditing.reports.totals import UNRESOLVED, Cell, Credits, Output

_REFUNDED = Narrowing({"flag": (Flag.REFUNDED,)})
_UNKNOWN = Narrowing({"credits_basis": (None,)})
_COMPLETED = Narrowing({"status": (Status.COMPLETED,)})
_FAILED = Narrowing({"status": (Status.FAILED,)})


@dataclass(frozen=True)
class Line:
    """One group of a report, or its total: `names` has a word for each dimension, `query` the list's query
    string for its rows; `share` are thousandths of the largest line's net credits, which are thousandths
    themselves, like all credits here. What several of its figures need is added up once."""

    names: tuple[str, ...]
    query: str
    cell: Cell
    documented: bool
    share: int = 0
    costs: Costs = field(default_factory=Costs)
    currencies: tuple[str, ...] = ()

    @cached_property
    def jobs(self) -> int:
        """How many jobs there are, whatever is known of them."""
        return self.cell.jobs

    @cached_property
    def credits(self) -> Credits:
        """What all its jobs cost."""
        return self.cell.credits(documented=self.documented)

    @cached_property
    def completed(self) -> Credits:
        """What its completed jobs cost."""
        return self.cell.credits(Status.COMPLETED, documented=self.documented)

    @cached_property
    def failed(self) -> Credits:
        """What its failed jobs cost."""
        return self.cell.credits(Status.FAILED, documented=self.documented)

    @cached_property
    def completed_jobs(self) -> int:
        """How many of its jobs were completed."""
        return self.cell.jobs_of(Status.COMPLETED)

    @cached_property
    def failed_jobs(self) -> int:
        """How many of its jobs failed."""
        return self.cell.jobs_of(Status.FAILED)

    @property
    def unresolved(self) -> int:
        """How many of its jobs can still change: under way, or not understood or looked up yet."""
        return self.cell.jobs_of(*UNRESOLVED)

    @property
    def refunded_query(self) -> str:
        """Its jobs whose credits fell; beside another flag no list can ask for this one too: all its jobs."""
        return self.query if "flag=" in self.query else _REFUNDED.of(self.query)

    @property
    def unknown_query(self) -> str:
        """Its jobs without a figure."""
        return _UNKNOWN.of(self.query)

    @property
    def completed_query(self) -> str:
        """Its completed jobs."""
        return _COMPLETED.of(self.query)

    @property
    def failed_query(self) -> str:
        """Its failed jobs."""
        return _FAILED.of(self.query)

    @property
    def money(self) -> tuple[Money | None, ...]:
        """What its jobs cost in each of the report's currencies; None where none cost anything in it."""
        return tuple(self.costs.money(one, documented=self.documented) for one in self.currencies)

    @property
    def has_money(self) -> bool:
        """Whether any of its jobs has both a figure that counts and a price."""
        return any(one is not None for one in self.money)

    @property
    def unpriced_jobs(self) -> int:
        """How many of its jobs with a figure are of an account without a price on their day."""
        return self.costs.unpriced(documented=self.documented).jobs

    @property
    def unpriced_credits(self) -> int:
        """Thousandths of credits that those cost."""
        return self.costs.unpriced(documented=self.documented).credits

    @cached_property
    def output(self) -> Output:
        """Its completed videos."""
        return self.cell.output(documented=self.documented)

    @property
    def per_video(self) -> int | None:
        """Thousandths of credits a completed video whose credits are known; None without any."""
        known = self.completed
        return None if known.net is None else round(known.net / known.known)

    @property
    def per_second(self) -> int | None:
        """Thousandths of credits a second of completed video, where credits and duration are known."""
        made = self.output
        if made.rated_credits is None or not made.rated_milliseconds:
            return None
        return round(made.rated_credits * 1000 / made.rated_milliseconds)
