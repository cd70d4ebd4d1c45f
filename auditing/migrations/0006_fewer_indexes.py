"""Drops indexes that repeat the beginning of others, or that nothing asks: each costs every write."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def without_index(to: str, related_name: str, **options: Any) -> models.ForeignKey[Any, Any]:
    """A foreign key that has no index of its own."""
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to=to,
        **options,
    )


PERSON = settings.AUTH_USER_MODEL
FIELDS = (
    ("generation", "team", without_index("auditing.team", "generations")),
    ("generation", "owner", without_index(PERSON, "generations", null=True)),
    ("generation", "project", without_index("auditing.project", "generations", null=True)),
    ("lookup", "team", without_index("auditing.team", "+")),
    ("lookup", "owner", without_index(PERSON, "+", null=True)),
    ("observation", "account", without_index("auditing.account", "observations")),
    ("observation", "generation", without_index("auditing.generation", "observations")),
    ("observation", "team", without_index("auditing.team", "+")),
    ("observation", "owner", without_index(PERSON, "+", null=True)),
)


class Migration(migrations.Migration):
    dependencies = [("auditing", "0005_search_text")]
    operations = [
        *(migrations.AlterField(model, name, field) for model, name, field in FIELDS),
        migrations.AddIndex(
            "generation",
            models.Index(
                fields=["project"], condition=models.Q(project__isnull=False), name="generation_project"
            ),
        ),
        migrations.RemoveConstraint("generation", "generation_once_a_team"),
        migrations.AddConstraint(
            "generation",
            models.UniqueConstraint(
                fields=("provider", "external_id", "team"), name="generation_once_a_team"
            ),
        ),
        migrations.RemoveIndex("generation", "generation_external_id"),
    ]
