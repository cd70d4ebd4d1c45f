"""Reports of a year read few cells, whoever asks: also those over thousands of people and over every team."""

from django.db import migrations

from auditing.migrations._rollup_functions import emptying, folding, mending
from auditing.migrations._rollups import WITH_HOURS
from auditing.migrations._small_rollups import (
    DURATIONS,
    MORE_TIMINGS,
    MORE_TOTALS,
    NETS,
    NEW,
    WITH_SMALL,
    found_without_a_team,
)
from auditing.migrations._walls import RECORD, wall

# Whoever writes rows waits until this is over: no delta may come in between that the new cells know nothing of.
STOP = """
LOCK TABLE auditing_rollupzone IN ACCESS EXCLUSIVE MODE;
SELECT auditing_fold_rollups(9223372036854775807);
"""
FUNCTIONS = folding(WITH_SMALL) + mending(WITH_SMALL) + emptying(WITH_SMALL)
FUNCTIONS_BEFORE = folding(WITH_HOURS) + mending(WITH_HOURS) + emptying(WITH_HOURS)
NO_DIFFERENCES = "".join(f"DROP VIEW {kept.table}_difference;" for kept in WITH_HOURS.kept)
DIFFERENCES_BEFORE = "".join(kept.differences() for kept in WITH_HOURS.kept)
DIFFERENCES = "".join(kept.differences() for kept in WITH_SMALL.kept)
NO_DIFFERENCES_NOW = "".join(f"DROP VIEW {kept.table}_difference;" for kept in WITH_SMALL.kept)
INDEXES = [one for kept in WITH_SMALL.kept for one in found_without_a_team(kept)]


def parts(kept):
    """A cuboid's table each, with its wall."""
    gone = "".join(f"DROP TABLE {name};" for _, name in kept.partitions())
    return [migrations.RunSQL(kept.parted(), gone), *(wall(name, RECORD) for _, name in kept.partitions())]


def table(kept):
    """A table of its own, and its cuboids'."""
    walls = [wall(name, RECORD) for name in (kept.table, *(name for _, name in kept.partitions()))]
    return [migrations.RunSQL(kept.created(), f"DROP TABLE {kept.table};"), *walls]


def fill(apps, schema_editor):
    """What the rows add up to. The server adds up in memory what fits there."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")
        for kept in NEW:
            cursor.execute(kept.add(kept.cells("auditing_fact")))


class Migration(migrations.Migration):

    dependencies = [("auditing", "0052_never_by_team")]

    operations = [
        migrations.RunSQL(STOP, migrations.RunSQL.noop),
        migrations.RunSQL(NO_DIFFERENCES, DIFFERENCES_BEFORE),
        *parts(MORE_TOTALS),
        *parts(MORE_TIMINGS),
        *table(NETS),
        *table(DURATIONS),
        migrations.RunSQL(FUNCTIONS, FUNCTIONS_BEFORE),
        migrations.RunSQL(DIFFERENCES, NO_DIFFERENCES_NOW),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL(
            "".join(f"CREATE INDEX {name} ON {where};\n" for name, where in INDEXES),
            "".join(f"DROP INDEX {name};\n" for name, _ in INDEXES),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, STOP),
    ]
