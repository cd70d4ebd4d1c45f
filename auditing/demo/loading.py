"""Fills the database with the sample world's people, teams, accounts and ids, through the usual doors."""

from datetime import date, timedelta
from decimal import Decimal

from auditing.access import SYSTEM, acting_as
from auditing.accounts import AccountWanted, keep_account
from auditing.demo.memory import SUPERUSER, Memory
from auditing.intake import Entry, Intake
from auditing.models import Account, Role, User
from auditing.prices import PriceWanted, set_price
from auditing.sandbox.world import World
from auditing.teams import add_member, add_team, person_called, team_called

# The sandbox is told to allow this much, so that a first sync takes seconds and not an hour.
PER_MINUTE = 60_000
# By team: days before today, what a credit costs from then on, and its currency.
PRICES = {
    "northlight": ((400, "0.0925", "EUR"), (30, "0.0875", "EUR")),
    "harbor": ((400, "0.1", "USD"),),
}


def load(world: World, memory: Memory) -> None:
    """Teams, people, accounts and ids; what is there already stays as it is."""
    with acting_as(SYSTEM):
        _load_people(world, memory)
        accounts = _load_accounts(world, memory)
        _load_prices(accounts, memory.anchored_at.date())
    for account in accounts:
        entries = world.entries[account.label]
        found = (
            Entry(line, entry.external_id, entry.owner, entry.project)
            for line, entry in enumerate(entries, start=1)
        )
        rejected = list(Intake(account, SYSTEM).register(found))
        if rejected:
            raise RuntimeError(f"sample ids of {account.label} were rejected: {rejected[:3]}")


def foreign_accounts(world: World) -> list[str]:
    """Labels of accounts in the database that are none of the sample world's."""
    ours = [account.label for account in world.accounts]
    with acting_as(SYSTEM):
        return list(Account.objects.exclude(label__in=ours).values_list("label", flat=True)[:10])


def holds_anything() -> bool:
    """Whether anybody has put people or accounts into the database."""
    with acting_as(SYSTEM):
        return User.objects.exists() or Account.objects.exists()


def _load_people(world: World, memory: Memory) -> None:
    for team in world.teams:
        add_team(team.slug, team.name)
    for person in world.people:
        for slug, role in person.memberships:
            password = memory.passwords.get(person.username)
            joined = add_member(team_called(slug), person.username, Role(role), person.email, password)
        first, _, last = person.full_name.partition(" ")
        User.objects.filter(pk=joined.user.pk).update(first_name=first, last_name=last)
    if not User.objects.filter(username=SUPERUSER).exists():
        User.objects.create_superuser(SUPERUSER, password=memory.passwords[SUPERUSER])


def _load_accounts(world: World, memory: Memory) -> list[Account]:
    return [
        keep_account(
            AccountWanted(
                provider=account.provider,
                label=account.label,
                team=team_called(account.team),
                key=account.api_key,
                owner=person_called(account.owner) if account.owner else None,
                base_url=memory.sandbox_url,
                per_minute=PER_MINUTE if account.per_minute else None,
            ),
            loopback_allowed=True,
        ).account
        for account in world.accounts
    ]


def _load_prices(accounts: list[Account], today: date) -> None:
    """What NanoBanana's credits cost two teams, where nothing is set yet; nobody knows of ReelBot's."""
    for account in accounts:
        if account.provider == "nanobanana" and not account.prices.exists():
            for ago, price, currency in PRICES.get(account.team.slug, ()):
                set_price(account, PriceWanted(today - timedelta(days=ago), Decimal(price), currency), None)
