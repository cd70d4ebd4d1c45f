"""Indexes for the overview: records never looked up, and failures that cost something."""

import datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0033_rollups'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.Case(models.When(created_at__isnull=True, then=models.Value(datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), default=models.F('created_at')), models.F('id'), condition=models.Q(('credits_thousandths__gt', 0), ('status', 'failed')), include=('team', 'owner'), name='generation_charged'),
        ),
        migrations.AddIndex(
            model_name='lookup',
            index=models.Index(condition=models.Q(('outcome__isnull', True)), fields=['generation'], name='lookup_never'),
        ),
    ]
