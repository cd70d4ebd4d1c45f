"""`add_member`: a person in a team."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from auditing.access import SYSTEM, acting_as
from auditing.invitations import invitation_path
from auditing.models import Role
from auditing.teams import InvalidEntry, add_member, team_called


class Command(BaseCommand):
    """Parses the arguments, calls `teams.add_member`, prints what became of it."""

    help = (
        "Put a person into a team, or change their role. A new person without a password signs in by the"
        " invitation that is printed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A team, a person, a role."""
        parser.add_argument("team", help="the team's slug")
        parser.add_argument("username")
        parser.add_argument("--role", choices=Role.values, default=Role.MEMBER.value, help="default: member")
        parser.add_argument("--email", metavar="ADDRESS")
        parser.add_argument(
            "--password-env", metavar="VAR", help="the environment variable that holds their password"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Add them."""
        try:
            with acting_as(SYSTEM):
                joined = add_member(
                    team_called(options["team"]),
                    options["username"],
                    Role(options["role"]),
                    options["email"],
                    _password(options["password_env"]),
                )
        except InvalidEntry as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{joined.user.username}: {joined.person}; {options['role']} of {options['team']}:"
            f" {joined.membership}."
        )
        if not joined.user.has_usable_password():
            self.stdout.write(f"Invitation (valid once, for 3 days): {invitation_path(joined.user)}")


def _password(variable: str | None) -> str | None:
    if variable is None:
        return None
    password = os.environ.get(variable)
    if not password:
        raise CommandError(f"--password-env: the environment variable {variable} is not set or empty")
    return password
