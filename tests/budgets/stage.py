"""Budgets as managers set them, and jobs that cost something, for the tests that are about them."""

from datetime import UTC, date, datetime
from typing import Any

from django.utils import timezone

from auditing.access import acting_as
from auditing.budgets import (
    Standing,
    Subject,
    TermWanted,
    add_budget,
    month_now,
    note_crossings,
    standings,
)
from auditing.models import Account, Budget, Generation, Team, User
from tests.views.cast import Cast, completed

# Months that no clock has reached: the database lets nobody change such as are over by its own.
OCTOBER, NOVEMBER, DECEMBER = date(2126, 10, 1), date(2126, 11, 1), date(2126, 12, 1)
MIDDLE = datetime(2126, 11, 16, tzinfo=UTC)
"""Half of November is over."""


def a_budget(
    manager: User,
    team: Team,
    amount: int = 100,
    *,
    owner: User | None = None,
    account: Account | None = None,
    since: date = NOVEMBER,
    documented: bool = True,
) -> Budget:
    """A budget of so many whole credits a month."""
    wanted = TermWanted(since, amount * 1000, documented)
    with acting_as(manager):
        return add_budget(manager, Subject(team, owner, account), wanted, max(since, NOVEMBER))


def a_job(account: Account, owner: User | None, amount: int | None, **columns: Any) -> Generation:
    """A completed job of November, which cost so many whole credits (None: nobody knows)."""
    number = Generation.objects.count()
    said = {
        "created_at": datetime(2126, 11, 10, 12, tzinfo=UTC),
        "credits_thousandths": None if amount is None else amount * 1000,
        "credits_most_thousandths": None if amount is None else amount * 1000,
        "credits_basis": None if amount is None else "reported",
    }
    return completed(account, f"job_{number}", owner, **(said | columns))


def budgets_by_the_clock(people: Cast) -> None:
    """Budgets of this month for a team and for Alice, as pages show them; what was reached is noted."""
    now = timezone.now()
    for owner, amount in ((None, 10_000), (people.alice, 1)):
        wanted = TermWanted(month_now(now), amount * 1000)
        with acting_as(people.max):
            add_budget(people.max, Subject(people.team, owner), wanted, month_now(now))
    note_crossings(now)


def seen_by(person: User, now: datetime = MIDDLE) -> list[Standing]:
    """How the budgets stand that this person sees."""
    with acting_as(person):
        return standings(person, now)
