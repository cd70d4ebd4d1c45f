"""Filters that want few rows of many get an index of those few; a team's owners are found by one probe each."""

import datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0026_correcting'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.Case(models.When(created_at__isnull=True, then=models.Value(datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), default=models.F('created_at')), models.F('id'), condition=models.Q(('status__in', ['pending', 'processing', 'unknown'])), name='generation_live'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.Case(models.When(created_at__isnull=True, then=models.Value(datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), default=models.F('created_at')), models.F('id'), condition=models.Q(('flags__overlap', ['status_went_back', 'changed_after_completion', 'credits_changed', 'refunded'])), name='generation_changed'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['team', 'owner'], name='generation_team_owner'),
        ),
        migrations.AddIndex(
            model_name='lookup',
            index=models.Index(condition=models.Q(('outcome__in', ['denied', 'missing', 'unauthorized', 'rate_limited', 'rejected', 'unreachable', 'malformed'])), fields=['outcome', 'generation'], name='lookup_not_ok'),
        ),
    ]
