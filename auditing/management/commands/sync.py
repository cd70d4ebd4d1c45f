"""`sync`: looks up what is due and stores what differs."""

import json
import signal
import sys
import threading
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from auditing.access import SYSTEM, acting_as
from auditing.accounts import accounts_called
from auditing.budgets import note_crossings
from auditing.models import Account
from auditing.providers import PROVIDERS
from auditing.reports import OtherZone
from auditing.sync import heartbeat, ledger, terminal
from auditing.sync.plan import Due
from auditing.sync.run import Order, run
from auditing.sync.summary import ExitCode, RunSummary
from auditing.sync.turn import Limits
from auditing.teams import InvalidEntry


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0 < value < float("inf"):
        raise ArgumentTypeError("must be more than 0")
    return value


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


class Command(BaseCommand):
    """Parses the arguments, calls `sync.run.run`, prints its summary."""

    help = (
        "Look up every generation that is due, each id once. Exit codes: 0 all well; 1 failed; 2 usage;"
        " 3 finished, but some lookups ended unreachable, malformed or rejected; 4 an account was refused;"
        " 5 another run holds every account asked for."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which accounts and ids, how long, how often, how to print."""
        parser.add_argument("--account", action="append", metavar="LABEL", default=[])
        parser.add_argument("--provider", choices=list(PROVIDERS))
        parser.add_argument("--id", action="append", metavar="EXTERNAL_ID", default=[], dest="ids")
        parser.add_argument(
            "--force", action="store_true", help="also what is not due; never past a pause or a reset"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what is due; send and store nothing")
        parser.add_argument("--max-seconds", type=_positive, metavar="N", help="stop after N seconds")
        parser.add_argument("--max-requests", type=_whole, metavar="N", help="stop after N requests")
        parser.add_argument("--every", type=_positive, metavar="N", help="run again every N seconds")
        parser.add_argument("--json", action="store_true", help="print one JSON object a run")
        parser.add_argument(
            "--concurrency", type=_whole, default=Limits().concurrency, metavar="N",
            help="requests in flight for one account (default: %(default)s)",
        )  # fmt: skip

    def handle(self, *_: Any, **options: Any) -> None:
        """Run once, or again and again until a signal."""
        accounts = _accounts(options["account"], options["provider"])
        order = Order(
            accounts=accounts,
            ids=tuple(options["ids"]),
            force=options["force"],
            max_seconds=options["max_seconds"],
            max_requests=options["max_requests"],
            limits=replace(Limits(), concurrency=options["concurrency"]),
        )
        if options["dry_run"]:
            self._say_what_is_due(order, options["json"])
        elif options["every"] is None:
            sys.exit(self._run(order, options["json"]).exit_code)
        else:
            self._run_every(options["every"], order, options)

    def _run(self, order: Order, as_json: bool) -> RunSummary:
        with terminal.progress() as progress:
            summary = run(order, progress)
        if as_json:
            self.stdout.write(json.dumps(summary.as_json()))
        else:
            terminal.print_summary(summary)
        # A few statements; the letters are sent by workers, or by notify_budgets.
        with suppress(OtherZone):
            note_crossings(timezone.now())
        # A look at single ids says nothing about the sync.
        if not order.ids and heartbeat.is_good(summary, timedelta(minutes=settings.SYNC_EXPECTED_EVERY)):
            heartbeat.beat(settings.HEARTBEAT_URL)
        return summary

    def _run_every(self, seconds: float, order: Order, options: dict[str, Any]) -> None:
        """Run, wait, run again; a signal ends a run in hand cleanly, and the waiting at once."""
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        while not stopped.is_set():
            accounts = _accounts(options["account"], options["provider"])
            summary = self._run(replace(order, accounts=accounts), options["json"])
            if summary.was_told_to_stop:
                return
            stopped.wait(seconds)

    def _say_what_is_due(self, order: Order, as_json: bool) -> None:
        until = ledger.database_now()
        due = {
            account.label: Due(account.pk, until, order.ids, order.force).count()
            for account in order.accounts
        }
        if as_json:
            self.stdout.write(json.dumps({"dry_run": True, "due": sum(due.values()), "accounts": due}))
        else:
            terminal.print_due(due)


def _accounts(labels: list[str], provider: str | None) -> list[Account]:
    """The accounts asked for, by label; all of them when none is named."""
    try:
        with acting_as(SYSTEM):
            wanted = accounts_called(labels)
    except InvalidEntry as error:
        raise CommandError(f"--{error}", returncode=ExitCode.USAGE) from None
    return [account for account in wanted if provider in (None, account.provider)]
