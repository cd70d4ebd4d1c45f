"""`close_month`: closes a month of a team, for the manager who decided it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from auditing.access import SYSTEM, acting_as, may_close
from auditing.closing import NotClosed, close, month_named
from auditing.models import ClosedMonth
from auditing.rollups import OtherZone
from auditing.teams import InvalidEntry, person_called, team_called


class Command(BaseCommand):
    """Parses the arguments, calls `closing.close`, prints what was frozen."""

    help = (
        "Close a month of a team for good: its totals are frozen, and what becomes known later is told as"
        " adjustments. It can't be opened again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which month of which team, and who decided it."""
        parser.add_argument("team", help="the team's slug")
        parser.add_argument("month", help="such as 2026-10; it has to be over in REPORT_TIME_ZONE")
        parser.add_argument(
            "--by", required=True, metavar="USER", help="the manager (or superuser) who closes it"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Close it, or say that it was."""
        month = month_named(options["month"])
        if month is None:
            raise CommandError(f"month: {options['month']!r} is no month; write one like 2026-10")
        try:
            with acting_as(SYSTEM):
                team, closer = team_called(options["team"]), person_called(options["by"])
            with acting_as(closer):
                if not may_close(closer, team):
                    raise CommandError(f"--by: {closer.username} does not manage {team.slug}")
            with acting_as(SYSTEM):
                is_new = close(team, month, closer)
                closed = ClosedMonth.objects.select_related("seal").get(team=team, month=month)
        except (InvalidEntry, NotClosed, OtherZone) as error:
            raise CommandError(str(error)) from None
        done = "closed" if is_new else "was closed before; nothing is changed"
        digest = bytes(closed.seal.digest).hex()
        self.stdout.write(
            f"{team.slug} {options['month']}: {done}. {closed.seal.jobs:,} jobs, digest {digest}"
        )
