"""Whose budgets each sees and sets, and whom a budget's notices are for."""

from django.db.models import Q, QuerySet
from django.db.models.fetch_modes import FETCH_RAISE

from auditing.access.acting import Person, checked, id_of
from auditing.access.refreshing import managed_teams
from auditing.access.seeing import memberships, sight_of
from auditing.models import Budget, BudgetNotice, Role, User


def visible_budgets(person: Person) -> QuerySet[Budget]:
    """The budgets this person may see: all of teams that they see whole, elsewhere those set on themselves.

    So whoever sees a budget sees each row that its use counts, and a member never what others use.
    """
    sight = sight_of(person)
    rows = Budget.objects.all().fetch_mode(FETCH_RAISE)
    if sight.everything:
        return rows
    own = Q(team_id__in=sight.own_in_teams, owner_id=id_of(person))
    return rows.filter(Q(team_id__in=sight.whole_teams) | own)


def budgets_to_change(person: User) -> QuerySet[Budget]:
    """The budgets this person may change and end: those of teams that they manage; superusers, all."""
    return visible_budgets(person).filter(team__in=managed_teams(person))


def notices_for(person: User) -> QuerySet[BudgetNotice]:
    """The notices that are this person's to read: of budgets of teams they manage, and of those set on
    themselves. Superusers and auditors see how budgets stand, and are told of those alone that are theirs.
    """
    checked(person)
    rows = BudgetNotice.objects.all().fetch_mode(FETCH_RAISE)
    joined = memberships(person)
    managed = Q(budget__team_id__in=joined.filter(role=Role.MANAGER).values("team_id"))
    own = Q(budget__owner_id=person.pk, budget__team_id__in=joined.values("team_id"))
    return rows.filter(managed | own)


def people_to_tell(notice: BudgetNotice) -> QuerySet[User]:
    """The people whom a notice is for, by e-mail: the team's managers, and whose budget it is."""
    whose = Q(memberships__role=Role.MANAGER) | Q(pk=notice.budget.owner_id)
    team = Q(memberships__team_id=notice.budget.team_id, is_active=True)
    return User.objects.filter(whose, team).exclude(email="").order_by("pk")
