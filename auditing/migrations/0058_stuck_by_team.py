"""Tells a team's stuck jobs by an index of those under way, and reads no row of the table for that."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("auditing", "0057_ranges_by_index")]
    operations = [
        migrations.AddIndex(
            model_name="generation",
            index=models.Index(
                models.F("team"),
                models.Case(
                    models.When(
                        created_at__isnull=True,
                        then=models.Value(
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                            output_field=models.DateTimeField(),
                        ),
                    ),
                    default=models.F("created_at"),
                ),
                models.F("id"),
                condition=models.Q(("status__in", ["pending", "processing", "unknown"])),
                include=("owner", "provider", "status", "created_at", "registered_at"),
                name="generation_team_live",
            ),
        ),
    ]
