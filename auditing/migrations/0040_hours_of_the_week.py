"""Cells of times tell in which hours of the week their jobs were created, too."""

from django.db import migrations

from auditing.migrations._rollup_functions import facts_view, folding, keeping, mending
from auditing.migrations._rollups import AT_FIRST, HOUR, TIMING, TIMING_WITH_HOURS, WITH_HOURS, listed
from auditing.migrations._walls import WEB

# Whoever writes rows waits until this is over: no delta may come in between that knows of no hour. Those that wait
# to be folded are folded before, as they are.
STOP = """
LOCK TABLE auditing_rollupzone IN ACCESS EXCLUSIVE MODE;
SELECT auditing_fold_rollups(9223372036854775807);
"""
COLUMNS = f"""
ALTER TABLE auditing_rollupdelta ADD COLUMN {HOUR} smallint;
ALTER TABLE auditing_rolluptiming ADD COLUMN {HOUR} numeric NOT NULL DEFAULT 0;
ALTER TABLE auditing_rolluptiming ALTER COLUMN {HOUR} DROP DEFAULT;
"""
NO_COLUMNS = f"""
ALTER TABLE auditing_rollupdelta DROP COLUMN {HOUR};
ALTER TABLE auditing_rolluptiming DROP COLUMN {HOUR};
"""
NO_DIFFERENCES = "DROP VIEW auditing_rolluptiming_difference;"
FUNCTIONS = keeping(WITH_HOURS) + folding(WITH_HOURS) + mending(WITH_HOURS)
FUNCTIONS_BEFORE = keeping(AT_FIRST) + folding(AT_FIRST) + mending(AT_FIRST)
# A view loses no column: the one before is made anew, and so is what looks at it.
FACTS_BEFORE = f"""
DROP VIEW auditing_rollup_difference;
DROP VIEW auditing_fact;
{facts_view(AT_FIRST)}
GRANT SELECT ON auditing_fact TO {WEB};
{AT_FIRST.kept[0].differences()}
"""


def fill(apps, schema_editor):
    """Every cell's hours. All have a cell, so nothing but these is written."""
    key = listed((*TIMING_WITH_HOURS.key, "cuboid"))
    into = listed(("cuboid", *TIMING_WITH_HOURS.key, *TIMING_WITH_HOURS.measures))
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"""
            INSERT INTO auditing_rolluptiming AS kept ({into})
            {TIMING_WITH_HOURS.cells("auditing_fact")}
            ON CONFLICT ({key}) DO UPDATE SET {HOUR} = excluded.{HOUR}""")


class Migration(migrations.Migration):

    dependencies = [("auditing", "0038_closed_months")]

    operations = [
        migrations.RunSQL(STOP, migrations.RunSQL.noop),
        migrations.RunSQL(NO_DIFFERENCES, TIMING.differences()),
        migrations.RunSQL(migrations.RunSQL.noop, FACTS_BEFORE),
        migrations.RunSQL(COLUMNS, NO_COLUMNS),
        migrations.RunSQL(FUNCTIONS, FUNCTIONS_BEFORE),
        migrations.RunSQL(facts_view(WITH_HOURS), migrations.RunSQL.noop),
        migrations.RunSQL(TIMING_WITH_HOURS.differences(), NO_DIFFERENCES),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL(migrations.RunSQL.noop, STOP),
    ]
