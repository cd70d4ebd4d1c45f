"""Who may register ids, for which accounts, and for whom."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fetch_modes import FETCH_RAISE

from auditing.access.acting import Bearer, Person, System, checked, id_of
from auditing.access.refreshing import may_change_everything
from auditing.access.seeing import memberships, roles_of
from auditing.models import Account, Membership, Role, User


def accounts_to_add_to(person: Person) -> QuerySet[Account]:
    """The accounts this person may register ids for: a manager all of the team's, a member the team's own and
    their own, not another person's key. Auditors and site auditors read. Superusers: all of them."""
    checked(person)
    rows = Account.objects.all().fetch_mode(FETCH_RAISE)
    if isinstance(person, Bearer):
        rows = rows.filter(team_id=person.team_id)
    if may_change_everything(person):
        return rows
    managed = memberships(person).filter(role=Role.MANAGER).values("team_id")
    joined = memberships(person).filter(role=Role.MEMBER).values("team_id")
    shared = Q(owner_id=None) | Q(owner_id=id_of(person))
    return rows.filter(Q(team_id__in=managed) | Q(shared, team_id__in=joined))


def may_add_ids(person: Person) -> bool:
    """Whether this person may register ids for any account that there is or will be in a team of theirs."""
    checked(person)
    if may_change_everything(person):
        return True
    return not {Role.MANAGER, Role.MEMBER}.isdisjoint(roles_of(person).values())


def only_owner(person: Person, team_id: int) -> User | None:
    """The one person whom ids that this person registers are attributed to: a member themselves.

    None where they may name anybody of the team, or nobody: managers, superusers, the system.
    """
    checked(person)
    if may_change_everything(person) or isinstance(person, System):
        return None
    if roles_of(person).get(team_id) == Role.MANAGER:
        return None
    user = person.user if isinstance(person, Bearer) else person
    return user if isinstance(user, User) else None


def people_to_name(person: User) -> QuerySet[User]:
    """The people whom this person may attribute ids to, where they may choose: those of teams they manage."""
    checked(person)
    rows = User.objects.filter(is_active=True).order_by("username")
    teams = memberships(person).filter(role=Role.MANAGER).values("team_id")
    belong = Membership.objects.filter(user_id=OuterRef("pk"))
    return rows.filter(Exists(belong if may_change_everything(person) else belong.filter(team_id__in=teams)))
