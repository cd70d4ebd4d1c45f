"""Each person's own way to look at the list."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from auditing.migrations._walls import wall

# It is its person's alone; a token's bearer has no list to look at.
OWN_LIST = (
    "person_id = (SELECT auditing_person())"
    " AND (SELECT coalesce(current_setting('clipledger.team', true), '')) = ''"
)


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0024_trail_of_a_record'),
    ]

    operations = [
        migrations.CreateModel(
            name='ListPreference',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='list_preference', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('columns', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), default=list)),
                ('density', models.CharField(choices=[('comfortable', 'Comfortable'), ('compact', 'Compact')], default='comfortable', max_length=16)),
                ('per_page', models.PositiveSmallIntegerField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('density__in', ['comfortable', 'compact'])), name='list_preference_density_known')],
            },
        ),
        wall("auditing_listpreference", OWN_LIST, adds=OWN_LIST, changes=OWN_LIST, removes=OWN_LIST),
    ]
