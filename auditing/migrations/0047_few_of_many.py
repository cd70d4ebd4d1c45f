"""Tells with what is asked for as few of many rows whose they are: a member's are found in the index alone."""

import datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0046_vouched_history'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='generation',
            name='generation_live',
        ),
        migrations.RemoveIndex(
            model_name='generation',
            name='generation_changed',
        ),
        migrations.RemoveIndex(
            model_name='generation',
            name='generation_team_failed',
        ),
        migrations.RemoveIndex(
            model_name='lookup',
            name='lookup_not_ok',
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.F('team'), models.Case(models.When(created_at__isnull=True, then=models.Value(datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), default=models.F('created_at')), models.F('id'), condition=models.Q(('status', 'failed')), include=('owner', 'account', 'project', 'provider', 'mode', 'resolution', 'created_at'), name='generation_team_failed'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.Case(models.When(created_at__isnull=True, then=models.Value(datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), default=models.F('created_at')), models.F('id'), condition=models.Q(('status__in', ['pending', 'processing', 'unknown'])), include=('team', 'owner', 'status', 'created_at'), name='generation_live'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.Case(models.When(created_at__isnull=True, then=models.Value(datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), default=models.F('created_at')), models.F('id'), condition=models.Q(('flags__overlap', ['status_went_back', 'changed_after_completion', 'credits_changed', 'refunded'])), include=('team', 'owner', 'flags', 'created_at'), name='generation_changed'),
        ),
        migrations.AddIndex(
            model_name='lookup',
            index=models.Index(condition=models.Q(('outcome__in', ['denied', 'missing', 'unauthorized', 'rate_limited', 'rejected', 'unreachable', 'malformed'])), fields=['outcome', 'generation'], include=('team', 'owner'), name='lookup_not_ok'),
        ),
    ]
