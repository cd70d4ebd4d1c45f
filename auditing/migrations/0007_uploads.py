"""People register ids on a page and by HTTP, and keep for a while what became of them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from auditing.migrations._walls import MANAGED, OWN, WEB, wall

# Managers register ids for anybody of their team, members as their own; new projects come with them.
ADDED = f"{MANAGED} OR {OWN}"
OF_ONES_TEAM = f"{MANAGED} OR team_id = ANY ((SELECT auditing_own_teams())::bigint[])"
REGISTERING = f"""
CREATE POLICY added ON auditing_generation FOR INSERT TO {WEB} WITH CHECK ({ADDED});
CREATE POLICY added ON auditing_lookup FOR INSERT TO {WEB} WITH CHECK ({ADDED});
GRANT INSERT ON auditing_generation, auditing_lookup TO {WEB};
DROP POLICY added ON auditing_project;
CREATE POLICY added ON auditing_project FOR INSERT TO {WEB} WITH CHECK ({OF_ONES_TEAM});
"""
NOT_REGISTERING = f"""
REVOKE INSERT ON auditing_generation, auditing_lookup FROM {WEB};
DROP POLICY added ON auditing_generation;
DROP POLICY added ON auditing_lookup;
"""
# A report is its person's alone.
OWN_REPORT = "person_id = (SELECT auditing_person())"


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0006_fewer_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, max_length=255)),
                ('registered_at', models.DateTimeField()),
                ('new', models.PositiveIntegerField()),
                ('known', models.PositiveIntegerField()),
                ('rejected', models.PositiveIntegerField()),
                ('rejections', models.TextField(blank=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uploads', to='auditing.account')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uploads', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uploads', to='auditing.team')),
            ],
            options={
                'indexes': [models.Index(fields=['person', 'registered_at'], name='upload_person_time')],
            },
        ),
        migrations.RunSQL(REGISTERING, NOT_REGISTERING),
        wall("auditing_upload", OWN_REPORT, adds=f"{OWN_REPORT} AND ({OF_ONES_TEAM})", removes=OWN_REPORT),
    ]
