"""`mail_reports`: sends last month's credit report to those who subscribe, once each."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from auditing.access import SYSTEM, acting_as
from auditing.closing import month_named
from auditing.mailing import Due, ask_for_reports, due_reports, send_due


def _month(text: str) -> date:
    month = month_named(text)
    if month is None:
        raise ArgumentTypeError(f"{text!r} is no month; write it like 2026-10")
    return month


class Command(BaseCommand):
    """What the workers do on the first day of a month, for cron or for a month that was missed."""

    help = (
        "Send the credit report of the last month (or of --month) to everybody who subscribes and was not"
        " sent it yet. Exit codes: 0 all sent; 1 some could not be sent."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which month, and whether only to say."""
        parser.add_argument(
            "--month", type=_month, metavar="2026-10", help="to all who subscribe by now; the last one"
        )
        parser.add_argument("--dry-run", action="store_true", help="say who would be sent it; send nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Ask for the letters and send what waits; CommandError when a letter was not sent."""
        now, month = timezone.now(), options["month"]
        try:
            due = _due(now, month) if options["dry_run"] else ask_for_reports(now, month)
        except ValueError as refused:
            raise CommandError(f"--month: {refused}") from refused
        names = ", ".join(person.username for person in due.people) or "nobody"
        if options["dry_run"]:
            self.stdout.write(f"{due.month:%Y-%m} would be sent to {names}")
            return
        sent = send_due(now, at_once=True)
        self.stdout.write(
            f"{due.month:%Y-%m} asked for by {names}; of all letters that waited {sent.sent} sent,"
            f" {sent.dropped} dropped, {sent.failed} failed"
        )
        if sent.failed:
            raise CommandError(f"{sent.failed} letters were not sent ({sent.fault}); they are tried again")


def _due(now: datetime, month: date | None) -> Due:
    with acting_as(SYSTEM):
        return due_reports(now, month)
