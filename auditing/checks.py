"""What `check --deploy` looks at beyond Django's own checks."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.core import checks
from django.db import connection

from auditing import walls

type Session = psycopg.Connection[Any]


@checks.register(checks.Tags.security, deploy=True)
def the_wall_stands(**_: Any) -> Sequence[checks.CheckMessage]:
    """An error for every way in which the dashboard's role could get around row-level security."""
    hint = "Use the roles of config/postgres/roles.sql: the dashboard signs in as clipledger_web."

    def errors(session: Session) -> Iterator[checks.CheckMessage]:
        for gap in walls.gaps(session):
            yield checks.Error(f"The wall between people's records: {gap}.", hint=hint, id="auditing.E001")

    return _asked("The wall between people's records was not checked", errors)


@checks.register("reports", deploy=True)
def days_are_cut_by_the_report_zone(**_: Any) -> Sequence[checks.CheckMessage]:
    """An error where rollups are cut by another zone than REPORT_TIME_ZONE: no report could be told then."""

    def errors(session: Session) -> Iterator[checks.CheckMessage]:
        for (zone,) in session.execute("SELECT zone FROM auditing_rollupzone").fetchall():
            if zone != settings.REPORT_TIME_ZONE:
                message = f"The days of reports are cut by {zone}, and REPORT_TIME_ZONE is"
                hint = "Set it back, or cut them anew with `verify_rollups --repair`."
                yield checks.Error(f"{message} {settings.REPORT_TIME_ZONE}.", hint=hint, id="auditing.E002")

    return _asked("The zone that days of reports are cut by was not checked", errors)


@checks.register("mail", deploy=True)
def mail_is_configured(**_: Any) -> Sequence[checks.CheckMessage]:
    """A note, and no warning: Clipledger works without e-mail, and says on its pages what it would send."""
    missing: list[str] = settings.MAIL_LEFT_TO_DEFAULTS
    if not missing:
        return []
    message = f"Not set, and so left to a default that may reach nobody: {', '.join(missing)}"
    hint = "Budgets and the monthly report are told by e-mail: see the README's Configuration."
    return [checks.Info(f"{message}.", hint=hint, id="auditing.I002")]


def _asked(
    otherwise: str, errors: Callable[[Session], Iterator[checks.CheckMessage]]
) -> Sequence[checks.CheckMessage]:
    """What the database answers; a note that it was not checked, where it gives no answer."""
    try:
        # A connection of its own: the pool would go on trying for long where there is no server.
        with psycopg.connect(**connection.get_connection_params() | {"connect_timeout": 5}) as session:
            return list(errors(session))
    except psycopg.Error as failed:
        reason = str(failed).strip().partition("\n")[0]
        message = f"{otherwise}, the database gave no answer: {reason}"
        return [checks.Info(message, hint="Run it where the database is.", id="auditing.I001")]
