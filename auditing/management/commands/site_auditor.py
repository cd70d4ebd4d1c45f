"""`site_auditor`: gives or takes the right to see everything, read-only."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from auditing.access import SYSTEM, acting_as
from auditing.teams import InvalidEntry, person_called, set_site_auditor


class Command(BaseCommand):
    """Parses the arguments, calls `teams.set_site_auditor`, prints what became of it."""

    help = "Give a person the right to see every team's records, read-only; or take it with --remove."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A person, and whether to take it."""
        parser.add_argument("username")
        parser.add_argument("--remove", action="store_true")

    def handle(self, *_: Any, username: str, remove: bool, **__: Any) -> None:
        """Give it or take it."""
        try:
            with acting_as(SYSTEM):
                user = person_called(username)
                change = set_site_auditor(user, may=not remove)
        except InvalidEntry as error:
            raise CommandError(str(error)) from None
        standing = "no site auditor" if remove else "site auditor"
        self.stdout.write(f"{user.username}: {standing} ({change}).")
