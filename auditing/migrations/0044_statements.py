"""What providers say that they charged: statements, for those who see the whole team."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from auditing.migrations._walls import MANAGED, PERSON, WEB, as_filter, said, wall

# Whoever sees all of the team's jobs. A statement has others' numbers, so members see none of it.
WHOLE = as_filter(
    "current_setting('clipledger.everything', true) = 'true'"
    f" OR team_id = ANY ({said('whole_teams', 'bigint[]')}::bigint[])"
)
# Under one's own name; no token enters any.
BY_A_PERSON = "(SELECT coalesce(current_setting('clipledger.team', true), '')) = ''"
ENTERED = f"{MANAGED} AND {BY_A_PERSON} AND person_id = {PERSON} AND withdrawn_at IS NULL"
# Nothing of it changes but that it is withdrawn, once.
WITHDRAWN = f"""
CREATE POLICY changed ON auditing_statement FOR UPDATE TO {WEB}
    USING ({MANAGED} AND {BY_A_PERSON} AND withdrawn_at IS NULL)
    WITH CHECK ({MANAGED} AND withdrawn_at IS NOT NULL AND withdrawn_by_id = {PERSON});
GRANT UPDATE (withdrawn_at, withdrawn_by_id) ON auditing_statement TO {WEB};
"""
# A statement's account, and its lines, are of its own team.
ONE_TEAM = """
ALTER TABLE auditing_statement ADD CONSTRAINT statement_account_of_its_team
    FOREIGN KEY (account_id, team_id) REFERENCES auditing_account (id, team_id);
ALTER TABLE auditing_statementline ADD CONSTRAINT statement_line_of_its_team
    FOREIGN KEY (statement_id, team_id) REFERENCES auditing_statement (id, team_id);
"""
NOT_ONE_TEAM = """
ALTER TABLE auditing_statementline DROP CONSTRAINT statement_line_of_its_team;
ALTER TABLE auditing_statement DROP CONSTRAINT statement_account_of_its_team;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0043_budgets'),
    ]

    operations = [
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first', models.DateField()),
                ('last', models.DateField()),
                ('reference', models.CharField(blank=True, default='', max_length=200)),
                ('note', models.CharField(blank=True, default='', max_length=1000)),
                ('total_thousandths', models.BigIntegerField(null=True)),
                ('lines', models.PositiveBigIntegerField(default=0)),
                ('lines_unknown', models.PositiveBigIntegerField(default=0)),
                ('lines_thousandths', models.BigIntegerField(null=True)),
                ('file', models.CharField(blank=True, default='', max_length=255)),
                ('digest', models.CharField(blank=True, default='', max_length=64)),
                ('entered_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='auditing.account')),
                ('person', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='auditing.team')),
                ('withdrawn_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['team', 'id'], name='statement_team')],
                'constraints': [
                    models.UniqueConstraint(fields=('id', 'team'), name='statement_and_its_team'),
                    models.UniqueConstraint(condition=models.Q(models.Q(('digest', ''), _negated=True), ('withdrawn_at', None)), fields=('account', 'digest'), name='statement_file_once_an_account'),
                    models.CheckConstraint(condition=models.Q(('last__gte', models.F('first'))), name='statement_ends_after_it_begins'),
                    models.CheckConstraint(condition=models.Q(('total_thousandths__isnull', False), ('lines__gt', 0), _connector='OR'), name='statement_says_something'),
                ],
            },
        ),
        migrations.CreateModel(
            name='StatementLine',
            fields=[
                ('pk', models.CompositePrimaryKey('statement', 'number', blank=True, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveBigIntegerField()),
                ('external_id', models.CharField(max_length=255)),
                ('credits_thousandths', models.BigIntegerField(null=True)),
                ('charged_at', models.DateTimeField(null=True)),
                ('statement', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='auditing.statement')),
                ('team', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='auditing.team')),
            ],
            options={
                'indexes': [models.Index(fields=['statement', 'external_id'], include=('number', 'credits_thousandths', 'charged_at', 'team'), name='statement_line_of_an_id')],
            },
        ),
        migrations.RunSQL(ONE_TEAM, NOT_ONE_TEAM),
        wall("auditing_statement", WHOLE, adds=ENTERED),
        migrations.RunSQL(WITHDRAWN, migrations.RunSQL.noop),
        wall("auditing_statementline", WHOLE, adds=MANAGED),
    ]
