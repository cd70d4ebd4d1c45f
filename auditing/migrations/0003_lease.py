import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0002_append_only'),
    ]

    operations = [
        migrations.CreateModel(
            name='Lease',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='lease', serialize=False, to='auditing.account')),
                ('fence', models.BigIntegerField()),
                ('host', models.TextField()),
                ('process', models.TextField()),
                ('expires_at', models.DateTimeField()),
                ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='leases', to='auditing.run')),
            ],
        ),
    ]
