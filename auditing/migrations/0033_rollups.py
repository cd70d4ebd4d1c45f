"""Totals, histograms of times and the rows behind them change in one transaction: triggers see to it."""

from django.conf import settings
from django.db import migrations

from auditing.migrations._rollup_functions import EVENTS, emptying, facts_view, folding, keeping, mending
from auditing.migrations._rollups import AT_FIRST, FUNCTIONS, KEPT, MEASURES, NO_FUNCTIONS, listed
from auditing.migrations._walls import RECORD, WEB, WORKER, wall

# The zone that days are cut by. Not the environment's: rows that are there were cut by this one.
ZONE = f"""
CREATE TABLE auditing_rollupzone (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    zone text NOT NULL
);
REVOKE INSERT, DELETE ON auditing_rollupzone FROM {WORKER};
GRANT SELECT ON auditing_rollupzone TO {WEB};
"""

DELTAS = f"""
CREATE TABLE auditing_rollupdelta (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    day date, team_id bigint NOT NULL, owner_id bigint, account_id bigint NOT NULL, provider varchar(32) NOT NULL,
    project_id bigint, mode text, resolution text, status varchar(16), credits_basis varchar(16),
    waiting smallint, running smallint,
    {listed(MEASURES, "{0} bigint NOT NULL")}
);
"""

FACT = f"""
{facts_view(AT_FIRST)}
GRANT SELECT ON auditing_fact TO {WEB};
"""


def trigger(event, sources):
    """After each statement, its event's function."""
    tables = {"written": "NEW TABLE AS written", "gone": "OLD TABLE AS gone"}
    return f"""
CREATE TRIGGER auditing_rollup_{event} AFTER {event.upper()} ON auditing_generation
    REFERENCING {" ".join(tables[name] for name, _ in sources)}
    FOR EACH STATEMENT EXECUTE FUNCTION auditing_rollup_{event}();
"""


KEEPING = f"""
{keeping(AT_FIRST)}
{"".join(trigger(event, sources) for event, sources in EVENTS.items())}
{emptying(AT_FIRST)}
CREATE TRIGGER auditing_rollup_truncate AFTER TRUNCATE ON auditing_generation
    FOR EACH STATEMENT EXECUTE FUNCTION auditing_rollup_truncate();
"""
NOT_KEEPING = "".join(
    f"DROP TRIGGER auditing_rollup_{event} ON auditing_generation; DROP FUNCTION auditing_rollup_{event}();"
    for event in (*EVENTS, "truncate")
)
NOT_FOLDING = "DROP FUNCTION auditing_fold_rollups(bigint);"
NOT_MENDING = "DROP FUNCTION auditing_mend_rollups(text);"


def begin(apps, schema_editor):
    """Cut by the environment's zone, and add up what is there."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("INSERT INTO auditing_rollupzone (zone) VALUES (%s)", [settings.REPORT_TIME_ZONE])
        for kept in KEPT:
            cursor.execute(kept.add(kept.cells("auditing_fact")))


class Migration(migrations.Migration):
    dependencies = [("auditing", "0032_credits_at_their_most")]
    operations = [
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunSQL(ZONE, "DROP TABLE auditing_rollupzone;"),
        migrations.RunSQL(FACT, "DROP VIEW auditing_fact;"),
        migrations.RunSQL(DELTAS, "DROP TABLE auditing_rollupdelta;"),
        wall("auditing_rollupdelta", RECORD),
        *(
            operation
            for kept in KEPT
            for operation in (
                migrations.RunSQL(kept.created(), f"DROP TABLE {kept.table};"),
                *(wall(name, RECORD) for name in (kept.table, *(name for _, name in kept.partitions()))),
                migrations.RunSQL(kept.differences(), f"DROP VIEW {kept.table}_difference;"),
            )
        ),
        migrations.RunSQL(KEEPING, NOT_KEEPING),
        migrations.RunSQL(folding(AT_FIRST), NOT_FOLDING),
        migrations.RunSQL(mending(AT_FIRST), NOT_MENDING),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
