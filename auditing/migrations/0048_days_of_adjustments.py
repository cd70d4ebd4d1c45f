"""Tells of a job that left a closed month for an end of the calendar by a day that exists, where months could be
closed already: databases that are made now have had this trigger since 0038."""

from django.db import migrations

from auditing.migrations._closing import ON_UPDATE

ANEW = f"""
DROP TRIGGER auditing_adjust_update ON auditing_generation;
DROP FUNCTION auditing_adjust_update();
{ON_UPDATE}
"""


class Migration(migrations.Migration):
    dependencies = [("auditing", "0047_few_of_many")]
    operations = [migrations.RunSQL(ANEW, migrations.RunSQL.noop)]
