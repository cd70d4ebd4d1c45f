import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0004_quarantine'),
    ]

    operations = [
        migrations.AddField(
            model_name='lookup',
            name='denied_by',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list),
        ),
    ]
