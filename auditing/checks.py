"""What `check --deploy` looks at beyond Django's own checks."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import Error

from auditing import walls


@checks.register(checks.Tags.security, deploy=True)
def the_wall_stands(**_: Any) -> Sequence[checks.CheckMessage]:
    """An error for every way in which the dashboard's role could get around row-level security."""
    hint = "Use the roles of config/postgres/roles.sql: the dashboard signs in as clipledger_web."
    try:
        return [
            checks.Error(f"The wall between people's records: {gap}.", hint=hint, id="auditing.E001")
            for gap in walls.gaps()
        ]
    except Error as failed:
        reason = str(failed).strip().partition("\n")[0]
        message = f"The wall between people's records was not checked, the database gave no answer: {reason}"
        return [checks.Info(message, hint="Run it where the database is.", id="auditing.I001")]
