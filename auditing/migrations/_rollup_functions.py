"""What keeps rollups, as migrations spell it for a design: the view of facts, triggers, folding and mending."""

from auditing.migrations._rollups import MEASURES, listed, rows_of
from auditing.migrations._walls import WORKER

EVENTS = {
    "insert": (("written", 1),),
    "update": (("written", 1), ("gone", -1)),
    "delete": (("gone", -1),),
}
# The zone's table is the lock of who changes cells; nobody who writes or reads rows ever waits for it.
LOCK = "LOCK TABLE public.auditing_rollupzone IN SHARE ROW EXCLUSIVE MODE"


def facts_view(design):
    """The rows as facts. Columns that came later stand at the end: it is replaced where it stands."""
    return f"""
CREATE OR REPLACE VIEW auditing_fact WITH (security_invoker) AS
{design.facts(rows_of("public.auditing_generation", 1))};
"""


def keeping(design):
    """Each event's function: what a statement changed, as deltas; aggregated, and only where something is left
    after that."""
    return "".join(_kept_at(design, event) for event in EVENTS)


def _kept_at(design, event):
    rows = " UNION ALL ".join(rows_of(name, sign) for name, sign in EVENTS[event])
    return f"""
CREATE OR REPLACE FUNCTION auditing_rollup_{event}() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.auditing_rollupdelta ({listed((*design.fact_key, *MEASURES))})
    SELECT {listed(design.fact_key)}, {listed(MEASURES, "sum({0})")}
    FROM ({design.facts(rows)}) AS changed
    GROUP BY {listed(design.fact_key)}
    HAVING {" OR ".join(f"sum({name}) <> 0" for name in MEASURES)};
    RETURN NULL;
END
$$;
"""


def emptying(design):
    """The function of what happens to rollups where the table of generations is emptied."""
    return f"""
CREATE OR REPLACE FUNCTION auditing_rollup_truncate() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    {LOCK};
    DELETE FROM public.auditing_rollupdelta;
    {"".join(f"DELETE FROM public.{kept.table};" for kept in design.kept)}
    RETURN NULL;
END
$$;
"""


def _emptied(kept):
    """Takes away this table's cells that count nothing any more."""
    return f"""
    DELETE FROM public.{kept.table} AS cell USING unnest(changed_{kept.table}, emptied_{kept.table}) AS gone(part, place)
    WHERE cell.tableoid = gone.part AND cell.ctid = gone.place;"""


def folding(design):
    """The function that moves the first deltas into cells; null while another process does."""
    moved = ", ".join(
        f"""into_{kept.table} AS (
        {kept.add(kept.cells("taken"))} RETURNING kept.tableoid, kept.ctid, {kept.is_empty("kept")} AS is_empty
    )"""
        for kept in design.kept
    )
    return f"""
CREATE OR REPLACE FUNCTION auditing_fold_rollups(most bigint) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    folded bigint;
    bound bigint;
    {"".join(f"changed_{kept.table} oid[]; emptied_{kept.table} tid[];" for kept in design.kept)}
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
    ), {moved}
    SELECT (SELECT count(*) FROM taken),
        {", ".join(
            f"(SELECT array_agg({column}) FROM into_{kept.table} WHERE is_empty)"
            for kept in design.kept for column in ("tableoid", "ctid")
        )}
    INTO folded, {", ".join(f"changed_{kept.table}, emptied_{kept.table}" for kept in design.kept)};
    {"".join(_emptied(kept) for kept in design.kept)}
    RETURN folded;
END
$$;
REVOKE ALL ON FUNCTION auditing_fold_rollups(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auditing_fold_rollups(bigint) TO {WORKER};
"""


def mending(design):
    """The function that makes every cell what its rows add up to, by a zone.

    Corrections are added, as deltas are: what is written meanwhile loses nothing. But days are cut by one zone
    or another, so who changes it waits for all that write rows, and they for it.
    """
    return f"""
CREATE OR REPLACE FUNCTION auditing_mend_rollups(wanted text) RETURNS bigint LANGUAGE plpgsql
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
    DELETE FROM public.{kept.table} AS cell WHERE {kept.is_empty("cell")};""" for kept in design.kept)}
    RETURN differed;
END
$$;
REVOKE ALL ON FUNCTION auditing_mend_rollups(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auditing_mend_rollups(text) TO {WORKER};
"""
