"""What demo remembers from one start to the next, in a file beside its database."""

import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from auditing.sandbox.cast import PEOPLE

LOOPBACK = "127.0.0.1"
SUPERUSER = "admin"
SHOWN_TEAM = "northlight"
SEED = 1


def shown_people() -> dict[str, str]:
    """Whose sign-ins are printed: one person in each role of one team, and the superuser; by role."""
    by_role = {
        role: person.username
        for person in reversed(PEOPLE)
        if len(person.memberships) == 1 and (role := person.role_in(SHOWN_TEAM))
    }
    return {role: by_role[role] for role in ("member", "auditor", "manager")} | {"superuser": SUPERUSER}


@dataclass(frozen=True, slots=True)
class Memory:
    """The sample world's anchor, where its sandbox listens, and the passwords demo made up.

    `made_database` is true when there was no embedded database before demo made one: only such a one may
    `--fresh` delete. `is_loaded` turns true when the sample data is complete.
    """

    anchor: str
    sandbox_port: int
    made_database: bool
    passwords: dict[str, str] = field(repr=False)
    is_loaded: bool = False

    @property
    def anchored_at(self) -> datetime:
        """The moment that the sample world is anchored at (aware)."""
        return datetime.fromisoformat(self.anchor)

    @property
    def sandbox_url(self) -> str:
        """Where the sandbox listens: stored records point there, so it stays the same."""
        return f"http://{LOOPBACK}:{self.sandbox_port}"

    def loaded(self) -> "Memory":
        """The same, with the sample data complete."""
        return replace(self, is_loaded=True)


def new_memory(now: datetime, made_database: bool) -> Memory:
    """A first start's memory: a free port for the sandbox, a password for each sign-in that is shown."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port = probe.getsockname()[1]
    passwords = {username: secrets.token_urlsafe(9) for username in shown_people().values()}
    return Memory(now.isoformat(), port, made_database, passwords)


def read_memory(path: Path) -> Memory | None:
    """What an earlier start wrote; None before the first."""
    try:
        return Memory(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None


def write_memory(path: Path, memory: Memory) -> None:
    """Write it whole or not at all, readable by its owner only: it holds passwords."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(memory), file)
    fresh.replace(path)
