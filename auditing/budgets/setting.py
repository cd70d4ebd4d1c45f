"""Budgets are set, changed from a month on, and ended: months that are over keep what stood in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from auditing import trail
from auditing.access import budgets_to_change, managed_teams
from auditing.budgets.months import later, month_name, months_up_to
from auditing.budgets.subjects import told_of
from auditing.models import Account, Act, Budget, BudgetTerm, Team, User
from auditing.records import decimal_of_thousandths

MONTHS_BACK, MONTHS_AHEAD = 11, 12
PEOPLE_OFFERED = 500


class NotSet(ValueError):
    """A budget that can't be set like that: `field` says which part is in the way, the message why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose credits are to be budgeted: a team's, or those of one person or one account in it."""

    team: Team
    owner: User | None = None
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class TermWanted:
    """What is to be allowed from a month on: thousandths of credits, and whether documented ones count."""

    from_month: date
    thousandths: int
    documented: bool = True


def subjects_of(team: Team) -> dict[str, Subject]:
    """Whose budgets a manager of the team may set, by a word for each: the whole team's, those of its people
    (`person:alice`) and those of its accounts (`account:north-nano`)."""
    people = User.objects.filter(memberships__team=team, is_active=True).defer("password")
    accounts = Account.objects.filter(team=team).order_by("label")
    return {
        "team": Subject(team),
        **{
            f"person:{person.username}": Subject(team, owner=person)
            for person in people.order_by("first_name", "username")[:PEOPLE_OFFERED]
        },
        **{f"account:{account.label}": Subject(team, account=account) for account in accounts},
    }


def months_offered(this_month: date, *, is_new: bool) -> list[date]:
    """The months from which on a term may count; a new budget's also such as are over, to look back."""
    back = MONTHS_BACK if is_new else 0
    return months_up_to(later(this_month, MONTHS_AHEAD), MONTHS_AHEAD + back + 1)


def add_budget(person: User, subject: Subject, wanted: TermWanted, this_month: date) -> Budget:
    """A new budget; one that has ended goes on. Raises NotSet."""
    if not managed_teams(person).filter(pk=subject.team.pk).exists():
        raise NotSet("of", "Only managers of the team set its budgets.")
    budget, _is_new = Budget.objects.get_or_create(
        team=subject.team, owner=subject.owner, account=subject.account
    )
    terms = list(budget.terms.all())
    if terms and terms[-1].thousandths is not None:
        raise NotSet("of", "There is a budget of this already: change that one.")
    _check(wanted.from_month, months_offered(this_month, is_new=not terms))
    _store(person, budget, terms, wanted.from_month, wanted)
    return budget


def change_budget(person: User, budget: Budget, wanted: TermWanted, this_month: date) -> None:
    """Let this count from its month on, in place of whatever was to count then or later. Raises NotSet."""
    _change(person, budget, wanted.from_month, wanted, this_month)


def end_budget(person: User, budget: Budget, from_month: date, this_month: date) -> None:
    """Let it be no budget from this month on. Raises NotSet."""
    _change(person, budget, from_month, None, this_month)


def _change(
    person: User, budget: Budget, from_month: date, wanted: TermWanted | None, this_month: date
) -> None:
    if not budgets_to_change(person).filter(pk=budget.pk).exists():
        raise NotSet("", "Only managers of the team change its budgets.")
    _check(from_month, months_offered(this_month, is_new=False))
    _store(person, budget, list(budget.terms.order_by("from_month")), from_month, wanted)


def _check(month: date, offered: Iterable[date]) -> None:
    if month not in offered:
        raise NotSet("from_month", "Months that are over stay as they were: choose a later one.")


def _store(
    person: User, budget: Budget, terms: list[BudgetTerm], month: date, wanted: TermWanted | None
) -> None:
    before = next((term for term in reversed(terms) if term.from_month <= month), None)
    term = BudgetTerm(budget=budget, from_month=month)
    if wanted:
        term.thousandths, term.documented = wanted.thousandths, wanted.documented
    try:
        with transaction.atomic():
            budget.terms.filter(from_month__gte=month).delete()
            term.save(force_insert=True)
    except IntegrityError as refused:
        if not isinstance(refused.__cause__, UniqueViolation):
            raise
        raise NotSet("", "Somebody else changed it at the same moment: look again.") from None
    act = Act.BUDGET_SET if wanted else Act.BUDGET_ENDED
    trail.changed(act, person, told_of(budget), *_changes(before, term), teams=[budget.team_id])


def _changes(before: BudgetTerm | None, term: BudgetTerm) -> list[trail.Change]:
    """From what to what; what stays is not said."""
    changes = [
        trail.Change(f"credits a month from {month_name(term.from_month)}", _said(before), _said(term))
    ]
    if term.thousandths is not None and (before is None or before.documented != term.documented):
        words = {True: "counted", False: "left out"}
        was = words[before.documented] if before else None
        changes.append(trail.Change("documented credits", was, words[term.documented]))
    return changes


def _said(term: BudgetTerm | None) -> str | None:
    if term is None or term.thousandths is None:
        return None
    return f"{decimal_of_thousandths(term.thousandths):f}"
