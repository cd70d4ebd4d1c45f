"""The trail holds acts to their form, not to a list: another act needs no migration; and more of what changed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0013_indexes_with_walls'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='trailentry', name='trail_act_known'),
        migrations.AlterField(
            model_name='trailentry', name='act', field=models.CharField(max_length=32),
        ),
        migrations.AlterField(
            model_name='trailentry', name='result', field=models.CharField(default='', max_length=300),
        ),
        migrations.AddConstraint(
            model_name='trailentry',
            constraint=models.CheckConstraint(
                condition=models.Q(('act__regex', '^[a-z]+(_[a-z]+)*$')), name='trail_act_is_a_word'
            ),
        ),
    ]
