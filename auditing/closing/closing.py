"""Closes a month of a team, once and for good; told to the trail."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from auditing import trail
from auditing.access import SYSTEM, Person, who_acts
from auditing.models import Act, ClosedMonth, ClosedSeal, Team, User
from auditing.rollups import check_zone
from auditing.trail import Change

PATIENCE = "20s"


class NotClosed(ValueError):
    """A month that can't be closed; the message says why, as a sentence."""


class Busy(NotClosed):
    """Somebody changed the team's rows for so long that the closing did not wait for it."""


def month_named(text: str) -> date | None:
    """The first day of a month that is written `2026-10`; None for what is none that reports have."""
    try:
        first = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        return None
    return first if f"{first:%Y-%m}" == text and 1900 <= first.year <= 9998 else None


def is_over(month: date, now: datetime) -> bool:
    """Whether the last day of this month is over in the zone of reports."""
    return now.astimezone(ZoneInfo(settings.REPORT_TIME_ZONE)).date().replace(day=1) > month


def close(team: Team, month: date, closer: User, patience: str = PATIENCE) -> bool:
    """Close this month (its first day) of the team: freeze its rows as they are now, and seal them.

    `closer` is the person who decides, also where the system acts for them. False where it was closed
    before: nothing is done then. Waits for whoever is changing rows of the team, as long as `patience`.
    Raises NotClosed (Busy after that time), and OtherZone when days are cut by another zone than is set.
    """
    check_zone()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [patience])
            cursor.execute("SELECT auditing_close_month(%s, %s, %s)", [team.pk, month, closer.pk])
            (made,) = cursor.fetchone()
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
    except OperationalError as fault:
        raise _not_closed(fault) from fault
    if made is not None:
        _tell(who_acts(), closer, ClosedMonth.objects.select_related("team", "seal").get(pk=made))
    return made is not None


def _not_closed(fault: OperationalError) -> Exception:
    if isinstance(fault.__cause__, LockNotAvailable):
        return Busy("Rows of this team are being changed and were not done in time. Try again in a minute.")
    if getattr(fault.__cause__, "sqlstate", "") == "55000":
        return NotClosed("This month is not over yet.")
    return fault


def _tell(actor: Person, closer: User, closed: ClosedMonth) -> None:
    seal: ClosedSeal = closed.seal
    by = f" by {closer.username}" if actor is SYSTEM else ""
    what = f"{seal.jobs:,} jobs{by}, digest {bytes(seal.digest).hex()}"
    person = None if actor is SYSTEM else closer
    words = f"{closed.team.slug} {closed.month:%Y-%m}"
    trail.changed(Act.MONTH_CLOSED, person, words, Change(what), teams=[closed.team_id])
