"""`add_account`: an account at a provider, with its key."""

import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from auditing.access import SYSTEM, acting_as
from auditing.accounts import AccountKept, AccountWanted, keep_account
from auditing.providers import PROVIDERS
from auditing.teams import InvalidEntry, person_called, team_called


class Command(BaseCommand):
    """Parses the arguments, calls `accounts.keep_account`, prints what became of it."""

    help = (
        "Add an account at a provider, or correct one and replace its key. The key is read from the"
        " environment variable named by --key-env, else from standard input; never from an argument."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A provider, a label, a team; where the key is."""
        parser.add_argument("provider", choices=list(PROVIDERS))
        parser.add_argument("label", help="the account's name everywhere; unique")
        parser.add_argument("--team", required=True, metavar="SLUG")
        parser.add_argument("--owner", metavar="USER", help="the person whose own key this is")
        parser.add_argument("--base-url", metavar="URL", help="default: the provider's own")
        parser.add_argument(
            "--limit", type=int, metavar="PER_MINUTE", help="this key's own limit on status lookups"
        )
        parser.add_argument("--key-env", metavar="VAR", help="the environment variable that holds the key")

    def handle(self, *_: Any, **options: Any) -> None:
        """Add it."""
        key = _key(options["key_env"])
        try:
            with acting_as(SYSTEM):
                kept = _keep(options, key)
        except InvalidEntry as error:
            raise CommandError(str(error)) from None
        account = kept.account
        self.stdout.write(
            f"Account {account.label} ({account.provider}, team {options['team']}): {kept.change}."
        )
        for warning in kept.warnings:
            self.stderr.write(self.style.WARNING(f"Warning: {warning}."))


def _keep(options: dict[str, Any], key: str) -> AccountKept:
    wanted = AccountWanted(
        provider=options["provider"],
        label=options["label"],
        team=team_called(options["team"]),
        key=key,
        owner=person_called(options["owner"]) if options["owner"] else None,
        base_url=options["base_url"],
        per_minute=options["limit"],
    )
    return keep_account(wanted, settings.ALLOW_LOOPBACK_PROVIDERS)


def _key(variable: str | None) -> str:
    if variable is not None:
        key = os.environ.get(variable, "")
        if not key:
            raise CommandError(f"--key-env: the environment variable {variable} is not set or empty")
        return key.strip()
    if sys.stdin.isatty():
        return getpass.getpass("Key (not shown): ").strip()
    return sys.stdin.readline().strip()
