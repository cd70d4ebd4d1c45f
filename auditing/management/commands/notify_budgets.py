"""`notify_budgets`: notes budgets' thresholds that were reached, and sends the e-mails that wait."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from auditing.budgets import note_crossings
from auditing.mailing import send_due
from auditing.reports import OtherZone


class Command(BaseCommand):
    """For cron, where no worker runs; beside workers, and as often as one likes, it tells nothing twice."""

    help = (
        "Note every threshold (50, 80, 100 %) that a budget's use reached, once each, and send the e-mails"
        " that wait, also those that failed before. Exit codes: 0 all sent; 1 some could not be sent."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Note, send, say how many; CommandError when a letter was not sent."""
        now = timezone.now()
        try:
            told = note_crossings(now)
        except OtherZone as other:
            raise CommandError(str(other)) from other
        sent = send_due(now, at_once=True)
        self.stdout.write(
            f"{told.thresholds} thresholds reached, {told.letters} letters asked for;"
            f" {sent.sent} sent, {sent.dropped} dropped, {sent.failed} failed"
        )
        if sent.failed:
            raise CommandError(f"{sent.failed} letters were not sent ({sent.fault}); they are tried again")
