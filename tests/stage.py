"""Puts teams, accounts and ids on the stage, through the doors that the commands use."""

from collections.abc import Sequence

from auditing.access import SYSTEM, acting_as
from auditing.accounts import AccountWanted, keep_account
from auditing.intake import Entry, Intake
from auditing.models import Account, Role, Team, User
from auditing.teams import add_member, add_team

KEYS = {"nanobanana": "nb_0123456789abcdef", "reelbot": "rb_live_0123456789abcdef"}


def a_team(slug: str = "studio") -> Team:
    """A team, made if it is new."""
    with acting_as(SYSTEM):
        return add_team(slug, None)[0]


def a_person(username: str, team: Team, role: Role = Role.MEMBER) -> User:
    """A person in the team."""
    with acting_as(SYSTEM):
        return add_member(team, username, role).user


def an_account(
    provider: str = "nanobanana",
    label: str | None = None,
    *,
    team: Team | None = None,
    base_url: str = "http://127.0.0.1:9",
    key: str | None = None,
    owner: User | None = None,
    per_minute: int | None = None,
) -> Account:
    """An account with a key; by default of the team `studio`, and on a port where nobody listens."""
    wanted = AccountWanted(
        provider=provider,
        label=label or provider,
        team=team or a_team(),
        key=key or KEYS[provider],
        owner=owner,
        base_url=base_url,
        per_minute=per_minute,
    )
    with acting_as(SYSTEM):
        kept = keep_account(wanted, loopback_allowed=True)
        return Account.objects.select_related("team").get(pk=kept.account.pk)


def registered(account: Account, ids: Sequence[str], owner: str | None = None) -> None:
    """These ids, registered for the account."""
    entries = [Entry(line, external_id, owner) for line, external_id in enumerate(ids, start=1)]
    assert list(Intake(account, SYSTEM).register(entries)) == []
