"""Starting processes that use an embedded database, and looking at what they leave."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.postgres.cluster import Cluster

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ("CLIPLEDGER_", "DATABASE_", "DJANGO_", "SECRET_KEY", "KEY_ENCRYPTION_KEY", "TOKEN_PEPPER")


def bare_environment(**given: str) -> dict[str, str]:
    """This process's environment without any of Clipledger's settings, but those that are given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
    return {**kept, "CLIPLEDGER_ENV_FILE": os.devnull, **given}


def manage(*arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a management command to its end."""
    return run("manage.py", *arguments, environment=environment)


def run(*arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run Python to its end, in the project's folder."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


class Visitor:
    """A running `visitor.py`."""

    def __init__(self, var: Path, **options: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", str(ROOT / "tests" / "config" / "visitor.py"), str(var)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=bare_environment(),
            **options,
        )

    def tell(self, command: str) -> None:
        """Give a command without waiting for what it does."""
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def answer(self) -> list[str]:
        """What the command printed, line by line; empty when the process ended instead."""
        assert self.process.stdout is not None
        lines: list[str] = []
        for line in self.process.stdout:
            if line == "done\n":
                return lines
            lines.append(line.strip())
        return []

    def ask(self, command: str = "ask") -> int:
        """The process id of the server that it is connected to."""
        self.tell(command)
        answer = self.answer()
        assert answer, self.leave()
        return int(answer[0].split()[0])

    def leave(self) -> str:
        """Let it end; what it said on standard error (not: what was changed for the server's system user)."""
        _, said = self.process.communicate()
        return "".join(line + "\n" for line in said.splitlines() if not line.startswith("clipledger: "))


@contextmanager
def visitors(var: Path, count: int) -> Iterator[list[Visitor]]:
    """So many visitors of one folder; those that still run at the end are ended."""
    started = [Visitor(var) for _ in range(count)]
    try:
        yield started
    finally:
        for one in started:
            one.leave()


@contextmanager
def folder() -> Iterator[Path]:
    """A new folder, in which no server runs any more at the end."""
    made = Path(tempfile.mkdtemp(prefix="clipledger-test-"))
    try:
        yield made / "var"
    finally:
        for servers in made.rglob("server.lock"):
            Cluster(servers.parent).stop()
        shutil.rmtree(made)


def runs(var: Path) -> bool:
    """Whether the embedded server of this folder runs."""
    return Cluster(var / "postgres").is_running()
