"""Two accounts with chains to tamper with, in a database where nothing protects them any more."""

from dataclasses import dataclass
from random import Random

import pytest

from auditing.models import Account
from tests.history.chains import grow, let_everything, payloads, sql
from tests.stage import a_team, an_account, registered

LINKS = 50
ERASED = 9
IDS = [f"vid_{number:08}" for number in range(20)]


@dataclass(frozen=True)
class Stage:
    """The account whose chain of LINKS links is attacked, and another of the same team with a few."""

    account: Account
    other: Account

    @property
    def account_id(self) -> int:
        return int(self.account.pk)


@pytest.fixture
def stage(committed_db: str) -> Stage:  # noqa: ARG001
    """Both accounts, the payload of link ERASED erased as it may be, and the triggers switched off."""
    chance = Random(3)  # noqa: S311 - no secrets here
    account, other = an_account("nanobanana", "shots"), an_account("reelbot", "reels")
    a_team("rivals")
    for one, ids, number in ((account, IDS, LINKS), (other, IDS[:3], 7)):
        registered(one, ids)
        grow(one.pk, payloads(one, ids, number, chance), chance)
    sql(
        "UPDATE auditing_observation SET payload = NULL WHERE account_id = %s AND sequence = %s",
        account.pk, ERASED,
    )  # fmt: skip
    let_everything()
    return Stage(account, other)
