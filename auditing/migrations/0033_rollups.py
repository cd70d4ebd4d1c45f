"""Totals, histograms of times and the rows behind them change in one transaction: triggers see to it."""

from django.conf import settings
from django.db import migrations

from auditing.migrations._rollups import (
    FACT_KEY,
    FUNCTIONS,
    KEPT,
    MEASURES,
    NO_FUNCTIONS,
    ROLLUP,
    TIMING,
    facts,
    listed,
    rows_of,
)
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
CREATE VIEW auditing_fact WITH (security_invoker) AS
{facts(rows_of("public.auditing_generation", 1))};
GRANT SELECT ON auditing_fact TO {WEB};
"""


def trigger(event, *sources):
    """What a statement changed, as deltas: aggregated, and only where something is left after that."""
    tables = {"written": "NEW TABLE AS written", "gone": "OLD TABLE AS gone"}
    rows = " UNION ALL ".join(rows_of(name, sign) for name, sign in sources)
    return f"""
CREATE FUNCTION auditing_rollup_{event}() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.auditing_rollupdelta ({listed((*FACT_KEY, *MEASURES))})
    SELECT {listed(FACT_KEY)}, {listed(MEASURES, "sum({0})")}
    FROM ({facts(rows)}) AS changed
    GROUP BY {listed(FACT_KEY)}
    HAVING {" OR ".join(f"sum({name}) <> 0" for name in MEASURES)};
    RETURN NULL;
END
$$;
CREATE TRIGGER auditing_rollup_{event} AFTER {event.upper()} ON auditing_generation
    REFERENCING {" ".join(tables[name] for name, _ in sources)}
    FOR EACH STATEMENT EXECUTE FUNCTION auditing_rollup_{event}();
"""


KEEPING = f"""
{trigger("insert", ("written", 1))}
{trigger("update", ("written", 1), ("gone", -1))}
{trigger("delete", ("gone", -1))}
CREATE FUNCTION auditing_rollup_truncate() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    LOCK TABLE public.auditing_rollupzone IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM public.auditing_rollupdelta;
    {"".join(f"DELETE FROM public.{kept.table};" for kept in KEPT)}
    RETURN NULL;
END
$$;
CREATE TRIGGER auditing_rollup_truncate AFTER TRUNCATE ON auditing_generation
    FOR EACH STATEMENT EXECUTE FUNCTION auditing_rollup_truncate();
"""
NOT_KEEPING = "".join(
    f"DROP TRIGGER auditing_rollup_{event} ON auditing_generation; DROP FUNCTION auditing_rollup_{event}();"
    for event in ("insert", "update", "delete", "truncate")
)

# The zone's table is the lock of who changes cells; nobody who writes or reads rows ever waits for it.
LOCK = "LOCK TABLE public.auditing_rollupzone IN SHARE ROW EXCLUSIVE MODE"


def emptied(kept):
    """Takes away this table's cells that count nothing any more."""
    return f"""
    DELETE FROM public.{kept.table} AS cell USING unnest(changed_{kept.table}, emptied_{kept.table}) AS gone(part, place)
    WHERE cell.tableoid = gone.part AND cell.ctid = gone.place;"""


FOLDING = f"""
CREATE FUNCTION auditing_fold_rollups(most bigint) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    folded bigint;
    bound bigint;
    {"".join(f"changed_{kept.table} oid[]; emptied_{kept.table} tid[];" for kept in KEPT)}
BEGIN
    BEGIN
        {LOCK} NOWAIT;
    EXCEPTION WHEN lock_not_available THEN
        RETURN NULL;
    END;
    -- The table is mostly empty, and is planned for as that: so each plan has to be good for many rows, too. That
    -- of `id IN (SELECT … LIMIT most)` reads the first rows again for every row.
    SELECT max(id) INTO bound FROM (SELECT id FROM public.auditing_rollupdelta ORDER BY id LIMIT most) AS first;
    WITH taken AS MATERIALIZED (
        DELETE FROM public.auditing_rollupdelta WHERE id <= bound RETURNING *
    ), totals AS (
        {ROLLUP.add(ROLLUP.cells("taken"))} RETURNING kept.tableoid, kept.ctid, {ROLLUP.is_empty("kept")} AS is_empty
    ), timings AS (
        {TIMING.add(TIMING.cells("taken"))} RETURNING kept.tableoid, kept.ctid, {TIMING.is_empty("kept")} AS is_empty
    )
    SELECT (SELECT count(*) FROM taken),
        {", ".join(
            f"(SELECT array_agg({column}) FROM {name} WHERE is_empty)"
            for name in ("totals", "timings") for column in ("tableoid", "ctid")
        )}
    INTO folded, {", ".join(f"changed_{kept.table}, emptied_{kept.table}" for kept in KEPT)};
    {"".join(emptied(kept) for kept in KEPT)}
    RETURN folded;
END
$$;
REVOKE ALL ON FUNCTION auditing_fold_rollups(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auditing_fold_rollups(bigint) TO {WORKER};
"""
NOT_FOLDING = "DROP FUNCTION auditing_fold_rollups(bigint);"

# Corrections are added, as deltas are: what is written meanwhile loses nothing. But days are cut by one zone or
# another, so who changes it waits for all that write rows, and they for it.
MENDING = f"""
CREATE FUNCTION auditing_mend_rollups(wanted text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    differed bigint := 0;
    mended bigint;
BEGIN
    {LOCK};
    IF (SELECT zone FROM public.auditing_rollupzone) <> wanted THEN
        LOCK TABLE public.auditing_rollupzone IN ACCESS EXCLUSIVE MODE;
        UPDATE public.auditing_rollupzone SET zone = wanted;
    END IF;
    {"".join(f"""
    {kept.mended()};
    GET DIAGNOSTICS mended = ROW_COUNT;
    differed := differed + mended;
    DELETE FROM public.{kept.table} AS cell WHERE {kept.is_empty("cell")};""" for kept in KEPT)}
    RETURN differed;
END
$$;
REVOKE ALL ON FUNCTION auditing_mend_rollups(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auditing_mend_rollups(text) TO {WORKER};
"""
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
        migrations.RunSQL(FOLDING, NOT_FOLDING),
        migrations.RunSQL(MENDING, NOT_MENDING),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
