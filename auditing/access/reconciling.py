"""Who may read providers' statements, and enter them: they hold the numbers of a whole team's accounts."""

from django.db.models import QuerySet
from django.db.models.fetch_modes import FETCH_RAISE

from auditing.access.acting import Bearer, Person, checked
from auditing.access.refreshing import managed_teams
from auditing.access.seeing import sight_of
from auditing.models import Account, Statement


def visible_statements(person: Person) -> QuerySet[Statement] | None:
    """The statements this person may read: of teams that they see whole. None for members, bearers and
    whoever else sees no team whole: there are none for them, and no page that says so."""
    checked(person)
    if isinstance(person, Bearer):
        return None
    sight = sight_of(person)
    rows = Statement.objects.all().fetch_mode(FETCH_RAISE)
    if sight.everything:
        return rows
    return rows.filter(team_id__in=sight.whole_teams) if sight.whole_teams else None


def accounts_to_reconcile(person: Person) -> QuerySet[Account]:
    """The accounts whose statements this person enters and withdraws: of teams that they manage; for
    superusers and the system all of them. Auditors and site auditors read."""
    return Account.objects.filter(team__in=managed_teams(person)).fetch_mode(FETCH_RAISE)
