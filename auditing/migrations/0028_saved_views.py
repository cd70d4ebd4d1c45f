"""Lists under a name: their owner's, or shared with a team."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from auditing.migrations._walls import MANAGED, TEAM, wall

# A list is looked at by people: a token's bearer has none.
MINE = (
    "owner_id = (SELECT auditing_person())"
    " AND (SELECT coalesce(current_setting('clipledger.team', true), '')) = ''"
)
# What names people is for those who see the whole team; nobody sees what another keeps to themselves.
SHARED = (
    "((SELECT auditing_everything()) AND team_id IS NOT NULL)"
    " OR team_id = ANY ((SELECT auditing_whole_teams())::bigint[])"
    " OR (NOT names_people AND team_id = ANY ((SELECT auditing_own_teams())::bigint[]))"
)
WITH_ONES_OWN_TEAM = f"({MINE}) AND (team_id IS NULL OR {TEAM})"


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0027_exports'),
    ]

    operations = [
        migrations.AddField(
            model_name='listpreference',
            name='default_view',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='listpreference',
            name='pinned_views',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list),
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('query', models.TextField(max_length=4000)),
                ('names_people', models.BooleanField(default=False)),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to='auditing.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(models.F('owner'), django.db.models.functions.text.Lower('name'), name='saved_view_name_once_a_person'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='saved_view_has_a_name')],
            },
        ),
        wall(
            "auditing_savedview",
            f"({MINE}) OR {SHARED}",
            adds=WITH_ONES_OWN_TEAM,
            changes=WITH_ONES_OWN_TEAM,
            removes=f"({MINE}) OR {MANAGED}",
        ),
    ]
