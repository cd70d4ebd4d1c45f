"""The processes that demo starts, each ended by its id: the sandbox, the server, the sync that goes on."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from auditing.demo.memory import LOOPBACK

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
START_SECONDS = 30.0
END_SECONDS = 15.0


class DidNotStart(Exception):
    """A process that ended, or did not answer in time; the message holds its last words."""


class Processes:
    """Every process started here; all are ended, the last one first, when the `with` block is left.

    Each is a session of its own: a Ctrl-C reaches demo alone, which ends the others in order. What they
    print goes to files in `logs`.
    """

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        """Nothing runs yet."""
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what still runs."""
        while self._running:
            _, process = self._running.pop()
            process.terminate()
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, name: str, command: Sequence[str], port: int | None = None) -> None:
        """Start this; with a port, return when something listens there. Raises DidNotStart."""
        # Each chooses its own role in the database, as if it were started by hand.
        environment = {key: value for key, value in os.environ.items() if key != "CLIPLEDGER_DATABASE_ROLE"}
        with (self._logs / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._running.append((name, process))
        if port is not None:
            self._await_port(name, process, port)

    def start_command(self, *arguments: str, port: int | None = None) -> None:
        """Start one of our own management commands."""
        self.start(arguments[0], (sys.executable, str(MANAGE), *arguments), port)

    def wait(self) -> str:
        """Wait until any of them ends; its name."""
        pause = threading.Event()
        while True:
            for name, process in self._running:
                if process.poll() is not None:
                    return name
            pause.wait(0.5)

    def last_words(self, name: str) -> str:
        """The end of what a process printed."""
        return (self._logs / f"{name}.log").read_text(errors="replace")[-1000:].strip()

    def _await_port(self, name: str, process: subprocess.Popen[bytes], port: int) -> None:
        pause = threading.Event()
        for _ in range(round(START_SECONDS / 0.1)):
            if process.poll() is not None:
                raise DidNotStart(f"{name} ended at once: {self.last_words(name)}")
            with socket.socket() as probe:
                if probe.connect_ex((LOOPBACK, port)) == 0:
                    return
            pause.wait(0.1)
        raise DidNotStart(f"{name} did not listen on port {port} within {START_SECONDS:.0f} seconds")


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback address now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
