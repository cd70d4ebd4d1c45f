"""`import_ids`: registers the ids of a file or of standard input."""

import csv
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from auditing.access import SYSTEM, acting_as
from auditing.intake import Format, Intake, UnknownOwner, read_entries
from auditing.models import Account
from auditing.providers import PROVIDERS


class Command(BaseCommand):
    """Parses the arguments, feeds the lines to `intake`, prints what became of them."""

    help = (
        "Register the ids in a file (or - for standard input) for an account. Prints how many were new,"
        " known already, and rejected; each rejected line with its number and reason. Nothing is lost,"
        " nothing is registered twice: after an interruption, run it again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A file, an account, perhaps an owner and a format."""
        parser.add_argument("file", help="path, or - for standard input")
        parser.add_argument("--account", required=True, metavar="LABEL")
        parser.add_argument("--owner", metavar="USER", help="owner of ids whose line names none")
        parser.add_argument("--format", choices=[form.value for form in Format], default=Format.AUTO.value)

    def handle(self, *_: Any, file: str, **options: Any) -> None:
        """Register them."""
        account = account_named(options["account"])
        try:
            intake = Intake(account, SYSTEM, options["owner"])
        except UnknownOwner as error:
            raise CommandError(str(error)) from None
        stream = opened(file)
        try:
            entries = read_entries(stream, PROVIDERS[account.provider], Format(options["format"]))
            for rejection in intake.register(entries):
                self.stderr.write(str(rejection))
        except csv.Error as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}; so far: {intake.report}") from None
        finally:
            if file != "-":
                stream.close()
        self.stdout.write(str(intake.report))


def account_named(label: str) -> Account:
    """The account with its team. Raises CommandError that names those there are."""
    with acting_as(SYSTEM):
        account = Account.objects.select_related("team").filter(label=label).first()
        if account is None:
            labels = ", ".join(Account.objects.values_list("label", flat=True)[:20]) or "none yet"
            raise CommandError(f"--account: no account {label!r}; there are: {labels}")
    return account


def opened(file: str) -> BinaryIO:
    """The file, or standard input for `-`. Raises CommandError."""
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from None
