"""Whose prices each may see, and for which accounts they set them."""

from django.db.models import Q, QuerySet
from django.db.models.fetch_modes import FETCH_RAISE

from auditing.access.acting import Bearer, Person
from auditing.access.refreshing import may_refresh_account
from auditing.access.seeing import sight_of
from auditing.models import Account, AccountPrice


def visible_prices(person: Person) -> QuerySet[AccountPrice]:
    """The prices of the accounts of every team of which this person sees at least their own jobs: what a job
    of theirs cost is theirs to know, in credits and in money. A price is the account's and tells of nobody.
    """
    sight = sight_of(person)
    rows = AccountPrice.objects.all().fetch_mode(FETCH_RAISE)
    return rows if sight.everything else rows.filter(Q(team_id__in=sight.teams))


def may_set_prices(person: Person, account: Account) -> bool:
    """Whether this person may set what a credit of this account costs: managers of its team, superusers."""
    return not isinstance(person, Bearer) and may_refresh_account(person, account)
