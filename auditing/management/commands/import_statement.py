"""`import_statement`: keeps a provider's statement of an account and a period, to hold against our jobs."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from auditing.access import SYSTEM, acting_as
from auditing.filters.reading import EARLIEST, LATEST
from auditing.management.commands.import_ids import account_named, opened
from auditing.models import LONGEST_REFERENCE, LONGEST_REMARK, Statement
from auditing.records import decimal_of_thousandths
from auditing.reports import Period
from auditing.reports.asked import period_of
from auditing.statements import (
    Figure,
    NoAmount,
    NotEntered,
    StatementWanted,
    Totals,
    Unreadable,
    enter,
    thousandths_of,
    totals_of,
)


class Command(BaseCommand):
    """Parses the arguments, enters the statement, prints its total, ours, and the difference."""

    help = (
        "Keep a provider's statement: its lines (CSV with external_id and credits, perhaps time; or plain"
        " id,credits), its stated total, or both. If a line can't be read nothing is kept, and each such line"
        " is named. A file that is there already is refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A file, an account, a period, and what else the document says."""
        parser.add_argument("file", nargs="?", help="path, or - for standard input; none: by --total alone")
        parser.add_argument("--account", required=True, metavar="LABEL")
        parser.add_argument("--period", required=True, help="a month (2026-10), a year, or last-month")
        parser.add_argument("--total", metavar="N", help="the stated total in credits, like 12480.5")
        parser.add_argument("--reference", default="", metavar="TEXT", help="the document's name or number")
        parser.add_argument("--note", default="", metavar="TEXT")

    def handle(self, *_: Any, file: str | None, **options: Any) -> None:
        """Enter it, whole or not at all."""
        account, (first, last) = account_named(options["account"]), _days(options["period"])
        wanted = StatementWanted(
            account=account,
            first=first,
            last=last,
            total=_total(options["total"]),
            reference=_short("reference", options["reference"], LONGEST_REFERENCE),
            note=_short("note", options["note"], LONGEST_REMARK),
            stream=opened(file) if file else None,
            file=Path(file).name if file and file != "-" else "",
        )
        try:
            statement = enter(SYSTEM, wanted)
        except NotEntered as error:
            self._name(error)
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        finally:
            if wanted.stream and file != "-":
                wanted.stream.close()
        with acting_as(SYSTEM):
            (totals,) = totals_of(SYSTEM, [statement], Figure.NET)
        self.stdout.write(_said(statement, totals))

    def _name(self, error: NotEntered) -> None:
        if isinstance(error, Unreadable):
            for rejection in error.rejections:
                self.stderr.write(str(rejection))
            if error.rejected > len(error.rejections):
                self.stderr.write(f"and {error.rejected - len(error.rejections):,} more")


def _said(statement: Statement, totals: Totals) -> str:
    theirs, ours, gross, difference = (
        "unknown" if value is None else f"{decimal_of_thousandths(value):,f}"
        for value in (totals.theirs, totals.net, totals.gross, totals.difference)
    )
    unknown = f"{statement.lines_unknown} without credits"
    lines = f"{statement.lines} lines, {unknown}" if statement.lines else "no lines"
    return (
        f"statement {statement.pk}: {lines}; theirs {theirs}, ours {ours} net ({gross} gross) of"
        f" {totals.jobs} jobs, {totals.unknown} of them unknown; difference {difference}"
    )


def _days(key: str) -> tuple[date, date]:
    today = timezone.now().astimezone(ZoneInfo(settings.REPORT_TIME_ZONE)).date()
    try:
        period = period_of(key, today)
    except (ValueError, OverflowError):
        period = Period()
    if period.first is None or period.last is None or not EARLIEST <= period.first <= period.last <= LATEST:
        raise CommandError(
            f"--period: {key!r} is no period with two ends; write a month like 2026-10, or a year"
        )
    return period.first, period.last


def _total(text: str | None) -> int | None:
    try:
        return None if text is None else thousandths_of(text)
    except NoAmount as error:
        raise CommandError(f"--total: {error}") from None


def _short(name: str, text: str, most: int) -> str:
    if len(text) > most:
        raise CommandError(f"--{name}: {len(text)} characters; at most {most} are possible")
    return text
