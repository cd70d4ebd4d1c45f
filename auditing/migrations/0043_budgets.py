"""Budgets, what was told of them, and letters to people."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from auditing.migrations._walls import MANAGED, PERSON, RECORD, wall

# A budget is seen with all the rows that it counts, so its wall is theirs: `owner_id` is whose credits are
# budgeted. What hangs on it is seen with it.
OF_A_SEEN_BUDGET = "EXISTS (SELECT FROM auditing_budget AS budget WHERE budget.id = budget_id)"
OF_A_MANAGED_BUDGET = (
    f"EXISTS (SELECT FROM auditing_budget AS budget WHERE budget.id = budget_id AND budget.{MANAGED})"
)
# What stood in a month that is over everywhere stays: zones are up to 12 hours behind UTC.
NOT_OVER = "from_month + interval '1 month 12 hours' > (statement_timestamp() AT TIME ZONE 'UTC')"
MINE = f"person_id = {PERSON}"
OF_A_SEEN_NOTICE = "EXISTS (SELECT FROM auditing_budgetnotice AS notice WHERE notice.id = notice_id)"

ONE_TEAM = """
ALTER TABLE auditing_budget ADD CONSTRAINT budget_account_of_its_team
    FOREIGN KEY (account_id, team_id) REFERENCES auditing_account (id, team_id);
"""
NOT_ONE_TEAM = "ALTER TABLE auditing_budget DROP CONSTRAINT budget_account_of_its_team;"


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0042_refunds'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReportSubscription',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='report_subscription', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='Budget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='budgets', to='auditing.account')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='budgets', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='budgets', to='auditing.team')),
            ],
        ),
        migrations.CreateModel(
            name='BudgetNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('threshold', models.PositiveSmallIntegerField()),
                ('noticed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('used', models.BigIntegerField()),
                ('allowed', models.BigIntegerField()),
                ('unknown', models.BigIntegerField()),
                ('budget', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='auditing.budget')),
            ],
        ),
        migrations.CreateModel(
            name='BudgetTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_month', models.DateField()),
                ('thousandths', models.BigIntegerField(null=True)),
                ('documented', models.BooleanField(default=True)),
                ('set_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('budget', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='terms', to='auditing.budget')),
            ],
            options={
                'ordering': ('from_month',),
            },
        ),
        migrations.CreateModel(
            name='Mailing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(null=True)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('claimed_until', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('dropped_at', models.DateTimeField(null=True)),
                ('fault', models.CharField(default='', max_length=300)),
                ('notice', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mailings', to='auditing.budgetnotice')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mailings', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='NoticeDismissal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dismissed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('notice', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='dismissals', to='auditing.budgetnotice')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.UniqueConstraint(fields=('team', 'owner', 'account'), name='budget_once_a_subject', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.CheckConstraint(condition=models.Q(('owner', None), ('account', None), _connector='OR'), name='budget_of_one_subject'),
        ),
        migrations.AddConstraint(
            model_name='budgetnotice',
            constraint=models.UniqueConstraint(fields=('budget', 'month', 'threshold'), name='budget_notice_once'),
        ),
        migrations.AddConstraint(
            model_name='budgetnotice',
            constraint=models.CheckConstraint(condition=models.Q(('threshold__in', (50, 80, 100))), name='budget_notice_threshold_known'),
        ),
        migrations.AddConstraint(
            model_name='budgetterm',
            constraint=models.UniqueConstraint(fields=('budget', 'from_month'), name='budget_term_once_a_month'),
        ),
        migrations.AddConstraint(
            model_name='budgetterm',
            constraint=models.CheckConstraint(condition=models.Q(('from_month__day', 1)), name='budget_term_of_a_whole_month'),
        ),
        migrations.AddConstraint(
            model_name='budgetterm',
            constraint=models.CheckConstraint(condition=models.Q(('thousandths__gt', 0)), name='budget_term_of_something'),
        ),
        migrations.AddIndex(
            model_name='mailing',
            index=models.Index(condition=models.Q(('dropped_at', None), ('sent_at', None)), fields=['next_try_at'], name='mailing_open'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.UniqueConstraint(fields=('person', 'notice'), name='mailing_once_a_notice'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.UniqueConstraint(fields=('person', 'month'), name='mailing_once_a_month'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('month__isnull', False), ('notice', None)), models.Q(('month', None), ('notice__isnull', False)), _connector='OR'), name='mailing_of_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='noticedismissal',
            constraint=models.UniqueConstraint(fields=('notice', 'person'), name='notice_dismissed_once_a_person'),
        ),
        migrations.RunSQL(ONE_TEAM, NOT_ONE_TEAM),
        wall("auditing_budget", RECORD, adds=MANAGED),
        wall(
            "auditing_budgetterm",
            OF_A_SEEN_BUDGET,
            adds=OF_A_MANAGED_BUDGET,
            removes=f"{OF_A_MANAGED_BUDGET} AND {NOT_OVER}",
        ),
        wall("auditing_budgetnotice", OF_A_SEEN_BUDGET),
        wall("auditing_noticedismissal", MINE, adds=f"{MINE} AND {OF_A_SEEN_NOTICE}"),
        wall("auditing_reportsubscription", MINE, adds=MINE, removes=MINE),
        wall("auditing_mailing", MINE),
    ]
