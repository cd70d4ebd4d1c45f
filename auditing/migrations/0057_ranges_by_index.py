"""Counts what lies in a range of credits, times or changes, and an account's failures, without reading rows.

A key made of a column does not tell PostgreSQL what the column holds: the column comes along.
"""

import datetime
from typing import Any

from django.db import migrations, models

UNKNOWN_TIME = models.Value(
    datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField()
)
UNKNOWN_NUMBER = models.Value(-1, output_field=models.BigIntegerField())
RANGES = (
    ("generation_updated", "updated_at", UNKNOWN_TIME),
    ("generation_credits", "credits_thousandths", UNKNOWN_NUMBER),
    ("generation_duration", "duration_milliseconds", UNKNOWN_NUMBER),
    ("generation_waiting", "waiting_milliseconds", UNKNOWN_NUMBER),
    ("generation_processing", "processing_milliseconds", UNKNOWN_NUMBER),
)


def key(column: str, unknown: models.Value) -> models.Case:
    """The column, the unknown in a defined place."""
    return models.Case(
        models.When(**{f"{column}__isnull": True}, then=unknown), default=models.F(column)
    )


def added(index: models.Index) -> Any:
    """The operation that makes an index of generations."""
    return migrations.AddIndex(model_name="generation", index=index)


class Migration(migrations.Migration):
    dependencies = [("auditing", "0056_unknown_in_order")]
    operations = [
        *(migrations.RemoveIndex(model_name="generation", name=name) for name, _, _ in RANGES),
        *(
            added(
                models.Index(
                    key(column, unknown),
                    models.F("id"),
                    include=("team", "owner", column),
                    name=name,
                )
            )
            for name, column, unknown in RANGES
        ),
        added(
            models.Index(
                models.F("account"),
                key("created_at", UNKNOWN_TIME),
                models.F("id"),
                include=("team", "owner", "project", "provider", "mode", "resolution", "created_at"),
                condition=models.Q(("status", "failed")),
                name="generation_account_failed",
            )
        ),
    ]
