"""Sorts' indexes take along what the walls look at, so that counts below them read no table."""

import datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0012_watch'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='generation',
            name='generation_created',
        ),
        migrations.RemoveIndex(
            model_name='generation',
            name='generation_team_created',
        ),
        migrations.RemoveIndex(
            model_name='generation',
            name='generation_owner_created',
        ),
        migrations.RemoveIndex(
            model_name='generation',
            name='generation_updated',
        ),
        migrations.RemoveIndex(
            model_name='generation',
            name='generation_credits',
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.Case(models.When(created_at__isnull=True, then=models.Value(datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), default=models.F('created_at')), models.F('id'), include=('team', 'owner'), name='generation_created'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.F('team'), models.Case(models.When(created_at__isnull=True, then=models.Value(datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), default=models.F('created_at')), models.F('id'), include=('owner',), name='generation_team_created'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.F('owner'), models.Case(models.When(created_at__isnull=True, then=models.Value(datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), default=models.F('created_at')), models.F('id'), include=('team',), name='generation_owner_created'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.Case(models.When(then=models.Value(datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField()), updated_at__isnull=True), default=models.F('updated_at')), models.F('id'), include=('team', 'owner'), name='generation_updated'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.Case(models.When(credits_thousandths__isnull=True, then=models.Value(-1, output_field=models.BigIntegerField())), default=models.F('credits_thousandths')), models.F('id'), include=('team', 'owner'), name='generation_credits'),
        ),
    ]
