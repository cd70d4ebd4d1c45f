"""Tells with what was never looked up whose it is: it is counted in the index alone, a team's in its part."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("auditing", "0051_projects_in_index")]
    operations = [
        migrations.RemoveIndex(model_name="lookup", name="lookup_never"),
        migrations.AddIndex(
            model_name="lookup",
            index=models.Index(
                condition=models.Q(("outcome__isnull", True)),
                fields=["team", "generation"],
                include=("owner",),
                name="lookup_never",
            ),
        ),
    ]
