"""`add_team`: a team, made or renamed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from auditing.access import SYSTEM, acting_as
from auditing.teams import InvalidEntry, add_team


class Command(BaseCommand):
    """Parses the arguments, calls `teams.add_team`, prints what became of it."""

    help = "Add a team, or rename one. Repeating it changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One slug, and a name for people."""
        parser.add_argument("slug", help="short name in addresses and commands: letters, digits, - and _")
        parser.add_argument("--name", help="the name on pages (default: the slug)")

    def handle(self, *_: Any, slug: str, name: str | None, **__: Any) -> None:
        """Add it."""
        try:
            with acting_as(SYSTEM):
                team, change = add_team(slug, name)
        except InvalidEntry as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Team {team.slug} ({team.name}): {change}.")
