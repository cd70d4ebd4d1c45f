"""`sandbox`: both providers' APIs over HTTP on loopback, on sample data that progresses in real time."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from auditing.sandbox.cast import REELBOT_PER_MINUTE
from auditing.sandbox.faults import FAULTS, NO_FAULTS, FaultSpec
from auditing.sandbox.server import Options, utc_now
from auditing.sandbox.serving import CannotListenError, serve_until_signal
from auditing.sandbox.world import World, build_world

DEFAULT_PORT = 8090


class Command(BaseCommand):
    """Needs no database: what it serves is made in memory."""

    help = "Serve both providers' status APIs on loopback, with sample jobs that progress in real time."
    requires_system_checks = []  # noqa: RUF012 - as Django declares it

    def add_arguments(self, parser: CommandParser) -> None:
        """The options, with the faults named in the help."""
        faults = ", ".join(f"{name} ({what})" for name, what in FAULTS.items())
        for name, metavar, parse, default, words in (
            (
                "--port",
                "N",
                _whole(0, 65535),
                DEFAULT_PORT,
                "port on 127.0.0.1, 0: any free (%(default)s)",
            ),
            ("--seed", "N", _whole(0), 1, "the same seed and start make the same world (%(default)s)"),
            ("--started-at", "ISO", _moment, None, "when the world began; a naive time is UTC (now)"),
            ("--limit", "PER_MINUTE", _whole(1), REELBOT_PER_MINUTE, "ReelBot lookups a key (%(default)s)"),
            ("--faults", "SPEC", FaultSpec.parse, NO_FAULTS, f"shares, as in 429=0.01,slow=0.05: {faults}"),
            ("--extra", "N", _whole(0), 0, "so many more jobs of the first NanoBanana key, for benchmarks"),
        ):
            parser.add_argument(name, metavar=metavar, type=_argument(parse), default=default, help=words)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Serve until Ctrl-C or SIGTERM."""
        world = build_world(options["seed"], options["started_at"] or utc_now())
        behaviour = Options(per_minute=options["limit"], faults=options["faults"], extra=options["extra"])
        try:
            serve_until_signal(world, behaviour, options["port"], lambda url: self._announce(world, url))
        except CannotListenError as error:
            raise CommandError(
                f"The sandbox can't listen on {error}. Choose another with --port, or 0 for any free one."
            ) from error

    def _announce(self, world: World, base_url: str) -> None:
        lines = [f"Sandbox listening on {base_url} (seed {world.seed}, started at {world.now.isoformat()})"]
        lines += [f"  {a.provider:<11} {a.label:<22} {a.api_key}" for a in world.accounts]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def _argument[T](parse: Callable[[str], T]) -> Callable[[str], T]:
    """An argument type whose ValueErrors reach the user word for word."""

    def typed(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return typed


def _whole(least: int, most: int | None = None) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = int(text) if text.isdecimal() else -1
        if number < least or (most is not None and number > most):
            bounds = f"from {least} up" if most is None else f"from {least} to {most}"
            raise ValueError(f"{text!r} is not a whole number {bounds}")
        return number

    return parse


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an ISO 8601 time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
