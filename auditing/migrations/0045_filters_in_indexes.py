"""Filters are answered from the indexes of a team's and a person's rows; the planner knows what goes together."""

import datetime
from django.db import migrations, models


# An owner's rows are of one team, an account's of one provider: without this the planner takes the conditions
# for independent, and expects a thirtieth of the rows that there are.
TOGETHER = """
CREATE STATISTICS generation_belonging (dependencies) ON team_id, owner_id, account_id, project_id, provider
FROM auditing_generation;
ANALYZE auditing_generation
"""


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0044_statements'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='generation',
            name='generation_team_created',
        ),
        migrations.RemoveIndex(
            model_name='generation',
            name='generation_owner_created',
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.F('team'), models.Case(models.When(created_at__isnull=True, then=models.Value(datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), default=models.F('created_at')), models.F('id'), include=('owner', 'status', 'provider', 'account', 'project', 'mode', 'resolution', 'credits_thousandths', 'duration_milliseconds', 'waiting_milliseconds', 'processing_milliseconds', 'created_at', 'updated_at'), name='generation_team_created'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.F('owner'), models.Case(models.When(created_at__isnull=True, then=models.Value(datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), default=models.F('created_at')), models.F('id'), include=('team', 'status', 'provider', 'account', 'project', 'mode', 'resolution', 'credits_thousandths', 'duration_milliseconds', 'waiting_milliseconds', 'processing_milliseconds', 'created_at', 'updated_at'), name='generation_owner_created'),
        ),
        migrations.RunSQL(TOGETHER, "DROP STATISTICS generation_belonging"),
    ]
