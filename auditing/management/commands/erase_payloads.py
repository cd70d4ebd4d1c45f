"""`erase_payloads`: erases what providers said word for word, once it is older than one wants to keep."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from auditing.access import SYSTEM, acting_as
from auditing.accounts import accounts_called
from auditing.retention import erase_payloads, payloads_before
from auditing.teams import InvalidEntry

LONGEST_KEPT = 36_500  # days


class Command(BaseCommand):
    """Parses the arguments, calls `retention.erase_payloads` account by account, prints what was erased."""

    help = (
        "Erase the payloads of answers that are older than a day, for good. Records keep their columns,"
        " reports their numbers, and chains hold: they have the payloads' digests."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Up to when, of which accounts."""
        until = parser.add_mutually_exclusive_group(required=True)
        until.add_argument(
            "--before", type=_day, metavar="DATE", help="such as 2026-01-01, in REPORT_TIME_ZONE"
        )
        until.add_argument("--days", type=_days, metavar="N", help="keep this many days up to now")
        parser.add_argument("--account", action="append", metavar="LABEL", default=[], dest="labels")
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, *_: Any, **options: Any) -> None:
        """Erase, and say so for each account; or say how many would be."""
        before = options["before"] or timezone.now() - timedelta(days=options["days"])
        if before > timezone.now():
            raise CommandError("--before: that day is still to come; answers up to it are not all there")
        try:
            with acting_as(SYSTEM):
                accounts = accounts_called(options["labels"])
        except InvalidEntry as error:
            raise CommandError(f"--{error}") from None
        for account in accounts:
            if options["dry_run"]:
                found = payloads_before(account, before)
                self.stdout.write(f"{account.label}: {found:,} payloads would be erased")
                continue
            erased = erase_payloads(account, before)
            self.stdout.write(
                f"{account.label}: {erased.observations:,} payloads erased,"
                f" {erased.records:,} of them the last of a record"
            )


def _day(text: str) -> datetime:
    """The moment at which this day begins in the zone of reports."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date; write one like 2026-01-01") from None
    return datetime.combine(day, time.min, ZoneInfo(settings.REPORT_TIME_ZONE))


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LONGEST_KEPT):
        raise ArgumentTypeError(f"{text!r} is no number of days from 1 to {LONGEST_KEPT}")
    return int(text)
