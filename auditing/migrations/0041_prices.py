"""What a credit of an account costs, from which day on."""

import django.db.models.deletion
from django.db import migrations, models

from auditing.migrations._walls import MANAGED, TEAM, wall

OF_ITS_TEAM = """EXISTS (
    SELECT FROM auditing_account AS account
    WHERE account.id = account_id AND account.team_id = auditing_accountprice.team_id
)"""


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0040_hours_of_the_week'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountPrice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField()),
                ('price', models.DecimalField(decimal_places=10, max_digits=20, null=True)),
                ('currency', models.CharField(default='', max_length=3)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='prices', to='auditing.account')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='auditing.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'valid_from'), name='account_price_once_a_day'), models.CheckConstraint(condition=models.Q(('price__gte', 0)), name='account_price_not_negative'), models.CheckConstraint(condition=models.Q(models.Q(('currency', ''), ('price__isnull', True)), models.Q(('currency__regex', '^[A-Z]{3}$'), ('price__isnull', False)), _connector='OR'), name='account_price_in_a_currency')],
            },
        ),
        wall(
            "auditing_accountprice",
            TEAM,
            adds=f"{MANAGED} AND {OF_ITS_TEAM}",
            changes=f"{MANAGED} AND {OF_ITS_TEAM}",
            columns=("price", "currency"),
            removes=MANAGED,
        ),
    ]
