"""The sample world that the sandbox serves: the same for the same seed and the same moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from auditing.sandbox import cast
from auditing.sandbox.cast import Account, Person, ProviderKey, Team
from auditing.sandbox.oddities import Oddities, make_odd
from auditing.sandbox.production import Entry, Order, live_order, ordinary_orders
from auditing.sandbox.timeline import Job

__all__ = ["Account", "Entry", "Job", "Oddities", "Person", "Team", "World", "build_world"]

_LIVE_PER_ACCOUNT = 4


@dataclass(frozen=True, slots=True)
class World:
    """Everything there is, anchored at `now`.

    `entries` are the ids that the teams kept, by the label of the account they are kept under; `jobs` are
    what the providers know, by id: an entry may have none (vanished). `live` are the ids of the jobs that go
    on while the world is served.
    """

    seed: int
    now: datetime
    teams: tuple[Team, ...]
    people: tuple[Person, ...]
    accounts: tuple[Account, ...]
    entries: Mapping[str, tuple[Entry, ...]]
    jobs: Mapping[ProviderKey, Mapping[str, Job]]
    oddities: Oddities
    live: tuple[str, ...]


def build_world(seed: int, now: datetime) -> World:
    """About 2,500 generations over the 120 days before `now`, and some that have just begun.

    A naive `now` is refused: two processes would read it differently.
    """
    if now.tzinfo is None:
        raise ValueError("a world is anchored at an aware time")
    now = now.astimezone(UTC)
    accounts = cast.accounts(seed)
    ordinary, oddities = make_odd(ordinary_orders(accounts, seed, now), accounts, seed, now)
    live = [live_order(account, seed, n, now) for account in accounts for n in range(_LIVE_PER_ACCOUNT)]
    orders = ordinary + live
    return World(
        seed=seed,
        now=now,
        teams=cast.TEAMS,
        people=cast.PEOPLE,
        accounts=accounts,
        entries={account.label: _entries(orders, account) for account in accounts},
        jobs={"nanobanana": _jobs(orders, "nanobanana"), "reelbot": _jobs(orders, "reelbot")},
        oddities=oddities,
        live=tuple(order.entry.external_id for order in live),
    )


def _entries(orders: list[Order], account: Account) -> tuple[Entry, ...]:
    return tuple(order.entry for order in orders if order.account == account)


def _jobs(orders: list[Order], provider: ProviderKey) -> dict[str, Job]:
    return {
        o.entry.external_id: o.job for o in orders if o.job is not None and o.account.provider == provider
    }
