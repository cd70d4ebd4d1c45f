"""Exports what somebody may see: `manage.py export --format csv --query 'status=failed' --as alice`."""

import os
import secrets
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict
from django.utils import timezone

from auditing import trail
from auditing.access import (
    SYSTEM,
    Person,
    SightLost,
    acting_as,
    sees_everything,
    tell_of_broken_off,
    visible_teams,
)
from auditing.exports import FORMATS, GENERATIONS, Table, UnknownColumns
from auditing.exports.manifests import Manifest, drained, measured
from auditing.exports.recording import State
from auditing.exports.sources import Wanted
from auditing.filters import GenerationFilter, zone_named
from auditing.models import User
from auditing.queue import database_now


class Command(BaseCommand):
    """Writes every generation that a filter selects and a person may see."""

    help = "Export what a user may see (without --as: everything), with the list page's own query string."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of `design.md`."""
        parser.add_argument("--format", choices=FORMATS, default="ndjson")
        parser.add_argument(
            "--query", default="", metavar="QUERYSTRING", help="as in the list page's address, after the “?”"
        )
        parser.add_argument(
            "--columns",
            default="",
            metavar="NAMES",
            help="only these, in this order, by comma (default: all)",
        )
        parser.add_argument("--as", dest="person", metavar="USER", help="export what this user may see")
        parser.add_argument("--output", type=Path, metavar="FILE", help="a file; without it standard output")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the export, all of it or (to a file) nothing; beside a file, its manifest."""
        person = person_named(options["person"])
        table = _table(options["columns"])
        wanted = Wanted.generations(_filter(options["query"], _zone(person)), options["format"], table)
        path: Path | None = options["output"]
        if path is None:
            try:
                _write(cast(IO[bytes], self.stdout.buffer), wanted, person)
            except BrokenPipeError:
                _forget_stdout()
            return
        with whole_file(path) as file:
            manifest = _write(file, wanted, person, path.name)
        with whole_file(path.with_name(f"{path.name}.manifest.json")) as beside:
            beside.write(manifest.as_json())


def _write(file: IO[bytes], wanted: Wanted, person: Person, name: str = "") -> Manifest:
    """Write the rows, and tell the trail of it before; what is to be said of them."""
    asked_at = timezone.now()
    _tell(wanted, person)
    try:
        with acting_as(person):
            as_of = database_now()
            chunks = measured(FORMATS[wanted.format].write(wanted.rows(person), wanted.table))
            written = drained(chunks, file)
            file.flush()
    except SightLost as lost:
        tell_of_broken_off(person, lost)
        raise CommandError(f"--as: {person} lost the right to some of these rows meanwhile") from None
    return Manifest(
        wanted=wanted,
        file=name,
        person=person.username if isinstance(person, User) else None,
        token="",
        asked_at=asked_at,
        as_of=as_of,
        ended_at=database_now(),
        state=State.WHOLE,
        written=written,
    )


def _tell(wanted: Wanted, person: Person) -> None:
    """Tell the trail: nobody known did it, a command on the server; as whom is said, to the teams of whose
    rows it may be."""
    with acting_as(SYSTEM):
        teams = visible_teams(person).values_list("pk", flat=True) if isinstance(person, User) else ()
        whose = f"{wanted.format} as {person.username}" if isinstance(person, User) else wanted.format
        everything = not isinstance(person, User) or sees_everything(person)
        trail.exported(None, whose, wanted.said_query, () if everything else teams)


def person_named(username: str | None) -> Person:
    """Who this user name of `--as` is, the system without one. Raises CommandError for who can't sign in."""
    if username is None:
        return SYSTEM
    with acting_as(SYSTEM):
        person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise CommandError(f"--as: there is no active user {username!r}")
    return person


def _zone(person: Person) -> ZoneInfo:
    """The zone that days are cut by: the person's, and for the system the one of reports."""
    return zone_named(person.time_zone if isinstance(person, User) else settings.REPORT_TIME_ZONE)


def _filter(query: str, zone: ZoneInfo) -> GenerationFilter:
    """The filter, or CommandError naming each field that was wrong: half a filter would export too much."""
    try:
        wanted = GenerationFilter.from_query(QueryDict(query.removeprefix("?")), zone)
    except TooManyFieldsSent:
        raise CommandError("--query: more fields than any filter has") from None
    faults = [f"{key} {fault}" for key, fault in wanted.errors.items()]
    faults += [f"{key} is no part of a filter" for key in wanted.ignored]
    if faults:
        raise CommandError("--query: " + "; ".join(faults))
    return wanted


def _table(columns: str) -> Table:
    try:
        return GENERATIONS.with_columns(columns)
    except UnknownColumns as fault:
        raise CommandError(f"--columns: {fault}") from None


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name when all of it is written, and else not at all."""
    path = path.resolve()
    if not path.parent.is_dir():
        raise CommandError(f"--output: there is no folder {path.parent}")
    if path.exists() and not path.is_file():
        raise CommandError(f"--output: {path} is no ordinary file")
    part = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as fault:
        raise CommandError(f"--output: {fault.strerror}: {fault.filename or path}") from fault
    finally:
        part.unlink(missing_ok=True)


def _forget_stdout() -> None:
    """Nobody reads on (`| head`): let Python's own last flush go nowhere, quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
