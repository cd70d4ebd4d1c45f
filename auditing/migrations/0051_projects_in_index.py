"""Lists what is charged on a client in its index alone, so as the failed ones: walls and columns come along."""

import datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auditing", "0050_whose_texts"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="generation",
            name="generation_project",
        ),
        migrations.AddIndex(
            model_name="generation",
            index=models.Index(
                models.F("project"),
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
                condition=models.Q(("project__isnull", False)),
                include=(
                    "team",
                    "owner",
                    "account",
                    "provider",
                    "mode",
                    "resolution",
                    "status",
                    "created_at",
                ),
                name="generation_project",
            ),
        ),
    ]
