"""`demo`: brings up everything on sample data, in one command."""

import os
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db.utils import OperationalError

from auditing.access import SYSTEM, acting_as
from auditing.demo import loading
from auditing.demo.budgets import set_budgets
from auditing.demo.memory import LOOPBACK, SEED, Memory, new_memory, read_memory, shown_people, write_memory
from auditing.demo.processes import DidNotStart, Processes, port_is_free
from auditing.demo.stating import state_last_month
from auditing.models import Account
from auditing.sandbox.world import World, build_world
from auditing.sync import terminal
from auditing.sync.run import Order, run
from config.postgres import embedded
from config.postgres.base import close_everything
from config.postgres.errors import EmbeddedServerError

DEFAULT_PORT = 8000
REFRESH_SECONDS = 15


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ArgumentTypeError(f"{text!r} is no port: 1 to 65535")
    return int(text)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where demo keeps its things."""

    database: Path
    memory: Path
    logs: Path


class Command(BaseCommand):
    """Parses the arguments, takes the steps one by one, says what it does."""

    help = (
        "Bring up everything on sample data: database, people and teams, both providers' sandbox, ids, a"
        " real sync over HTTP, and the dashboard, all on this machine only. A second start keeps the data."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The dashboard's port, whether to serve, whether to start over."""
        parser.add_argument(
            "--port", type=_port, default=DEFAULT_PORT, metavar="N", help="the dashboard's (default: 8000)"
        )
        parser.add_argument("--no-serve", action="store_true", help="stop after the sync")
        parser.add_argument(
            "--fresh", action="store_true", help="delete the database that demo made, and start over"
        )

    def handle(self, *_: Any, port: int, no_serve: bool, fresh: bool, **__: Any) -> None:
        """Bring it up; Ctrl-C or SIGTERM ends it."""
        places = _places()
        signal.signal(signal.SIGTERM, _interrupt)
        if not no_serve and not port_is_free(port):
            raise CommandError(f"Port {port} is taken. Choose another with --port N.")
        try:
            if fresh:
                self._start_over(places)
            memory, world = self._database(places)
            with Processes(places.logs) as processes:
                memory = self._sample_data(processes, places, memory, world)
                if not no_serve:
                    self._serve(processes, port, memory)
        except (EmbeddedServerError, DidNotStart, OperationalError) as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            self.stdout.write("\nStopped. The data is kept; the next start is quick.")

    def _start_over(self, places: _Places) -> None:
        memory = read_memory(places.memory)
        if memory is None or not memory.made_database:
            if embedded.exists(places.database):
                raise CommandError(
                    "--fresh: the embedded database was not made by demo; nothing was deleted."
                )
            return
        if embedded.exists(places.database):
            self._migrate()
            foreign = loading.foreign_accounts(build_world(SEED, memory.anchored_at))
            close_everything()
            if foreign:
                raise CommandError(
                    f"--fresh: the database holds accounts that demo did not make ({', '.join(foreign)});"
                    " nothing was deleted."
                )
            embedded.remove(places.database)
        places.memory.unlink()
        self.stdout.write("Deleted the sample database.")

    def _database(self, places: _Places) -> tuple[Memory, World]:
        """The migrated database, and the memory of this demo; refuses to mix with real data."""
        memory = read_memory(places.memory)
        if memory is None:
            made_database = not embedded.exists(places.database)
            if not made_database:
                self._migrate()
                if loading.holds_anything():
                    raise CommandError(
                        "The embedded database holds people or accounts already: demo does not mix with them."
                        " Set CLIPLEDGER_VAR to an empty folder to try it beside them."
                    )
            memory = new_memory(datetime.now(UTC), made_database)
            write_memory(places.memory, memory)
        self.stdout.write("Starting the database …")
        self._migrate()
        world = build_world(SEED, memory.anchored_at)
        if foreign := loading.foreign_accounts(world):
            raise CommandError(
                f"The database holds accounts that demo did not make ({', '.join(foreign)}):"
                " demo does not mix with them."
            )
        return memory, world

    def _migrate(self) -> None:
        call_command("migrate", verbosity=0, interactive=False)

    def _sample_data(self, processes: Processes, places: _Places, memory: Memory, world: World) -> Memory:
        """The sandbox started, its world registered and looked up over HTTP."""
        if not port_is_free(memory.sandbox_port):
            raise CommandError(
                f"Port {memory.sandbox_port}, where this demo's sandbox listens, is taken: perhaps another"
                " demo runs. End it, or start over with --fresh."
            )
        self.stdout.write(f"Starting the providers' sandbox on {memory.sandbox_url} …")
        processes.start_command(
            "sandbox", "--port", str(memory.sandbox_port), "--seed", str(SEED),
            "--started-at", memory.anchor, "--limit", str(loading.PER_MINUTE),
            port=memory.sandbox_port,
        )  # fmt: skip
        first_time = not memory.is_loaded
        if first_time:
            self.stdout.write("Registering the sample teams, people, accounts and ids …")
            loading.load(world, memory)
        self._sync(Order(_accounts()))
        if first_time:
            # Providers change their minds: a second look at these shows how.
            odd = world.oddities
            changed = (*odd.refunded_later, *odd.changed_after_completion, *odd.reopened)
            self._sync(Order(_accounts(), ids=changed, force=True))
            set_budgets(datetime.now(UTC), shown_people()["member"])
            state_last_month(datetime.now(UTC))
            memory = memory.loaded()
            write_memory(places.memory, memory)
        return memory

    def _sync(self, order: Order) -> None:
        with terminal.progress() as progress:
            summary = run(order, progress)
        if summary.was_told_to_stop:
            raise KeyboardInterrupt
        self.stdout.write(
            f"Looked up {summary.total('requested'):,} generations: {summary.total('ok'):,} ok,"
            f" {summary.total('denied'):,} denied, {summary.total('missing'):,} missing;"
            f" {summary.total('changed'):,} changed."
        )

    def _serve(self, processes: Processes, port: int, memory: Memory) -> None:
        processes.start(
            "server",
            (
                sys.executable, "-m", "granian", "--interface", "wsgi", "config.wsgi:application",
                "--host", LOOPBACK, "--port", str(port), "--workers", "1", "--blocking-threads", "8",
            ),
            port,
        )  # fmt: skip
        processes.start_command("sync", "--every", str(REFRESH_SECONDS), "--json")
        processes.start_command("procrastinate", "worker", "--concurrency", "4")
        self.stdout.write(f"\nClipledger is up: http://{LOOPBACK}:{port}/\n\nSign in as")
        for role, username in shown_people().items():
            self.stdout.write(f"  {role:<10} {username:<16} {memory.passwords[username]}")
        self.stdout.write("\nCtrl-C stops it.")
        self.stdout.flush()
        ended = processes.wait()
        raise DidNotStart(f"{ended} has ended: {processes.last_words(ended)}")


def _places() -> _Places:
    """Where demo keeps its things. Refuses any database but the embedded one."""
    if settings.PRODUCTION or os.environ.get("DATABASE_URL"):
        raise CommandError(
            "demo fills an embedded database of its own, and never the one that DATABASE_URL names or one"
            " in production: unset DATABASE_URL and CLIPLEDGER_ENV to run it."
        )
    var = Path(settings.VAR)
    return _Places(database=var / "postgres", memory=var / "demo.json", logs=var / "demo")


def _accounts() -> list[Account]:
    with acting_as(SYSTEM):
        return list(Account.objects.select_related("team").order_by("label"))


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
