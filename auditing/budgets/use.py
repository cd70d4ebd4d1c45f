"""What a budget's month comes to: what is allowed, used, left and to be expected, and what nobody knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from auditing.access import Person
from auditing.models import THRESHOLDS, Budget, BudgetTerm
from auditing.reports import Cell, Dimension, Period, Question, totals

type Cells = Mapping[tuple[int, date | None], Cell]
"""What jobs come to, by a budget's id and a month (None: of no known day)."""

NO_JOBS = Cell((), {})


@dataclass(frozen=True, slots=True)
class Use:
    """One month of a budget: thousandths of credits that are `allowed`, and the jobs that count.

    `projected` is what the month comes to at this pace; None where that can't be said.
    """

    month: date
    allowed: int
    documented: bool
    cell: Cell
    projected: int | None = None

    @property
    def jobs(self) -> int:
        """How many jobs the month has, whatever is known of them."""
        return self.cell.jobs

    @property
    def unknown(self) -> int:
        """How many of them have no figure: what they cost is in no sum."""
        return self.cell.credits(documented=self.documented).unknown

    @property
    def used(self) -> int | None:
        """Net credits. None where there are jobs, and no figure of any is known; 0 where nothing counts."""
        sums = self.cell.credits(documented=self.documented)
        return 0 if sums.net is None and not sums.unknown else sums.net

    @property
    def share(self) -> int | None:
        """Thousandths of what is allowed."""
        return None if self.used is None else self.used * 1000 // self.allowed

    @property
    def remaining(self) -> int | None:
        """What is left; negative where more was used than allowed."""
        return None if self.used is None else self.allowed - self.used

    @property
    def over(self) -> int:
        """By how much more was used than allowed; 0 where it was not."""
        return max(-(self.remaining or 0), 0)

    @property
    def over_projected(self) -> int:
        """By how much more will have been used at this pace."""
        return max((self.projected or 0) - self.allowed, 0)

    @property
    def bar(self) -> int:
        """The share as a bar has room for it."""
        return min(self.share or 0, 1000)

    @property
    def reached(self) -> tuple[int, ...]:
        """The thresholds, in percent, that its use has reached."""
        used = self.used or 0
        return tuple(one for one in THRESHOLDS if used * 100 >= self.allowed * one)

    @property
    def level(self) -> int:
        """The highest of them; 0 for none."""
        return max(self.reached, default=0)


def term_in(budget: Budget, month: date) -> BudgetTerm | None:
    """The term that counts in a month; None where the budget is none then."""
    terms = [term for term in budget.terms.all() if term.from_month <= month]
    return terms[-1] if terms and terms[-1].thousandths is not None else None


def cells_of(person: Person, budgets: Sequence[Budget], period: Period) -> Cells:
    """What jobs of the period come to, by budget and month, as far as this person sees them: in three
    statements at most. What is not there has no job. Raises reports.OtherZone."""
    teams = [one for one in budgets if one.owner_id is None and one.account_id is None]
    people = [one for one in budgets if one.owner_id is not None]
    accounts = [one for one in budgets if one.account_id is not None]
    return {
        **_asked(person, period, {one.pk: (one.team_id,) for one in teams}, Dimension.TEAM),
        **_asked(
            person,
            period,
            {one.pk: (one.team_id, one.owner_id) for one in people},
            Dimension.TEAM,
            Dimension.OWNER,
        ),
        **_asked(
            person,
            period,
            {one.pk: (one.team_id, one.account_id) for one in accounts},
            Dimension.TEAM,
            Dimension.ACCOUNT,
        ),
    }


def _asked(
    person: Person, period: Period, keys: Mapping[int, tuple[int | None, ...]], *by: Dimension
) -> dict[tuple[int, date | None], Cell]:
    if not keys:
        return {}
    budget_of: dict[tuple[object, ...], int] = {key: budget for budget, key in keys.items()}
    only = {dimension: tuple({key[place] for key in keys.values()}) for place, dimension in enumerate(by)}
    found = totals(person, Question(period, (Dimension.MONTH, *by), only))
    return {
        (budget_of[cell.key[1:]], cast("date | None", cell.key[0])): cell
        for cell in found
        if cell.key[1:] in budget_of
    }
