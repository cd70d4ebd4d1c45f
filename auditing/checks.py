"""What `check --deploy` looks at beyond Django's own checks."""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.core import checks
from django.db import connection

from auditing import walls


@checks.register(checks.Tags.security, deploy=True)
def the_wall_stands(**_: Any) -> Sequence[checks.CheckMessage]:
    """An error for every way in which the dashboard's role could get around row-level security."""
    hint = "Use the roles of config/postgres/roles.sql: the dashboard signs in as clipledger_web."
    try:
        # A connection of its own: the pool would go on trying for long where there is no server.
        with psycopg.connect(**connection.get_connection_params() | {"connect_timeout": 5}) as session:
            return [
                checks.Error(f"The wall between people's records: {gap}.", hint=hint, id="auditing.E001")
                for gap in walls.gaps(session)
            ]
    except psycopg.Error as failed:
        reason = str(failed).strip().partition("\n")[0]
        message = f"The wall between people's records was not checked, the database gave no answer: {reason}"
        return [checks.Info(message, hint="Run it where the database is.", id="auditing.I001")]
