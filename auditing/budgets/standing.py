"""How each budget that a person may see stands: this month, the twelve last ones, and what is to come."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models.functions import Lower

from auditing.access import Person, visible_budgets
from auditing.budgets.months import month_name, month_now, months_up_to, projected, report_zone
from auditing.budgets.subjects import report_query, rows_query, subject_of
from auditing.budgets.use import NO_JOBS, Cells, Use, cells_of, term_in
from auditing.models import Budget, BudgetTerm
from auditing.reports import UNDATED, Period, month_of

MONTHS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a budget, and where its rows are; `use` is None where it was no budget."""

    month: date
    use: Use | None
    rows: str

    @property
    def name(self) -> str:
        """`November 2026`."""
        return month_name(self.month)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A budget: `use` of this month (None where it has ended, or is yet to begin), its `months`, newest
    first, and `next_term`, what counts from a later month on.

    `rows`, `unknown_rows` and `undated_rows` are query strings of the list, `report` the credit report's.
    `undated` jobs have no known day: they are in no month.
    """

    budget: Budget
    subject: str
    use: Use | None
    months: tuple[Month, ...]
    next_term: BudgetTerm | None
    rows: str
    unknown_rows: str
    undated: int
    undated_rows: str
    report: str

    @property
    def has_ended(self) -> bool:
        """Whether nothing is allowed now or later."""
        return self.use is None and (self.next_term is None or self.next_term.thousandths is None)


def standings(person: Person, now: datetime) -> list[Standing]:
    """The budgets that this person may see, teams' own first, those that have ended last.

    Raises reports.OtherZone.
    """
    rows = visible_budgets(person).select_related("team", "owner", "account").prefetch_related("terms")
    budgets = list(rows.order_by(Lower("team__name"), "owner__username", "account__label"))
    budgets.sort(
        key=lambda one: (one.team.name.lower(), one.account_id is not None, one.owner_id is not None)
    )
    month = month_now(now)
    shown = months_up_to(month, MONTHS_SHOWN)
    dated = cells_of(person, budgets, Period(shown[0], month_of(month).last))
    undated = cells_of(person, budgets, UNDATED)
    zone = report_zone()
    found = [_standing(budget, shown, dated, undated, zone, now) for budget in budgets]
    return sorted(found, key=lambda one: one.has_ended)


def use_of(budget: Budget, month: date, cells: Cells) -> Use | None:
    """What a month of the budget comes to; None where it is no budget then."""
    term = term_in(budget, month)
    if term is None or term.thousandths is None:
        return None
    return Use(month, term.thousandths, term.documented, cells.get((budget.pk, month), NO_JOBS))


def _standing(
    budget: Budget, shown: list[date], dated: Cells, undated: Cells, zone: ZoneInfo, now: datetime
) -> Standing:
    month = shown[-1]
    use = use_of(budget, month, dated)
    if use and use.used is not None:
        use = replace(use, projected=projected(use.used, month, now, zone))
    return Standing(
        budget=budget,
        subject=subject_of(budget),
        use=use,
        months=tuple(
            Month(one, use_of(budget, one, dated), rows_query(budget, one, zone)) for one in reversed(shown)
        ),
        next_term=next((term for term in budget.terms.all() if term.from_month > month), None),
        rows=rows_query(budget, month, zone),
        unknown_rows=rows_query(budget, month, zone, unknown_only=True),
        undated=undated.get((budget.pk, None), NO_JOBS).jobs,
        undated_rows=rows_query(budget, None, zone),
        report=report_query(budget, month, use.documented if use else True, zone),
    )
