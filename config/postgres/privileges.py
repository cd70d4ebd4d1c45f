"""Who the server runs as: ourselves, or, when we are root (PostgreSQL refuses to run as root), a system user.

The way to the data and to the programs is opened for that user, no wider than needed; whatever is changed is
said on standard error.
"""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.postgres.errors import EmbeddedServerError

SYSTEM_USER = "clipledger-postgres"


@dataclass(frozen=True)
class ServerUser:
    """The operating system's user that the server runs as."""

    name: str
    uid: int
    gid: int

    @property
    def is_somebody_else(self) -> bool:
        """Whether our process has to change to this user to start the server."""
        return self.uid != os.geteuid()

    def process_options(self) -> dict[str, Any]:
        """The arguments that make `subprocess` start a program as this user."""
        if not self.is_somebody_else:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Hand `path` over to this user, if it isn't theirs."""
        if self.is_somebody_else:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def server_user(data: Path) -> ServerUser:
    """The user to run the server of this data directory: its owner; for one that is still to be made, us.

    For root: the data directory's owner, else the system user `clipledger-postgres`, made if it is missing.
    EmbeddedServerError when the data belong to somebody whom we can't become.
    """
    us = os.geteuid()
    owner = data.stat().st_uid if data.exists() else None
    if us == 0:
        return _named(owner) if owner else _system_user()
    if owner is not None and owner != us:
        owners_name, our_name = _named(owner).name, _named(us).name
        raise EmbeddedServerError(
            f"The embedded database in {data} belongs to {owners_name}, and you are {our_name}. "
            f"Run this as {owners_name} or as root, set CLIPLEDGER_VAR to a folder of your own, or hand "
            f"it over once: chown -R {our_name} {data.parent}"
        )
    return _named(us)


def open_the_way(user: ServerUser, folder: Path) -> None:
    """Let `user` pass through to `folder`: the right to traverse where it lacks, never to list or read."""
    if not user.is_somebody_else or _may(user, "-x", folder):
        return
    for directory in [*reversed(folder.parents), folder]:
        if not _may(user, "-x", directory):
            _add_mode(directory, stat.S_IXOTH)
            say(f"{directory}: opened for passing through (o+x), for {user.name} to reach {folder}")


def open_programs(user: ServerUser, folders: list[Path]) -> None:
    """Let `user` read and run what is in these folders, adding only the permissions that are lacking."""
    if not user.is_somebody_else:
        return
    for folder in folders:
        open_the_way(user, folder)
        lacking = list(_lacking(folder))
        for path, bits in lacking:
            _add_mode(path, bits)
        if lacking:
            say(
                f"{folder}: {len(lacking)} files and folders made readable (o+r), for {user.name} to run them"
            )


def say(message: str) -> None:
    """One line on standard error."""
    print(f"clipledger: {message}", file=sys.stderr, flush=True)  # noqa: T201


def _lacking(folder: Path) -> Iterator[tuple[Path, int]]:
    for path in [folder, *folder.rglob("*")]:
        mode = path.lstat().st_mode
        needed = stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if needed & ~mode and not stat.S_ISLNK(mode):
            yield path, needed


def _add_mode(path: Path, bits: int) -> None:
    try:
        path.chmod(stat.S_IMODE(path.stat().st_mode) | bits)
    except OSError as refused:
        raise EmbeddedServerError(
            f"The embedded PostgreSQL runs as a system user, who can't pass {path}, and that can't be "
            f"changed: {refused.strerror}. Put the project or CLIPLEDGER_VAR elsewhere."
        ) from refused


def _may(user: ServerUser, test: str, path: Path) -> bool:
    """Ask the kernel itself, by trying it as that user."""
    asked = ["/bin/sh", "-c", 'test "$0" "$1"', test, str(path)]
    try:
        return subprocess.run(asked, check=False, cwd="/", **user.process_options()).returncode == 0  # noqa: S603
    except OSError as refused:
        raise EmbeddedServerError(
            f"PostgreSQL doesn't run as root, and this root can't become {user.name} ({refused.strerror}). "
            "Run as an ordinary user, or set DATABASE_URL."
        ) from refused


def _named(uid: int) -> ServerUser:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedServerError(
            f"PostgreSQL needs a user with a name, and the user id {uid} has none on this system. "
            "Add it to /etc/passwd, run as another user, or set DATABASE_URL."
        ) from None
    return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _system_user() -> ServerUser:
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _make_system_user()
        entry = pwd.getpwnam(SYSTEM_USER)
    return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _make_system_user() -> None:
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    nologin = shutil.which("nologin", path="/usr/sbin:/sbin:/usr/bin") or "/bin/false"
    asked = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        made = subprocess.run(  # noqa: S603
            [*asked, "--shell", nologin, SYSTEM_USER], capture_output=True, text=True, check=False
        )
        problem = made.stderr.strip() if made.returncode else ""
    except OSError as missing:
        problem = f"{useradd}: {missing.strerror}"
    if problem and not _is_known(SYSTEM_USER):
        raise EmbeddedServerError(
            f"PostgreSQL doesn't run as root, and the system user {SYSTEM_USER} can't be made ({problem}). "
            f"Make it yourself, run as an ordinary user, or set DATABASE_URL."
        )
    say(f"PostgreSQL doesn't run as root: made the system user {SYSTEM_USER} for it (no login, no home)")


def _is_known(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
