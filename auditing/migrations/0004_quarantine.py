from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0003_lease'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='quarantined_at',
            field=models.DateTimeField(null=True),
        ),
    ]
