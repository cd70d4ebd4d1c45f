"""Writes a report: `manage.py report credits --period 2026-10 --team north --group owner --format csv`."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict
from django.utils import timezone

from auditing import trail
from auditing.access import SYSTEM, Person, acting_as, sees_everything, visible_teams
from auditing.management.commands.export import person_named, whole_file
from auditing.models import Team, User
from auditing.reports import CREDITS, TIMING, Asked, Kind, OtherZone, credit_report, timing_report
from auditing.reports.asked import DEFAULT_PERIOD, PERIOD_WORDS
from auditing.reports.freshness import freshness
from auditing.reports.sheets import Sheet, credit_sheet, timing_sheet
from auditing.reports.written import FORMATS, Written


def _credits(person: Person, asked: Asked, now: datetime, by: str) -> Sheet:
    found = credit_report(person, asked, now)
    return credit_sheet(found, freshness(person, asked, found.total.cell, found.zone), by)


def _times(person: Person, asked: Asked, now: datetime, by: str) -> Sheet:
    found = timing_report(person, asked, now)
    return timing_sheet(found, freshness(person, asked, found.cell, found.zone), by)


REPORTS: Mapping[str, tuple[Kind, Callable[[Person, Asked, datetime, str], Sheet]]] = {
    "credits": (
        CREDITS,
        _credits,
    ),
    "timing": (
        TIMING,
        _times,
    ),
}


class Command(BaseCommand):
    """What jobs cost or how long they took, of everything or of what one person may see."""

    help = "Write a report of credits or of times, with the report pages' own figures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of `design.md`, and those of `export`."""
        parser.add_argument("report", choices=tuple(REPORTS))
        periods = ", ".join(word for word in PERIOD_WORDS if word != "dates")
        parser.add_argument(
            "--period", default=DEFAULT_PERIOD, help=f"a month (2026-10), a year, or {periods}"
        )
        parser.add_argument("--team", action="append", default=[], metavar="SLUG", help="only these teams")
        parser.add_argument(
            "--group", action="append", default=[], metavar="NAME", help="up to two, such as owner and month"
        )
        parser.add_argument("--query", default="", metavar="QUERYSTRING", help="a filter, as the page has it")
        parser.add_argument("--format", choices=FORMATS, default="text")
        parser.add_argument("--as", dest="person", metavar="USER", help="of what this user may see")
        parser.add_argument("--output", type=Path, metavar="FILE", help="a file; without it standard output")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the report, all of it or nothing."""
        person = person_named(options["person"])
        with acting_as(SYSTEM):
            _check_teams(options["team"])
        now = timezone.now()
        zone = ZoneInfo(settings.REPORT_TIME_ZONE)
        kind, sheet_of = REPORTS[options["report"]]
        asked = Asked.from_query(_query(options), now.astimezone(zone).date(), zone, kind)
        _check(asked)
        said = person.username if isinstance(person, User) else "a command on the server"
        try:
            with acting_as(person, at_one_moment=True):
                written = FORMATS[options["format"]](sheet_of(person, asked, now, said))
        except OtherZone as other:
            raise CommandError(str(other)) from other
        _tell(person, asked, options["format"])
        self._write(written, options["output"])

    def _write(self, written: Written, path: Path | None) -> None:
        if path is None:
            if written.ending == "xlsx" and sys.stdout.isatty():
                raise CommandError("--format xlsx is no text: name a file with --output")
            cast(Any, self.stdout).buffer.write(written.content)
            return
        with whole_file(path) as file:
            file.write(written.content)


def _query(options: dict[str, Any]) -> QueryDict:
    """What the page would be asked for."""
    query = QueryDict(options["query"].removeprefix("?"), mutable=True)
    query["period"] = options["period"]
    for key in ("team", "group"):
        for value in options[key]:
            query.appendlist(key, value)
    return query


def _check(asked: Asked) -> None:
    """CommandError that names each thing that was wrong: the rest would be another report."""
    options = ("period", "group")
    faults = [
        f"--{key}: {fault}" if key in options else f"--query: {key} {fault}"
        for key, fault in asked.errors.items()
    ]
    faults += [f"--query: {key} is no part of a report" for key in asked.ignored]
    if faults:
        raise CommandError("; ".join(faults))


def _check_teams(slugs: list[str]) -> None:
    known = set(Team.objects.values_list("slug", flat=True))
    if unknown := [slug for slug in slugs if slug not in known]:
        there_are = ", ".join(sorted(known)) or "none"
        raise CommandError(f"--team: there is no team {unknown[0]!r}; there are: {there_are}")


def _tell(person: Person, asked: Asked, form: str) -> None:
    """Tell the trail, as of an export."""
    with acting_as(SYSTEM):
        whose = f"{asked.kind.name} report as {form}" + (
            f", as {person.username}" if isinstance(person, User) else ""
        )
        everything = not isinstance(person, User) or sees_everything(person)
        teams = () if everything else visible_teams(person).values_list("pk", flat=True)
        trail.exported(None, whose, asked.canonical(), teams)
