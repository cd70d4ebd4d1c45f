"""Lists of any length can be sorted by how long jobs waited, ran and last; a team's failures have an index."""

import datetime
from django.db import migrations, models


# Both in one statement: each writes the table anew.
ELAPSED = """
ALTER TABLE auditing_generation
    ADD COLUMN waiting_milliseconds bigint GENERATED ALWAYS AS (nullif(greatest(floor(
        extract(epoch FROM processing_started_at - created_at) * 1000), -1), -1)::bigint) STORED,
    ADD COLUMN processing_milliseconds bigint GENERATED ALWAYS AS (nullif(greatest(floor(
        extract(epoch FROM processing_completed_at - processing_started_at) * 1000), -1), -1)::bigint) STORED
"""
NOT_ELAPSED = """
ALTER TABLE auditing_generation DROP COLUMN waiting_milliseconds, DROP COLUMN processing_milliseconds
"""


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0034_overview'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(ELAPSED, NOT_ELAPSED)],
            state_operations=[
                migrations.AddField(
                    model_name='generation',
                    name='processing_milliseconds',
                    field=models.GeneratedField(db_persist=True, expression=models.Func('processing_completed_at', 'processing_started_at', arg_joiner=' - ', output_field=models.BigIntegerField(), template='nullif(greatest(floor(extract(epoch FROM %(expressions)s) * 1000), -1), -1)::bigint'), output_field=models.BigIntegerField(null=True)),
                ),
                migrations.AddField(
                    model_name='generation',
                    name='waiting_milliseconds',
                    field=models.GeneratedField(db_persist=True, expression=models.Func('processing_started_at', 'created_at', arg_joiner=' - ', output_field=models.BigIntegerField(), template='nullif(greatest(floor(extract(epoch FROM %(expressions)s) * 1000), -1), -1)::bigint'), output_field=models.BigIntegerField(null=True)),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.Case(models.When(duration_milliseconds__isnull=True, then=models.Value(-1, output_field=models.BigIntegerField())), default=models.F('duration_milliseconds')), models.F('id'), include=('team', 'owner'), name='generation_duration'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.Case(models.When(then=models.Value(-1, output_field=models.BigIntegerField()), waiting_milliseconds__isnull=True), default=models.F('waiting_milliseconds')), models.F('id'), include=('team', 'owner'), name='generation_waiting'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.Case(models.When(processing_milliseconds__isnull=True, then=models.Value(-1, output_field=models.BigIntegerField())), default=models.F('processing_milliseconds')), models.F('id'), include=('team', 'owner'), name='generation_processing'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.F('team'), models.Case(models.When(created_at__isnull=True, then=models.Value(datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), default=models.F('created_at')), models.F('id'), condition=models.Q(('status', 'failed')), include=('owner',), name='generation_team_failed'),
        ),
    ]
