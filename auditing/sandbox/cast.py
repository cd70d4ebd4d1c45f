"""Who is in the sample world: teams, people, and the API keys that they work with."""

from dataclasses import dataclass
from typing import Literal

from auditing.sandbox.chance import stream

type ProviderKey = Literal["nanobanana", "reelbot"]
type Role = Literal["member", "auditor", "manager"]

REELBOT_PER_MINUTE = 60  # status lookups a key, as ReelBot publishes it


@dataclass(frozen=True, slots=True)
class Team:
    """A company; its rhythm follows the clock where it works."""

    slug: str
    name: str
    utc_offset_hours: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in, with a role in one or more teams."""

    username: str
    full_name: str
    email: str
    memberships: tuple[tuple[str, Role], ...]

    def role_in(self, team: str) -> Role | None:
        """The role in that team, None for an outsider."""
        return dict(self.memberships).get(team)


@dataclass(frozen=True, slots=True)
class Account:
    """One API key at one provider; with an owner when it is a person's own; `per_minute` as published."""

    provider: ProviderKey
    label: str
    team: str
    owner: str | None
    api_key: str
    per_minute: int | None


TEAMS = (
    Team("northlight", "Northlight Studio", 2),
    Team("harbor", "Harbor & Pine", -4),
    Team("kitefilm", "Kite Film", 1),
)

# Username, full name, domain of the address, roles.
_PEOPLE: tuple[tuple[str, str, str, tuple[tuple[str, Role], ...]], ...] = (
    ("mara.lindqvist", "Mara Lindqvist", "northlight", (("northlight", "manager"),)),
    ("priya.nair", "Priya Nair", "northlight", (("northlight", "auditor"),)),
    ("jonas.feld", "Jonas Feld", "northlight", (("northlight", "member"),)),
    ("aiko.tanabe", "Aiko Tanabe", "northlight", (("northlight", "member"),)),
    ("tomas.reyes", "Tomás Reyes", "northlight", (("northlight", "member"),)),
    ("eleanor.voss", "Eleanor Voss", "harborpine", (("harbor", "manager"),)),
    ("grace.holloway", "Grace Holloway", "harborpine", (("harbor", "auditor"), ("kitefilm", "auditor"))),
    ("dev.okafor", "Dev Okafor", "harborpine", (("harbor", "member"),)),
    ("lucia.marchetti", "Lucia Marchetti", "harborpine", (("harbor", "member"),)),
    ("sam.whitfield", "Sam Whitfield", "harborpine", (("harbor", "member"),)),
    ("rhys.calder", "Rhys Calder", "kitefilm", (("kitefilm", "manager"),)),
    ("noor.haddad", "Noor Haddad", "kitefilm", (("kitefilm", "member"),)),
    ("ines.duarte", "Inês Duarte", "kitefilm", (("kitefilm", "member"), ("northlight", "member"))),
)

PEOPLE = tuple(
    Person(username, full_name, f"{username}@{domain}.example", memberships)
    for username, full_name, domain, memberships in _PEOPLE
)

# Provider, label, team, owner of a personal key.
_KEYS: tuple[tuple[ProviderKey, str, str, str | None], ...] = (
    ("nanobanana", "northlight-nano", "northlight", None),
    ("nanobanana", "northlight-nano-jonas", "northlight", "jonas.feld"),
    ("reelbot", "northlight-reel", "northlight", None),
    ("nanobanana", "harbor-nano", "harbor", None),
    ("reelbot", "harbor-reel", "harbor", None),
    ("nanobanana", "harbor-nano-lucia", "harbor", "lucia.marchetti"),
    ("nanobanana", "kite-nano", "kitefilm", None),
    ("reelbot", "kite-reel", "kitefilm", None),
    ("reelbot", "kite-reel-noor", "kitefilm", "noor.haddad"),
)


def accounts(seed: int) -> tuple[Account, ...]:
    """All accounts, with keys in their providers' usual form: `nb_…` and `rb_live_…`."""
    return tuple(
        Account(
            provider,
            label,
            team,
            owner,
            _api_key(seed, provider, label),
            REELBOT_PER_MINUTE if provider == "reelbot" else None,
        )
        for provider, label, team, owner in _KEYS
    )


def _api_key(seed: int, provider: ProviderKey, label: str) -> str:
    digits = f"{stream(seed, f'key {label}').getrandbits(160):040x}"
    return f"nb_{digits}" if provider == "nanobanana" else f"rb_live_{digits}"
