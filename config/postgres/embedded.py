"""The life of an embedded server: it starts with the first process that needs it and stops with the last.

Each process that uses the server holds `users.lock` shared until it ends; the kernel lets go of it even when
the process is killed. Who gets that lock exclusively on leaving is the last, and stops the server.
"""

import atexit
import contextlib
import os
import select
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from config.postgres import locks
from config.postgres.cluster import LONGEST_START_SECONDS, LONGEST_STOP_SECONDS, Address, Cluster, listener
from config.postgres.errors import EmbeddedServerError, InUseError

DATABASE = "clipledger"
ROLES = Path(__file__).with_name("roles.sql")
LONGEST_ANSWER_SECONDS = 60


class EmbeddedServer:
    """This process's part in the use of the server below one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory.resolve()
        self._cluster = Cluster(self._directory)
        self._mutex = threading.RLock()
        self._use: int | None = None  # descriptor of users.lock, locked shared
        self._address: Address | None = None
        self._process: int | None = None  # descriptor of the server's process, where there is such a thing

    def ensure(self) -> Address:
        """The address of the running server, started if need be; takes microseconds while it runs.

        EmbeddedServerError, with a way out, when it can't be had.
        """
        address = self._address
        if address is not None and self._lives():
            return address
        with self._mutex, _explained(self._directory):
            return self._join()

    def release(self) -> None:
        """Stop using the server, and stop it if nobody else uses it."""
        with self._mutex:
            if self._use is None:
                return
            self.forget()
            with contextlib.suppress(InUseError), self._alone():
                self._cluster.stop()

    def forget(self) -> None:
        """Close what this process holds of the server; a forked child takes nothing from its parent by it."""
        self._address = None
        for descriptor in (self._use, self._process):
            if descriptor is not None:
                os.close(descriptor)
        self._use = self._process = None

    def remove(self) -> None:
        """Stop the server and delete its data; InUseError, and nothing is done, while others use it."""
        with self._mutex, _explained(self._directory):
            self.release()
            with _starting(self._directory), self._alone():
                self._cluster.stop()
                if self._cluster.is_running():
                    raise InUseError(f"The embedded PostgreSQL doesn't stop; its log is {self._cluster.log}.")
                self._cluster.remove()

    def _lives(self) -> bool:
        """Whether the server of our address still runs; a killed one doesn't, even while its children end."""
        process = self._process
        if process is None:
            return self._cluster.is_running()
        poll = select.poll()
        poll.register(process, select.POLLIN)
        return not poll.poll(0)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep others from using the server for the length of a `with` block; InUseError if somebody does."""
        descriptor = locks.open_lock(self._directory / "users.lock")
        try:
            if not locks.try_lock(descriptor, locks.EXCLUSIVE):
                raise InUseError(
                    f"Other processes use the embedded database in {self._directory}: end them first."
                )
            yield
        finally:
            os.close(descriptor)

    def _join(self) -> Address:
        """Become a user of the server, and wait until it answers."""
        if _ended:
            raise EmbeddedServerError(
                "This process is ending: it can't use the embedded PostgreSQL any more."
            )
        make_directory(self._directory)
        with _starting(self._directory):
            if self._use is None:
                complaint = "Another process is stopping the embedded PostgreSQL, and doesn't come to an end"
                lock = self._directory / "users.lock"
                self._use = locks.lock(lock, locks.SHARED, LONGEST_STOP_SECONDS + 10, complaint)
            address = self._answering_address()
        if self._process is not None:
            os.close(self._process)
        self._process = process_descriptor(address)
        self._address = address
        return address

    def _answering_address(self) -> Address:
        """The address of a server that takes connections; one that is gone, or just ends, is started anew."""
        deadline = time.monotonic() + LONGEST_ANSWER_SECONDS
        while True:
            if not self._cluster.is_running():
                self._cluster.start()
            refusal = "it doesn't say where it listens"
            if (address := self._cluster.address()) is not None:
                try:
                    create_database(address)
                except psycopg.OperationalError as refused:
                    refusal = str(refused).strip()
                else:
                    return address
            if time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"The embedded PostgreSQL in {self._directory} runs and doesn't answer ({refusal}). "
                    f"Its log is {self._cluster.log}."
                )
            time.sleep(locks.PAUSE_SECONDS)


def server(directory: Path) -> EmbeddedServer:
    """This process's one EmbeddedServer for a directory; it is released when the process ends."""
    with _servers_mutex:
        if directory not in _servers:
            _servers[directory] = EmbeddedServer(directory)
        return _servers[directory]


def exists(directory: Path) -> bool:
    """Whether there is an embedded database below this directory."""
    return (directory / "data").exists()


def remove(directory: Path) -> None:
    """Delete the embedded database below this directory, if there is one; its server is stopped before.

    InUseError while other processes use it. The caller closes this process's own connections first.
    """
    if exists(directory):
        server(directory).remove()


def make_directory(directory: Path) -> None:
    """Make the server's folder, if it is missing, for its owner only (root's: others may pass, not look)."""
    mode = 0o711 if os.geteuid() == 0 else 0o700
    for folder in [*reversed(directory.parents), directory]:
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=mode)
            folder.chmod(mode)


def create_database(address: Address) -> None:
    """Create Clipledger's roles and its database, if missing; psycopg.OperationalError without an answer."""
    with psycopg.connect(
        host=address.host,
        port=address.port,
        user=address.user,
        dbname="postgres",
        connect_timeout=10,
        autocommit=True,
    ) as connection:
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = 'clipledger_backup'").rowcount:
            connection.execute(ROLES.read_bytes())
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER clipledger_owner").format(sql.Identifier(DATABASE))
            )


def process_descriptor(address: Address) -> int | None:
    """A descriptor that becomes readable when the server ends; None where the system has no such thing."""
    process = listener(address)
    if not process or not hasattr(os, "pidfd_open"):
        return None
    return os.pidfd_open(process)


def _starting(directory: Path) -> contextlib.AbstractContextManager[int]:
    complaint = "Another process has been starting the embedded PostgreSQL for very long"
    return locks.held(directory / "start.lock", locks.EXCLUSIVE, LONGEST_START_SECONDS, complaint)


@contextlib.contextmanager
def _explained(directory: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as refused:
        raise EmbeddedServerError(
            f"The embedded database in {directory} belongs to another user ({refused}). "
            "Run this as that user or as root, or set CLIPLEDGER_VAR to a folder of your own."
        ) from refused
    except OSError as failed:
        raise EmbeddedServerError(f"The embedded database in {directory} can't be used: {failed}") from failed


def _leave() -> None:
    """At the end of the process: leave every server. A Ctrl-C doesn't wait for one that stops."""
    global _ended
    _ended = True
    with contextlib.suppress(KeyboardInterrupt):
        for one in list(_servers.values()):
            one.release()


def _forget_in_child() -> None:
    """A forked child uses no server: it joins by itself when it connects."""
    global _servers_mutex
    _servers_mutex = threading.Lock()
    for one in _servers.values():
        one.forget()
    _servers.clear()


_servers: dict[Path, EmbeddedServer] = {}
_servers_mutex = threading.Lock()
_ended = False
atexit.register(_leave)
os.register_at_fork(after_in_child=_forget_in_child)
