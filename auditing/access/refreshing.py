"""What each may have looked up at once, and whose accounts and keys they look after."""

from django.db.models import QuerySet
from django.db.models.fetch_modes import FETCH_RAISE

from auditing.access.acting import Bearer, Person, System, checked, id_of
from auditing.access.seeing import memberships, roles_of
from auditing.models import Account, Generation, Role, Team


def refreshable_accounts(person: Person) -> QuerySet[Account]:
    """The accounts this person may have synced at once: of teams they manage; for superusers all of them.

    Site auditors see every account and may ask for none: they read.
    """
    checked(person)
    rows = Account.objects.all().fetch_mode(FETCH_RAISE)
    if isinstance(person, Bearer):
        rows = rows.filter(team_id=person.team_id)
    if may_change_everything(person):
        return rows
    return rows.filter(team_id__in=memberships(person).filter(role=Role.MANAGER).values("team_id"))


def managed_teams(person: Person) -> QuerySet[Team]:
    """The teams whose accounts and keys this person looks after: as manager; for superusers all of them.

    Keys are kept by people: a token never does.
    """
    checked(person)
    if isinstance(person, Bearer):
        return Team.objects.none()
    if may_change_everything(person):
        return Team.objects.all()
    return Team.objects.filter(pk__in=memberships(person).filter(role=Role.MANAGER).values("team_id"))


def may_refresh_account(person: Person, account: Account) -> bool:
    """Whether this person may have the account synced at once."""
    return refreshable_accounts(person).filter(pk=account.pk).exists()


def may_refresh(person: Person, generation: Generation) -> bool:
    """Whether this person may have a record that they see looked up at once: a member their own, a manager
    every one of the team. Auditors of the team and site auditors read."""
    checked(person)
    if may_change_everything(person):
        return not isinstance(person, Bearer) or person.team_id == generation.team_id
    role = roles_of(person).get(generation.team_id)
    return role == Role.MANAGER or (role == Role.MEMBER and generation.owner_id == id_of(person))


def may_change_everything(person: Person) -> bool:
    """True for the system and superusers; of a bearer, who its team still bounds, as of its person."""
    if isinstance(person, Bearer):
        return may_change_everything(person.user)
    return isinstance(person, System) or (person.is_active and person.is_superuser)
