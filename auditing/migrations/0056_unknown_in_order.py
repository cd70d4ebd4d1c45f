"""Lists what nothing is known of yet by an index of its own: it is the end of any other, behind millions."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("auditing", "0055_latest_stretches")]
    operations = [
        migrations.AddIndex(
            model_name="generation",
            index=models.Index(
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
                condition=models.Q(("status__isnull", True)),
                include=("team", "owner", "created_at"),
                name="generation_unknown",
            ),
        ),
    ]
