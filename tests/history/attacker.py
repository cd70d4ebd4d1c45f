"""Somebody with every right in the database, what they can reach, and their luck."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from tests.history.chains import START, Said, keep_head, payloads, sql
from tests.history.conftest import ERASED, IDS, LINKS, Stage

ANYWHERE = 0
"""Some attacks leave no telling where: any finding will do."""


@dataclass(frozen=True)
class Attacker:
    """Somebody who owns the tables, with their luck."""

    stage: Stage
    chance: Random

    def any_link(self) -> int:
        return self.chance.randint(1, LINKS)

    def with_payload(self) -> int:
        return self.chance.choice([number for number in range(1, LINKS + 1) if number != ERASED])

    def set(self, sequence: int, expression: str, *values: Any) -> None:
        """`column = …` for one link."""
        sql(
            f"UPDATE auditing_observation SET {expression} WHERE account_id = %s AND sequence = %s",  # noqa: S608
            *values, self.stage.account_id, sequence,
        )  # fmt: skip

    def delete(self, condition: str, *values: int) -> None:
        """Links of the account by a condition on their sequence."""
        sql(
            f"DELETE FROM auditing_observation WHERE account_id = %s AND {condition}",  # noqa: S608
            self.stage.account_id, *values,
        )  # fmt: skip

    def move(self, sequence: int, to: int) -> None:
        self.set(sequence, "sequence = %s", to)

    def swap(self, one: int, other: int) -> None:
        self.move(one, -1)
        self.move(other, one)
        self.move(-1, other)

    def head_to(self, sequence: int) -> None:
        """Let the head say that the chain ends here."""
        found = sql(
            "SELECT hash FROM auditing_observation WHERE account_id = %s AND sequence = %s",
            self.stage.account_id, sequence,
        )  # fmt: skip
        keep_head(self.stage.account_id, sequence, found[0][0] if found else bytes(32))

    def payload_of(self, sequence: int) -> dict[str, Any]:
        statement = "SELECT payload::text FROM auditing_observation WHERE account_id = %s AND sequence = %s"
        payload: dict[str, Any] = json.loads(sql(statement, self.stage.account_id, sequence)[0][0])
        return payload

    def more(self, number: int) -> list[Said]:
        """Further payloads, later than all there are."""
        return payloads(self.stage.account, IDS, number, self.chance, since=START + timedelta(days=1))


Attack = Callable[[Attacker], int]
"""Does its worst, and returns the number of the link that must be named first (or ANYWHERE)."""


def change_member(members: dict[str, Any], chance: Random) -> None:
    """Change, add or remove one member of an object, at any depth."""
    name = chance.choice(sorted(members))
    value = members[name]
    if isinstance(value, dict):
        change_member(value, chance)
    elif chance.random() < 0.1:
        del members[name]
    elif chance.random() < 0.1:
        members[f"{name}{chance.randint(0, 9)}"] = value
    elif isinstance(value, str):
        at = chance.randrange(len(value) + 1)
        members[name] = f"{value[:at]}{chance.choice('aé ')}{value[at + chance.randint(0, 1) :]}x"
    elif isinstance(value, bool) or value is None:
        members[name] = 0
    else:
        members[name] = value + chance.choice([-1, 1, 0.125, 2**40])
