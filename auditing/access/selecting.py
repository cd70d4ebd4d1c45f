"""What each may do with rows that they chose in a list: at all, and with which of them."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.db.models.fetch_modes import FETCH_RAISE

from auditing.access.acting import checked
from auditing.access.refreshing import may_change_everything
from auditing.access.seeing import memberships, roles_of
from auditing.models import Generation, Role, User


@dataclass(frozen=True, slots=True)
class Chances:
    """What one person may do with some of the rows that they see; which they are, the `rows_to_…` say."""

    refresh: bool = False
    note: bool = False
    tag: bool = False


def chances_of(person: User) -> Chances:
    """What this person may do at all, in one query at most (`standing_of`)."""
    checked(person)
    if may_change_everything(person):
        return Chances(refresh=True, note=True, tag=True)
    roles = set(roles_of(person).values())
    return Chances(
        refresh=bool(roles & {Role.MEMBER, Role.MANAGER}),
        note=bool(roles),
        tag=bool(roles & {Role.AUDITOR, Role.MANAGER}),
    )


def rows_to_refresh(person: User) -> QuerySet[Generation]:
    """The records that `may_refresh` is true of: a member's own, a manager's teams', a superuser's all."""
    checked(person)
    rows = Generation.objects.all().fetch_mode(FETCH_RAISE)
    if may_change_everything(person):
        return rows
    joined = memberships(person)
    managed = Q(team_id__in=joined.filter(role=Role.MANAGER).values("team_id"))
    own = Q(team_id__in=joined.filter(role=Role.MEMBER).values("team_id"), owner_id=person.pk)
    return rows.filter(managed | own)
