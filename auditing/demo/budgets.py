"""Sample budgets: about what last month cost, so that some are close to what they allow."""

from datetime import datetime

from auditing.access import SYSTEM, acting_as
from auditing.budgets import Subject, TermWanted, add_budget, later, month_now
from auditing.models import Account, Membership, Role, User
from auditing.reports import Dimension, Question, month_of, totals

SINCE = 4  # months
WHOLE = 10_000


def set_budgets(now: datetime, member: str) -> None:
    """For each team its whole credits and those of an account, and in their team those of this member; set by
    the team's manager."""
    with acting_as(SYSTEM):
        managers = list(Membership.objects.filter(role=Role.MANAGER).select_related("team", "user"))
        owner = User.objects.filter(username=member).first()
        subjects = [
            subject
            for team in {row.team_id: row.team for row in managers}.values()
            for subject in (
                Subject(team),
                Subject(
                    team, account=Account.objects.filter(team=team, owner=None).order_by("label").first()
                ),
                Subject(team, owner=owner),
            )
        ]
        spent = {subject: _spent(subject, now) for subject in subjects}
    by_team = {row.team_id: row.user for row in managers}
    first = later(month_now(now), -SINCE)
    for subject, amount in spent.items():
        if amount:
            manager = by_team[subject.team.pk]
            with acting_as(manager):
                add_budget(manager, subject, TermWanted(first, amount), month_now(now))


def _spent(subject: Subject, now: datetime) -> int:
    """Thousandths of credits of last month, rounded up to whole tens."""
    only: dict[Dimension, tuple[int, ...]] = {Dimension.TEAM: (subject.team.pk,)}
    if subject.owner:
        only[Dimension.OWNER] = (subject.owner.pk,)
    if subject.account:
        only[Dimension.ACCOUNT] = (subject.account.pk,)
    cells = totals(SYSTEM, Question(month_of(later(month_now(now), -1)), (), only))
    return -(-(sum(cell.credits().net or 0 for cell in cells)) // WHOLE) * WHOLE
