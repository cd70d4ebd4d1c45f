"""Closed months as migrations spell them: freezing a month, and telling what became known of it since.

A change of a team's rows takes the team's lock as one of many and keeps it until its transaction ends; who closes
a month takes it alone, before anything is read. So a change is either committed before, and in the frozen lines,
or its trigger looks for closed months after the closing was committed, and tells of an adjustment. The lock is
in memory, one for each team of a statement; nobody waits for it but for the seconds that a month takes to close.
"""

from auditing.migrations._rollups import TOTAL_KEY, TOTALS, day_of, facts, listed, rows_of
from auditing.migrations._walls import WEB, WORKER

TABLES = ("auditing_closedmonth", "auditing_closedseal", "auditing_closedcell", "auditing_adjustment")
# A job's day is cut by the zone of the closing, whatever reports are cut by later.
KEY = tuple(name for name in TOTAL_KEY if name != "day")
LOCK_CLASS = 380_038  # of the locks that are a team's; the second number is the team's

# A snapshot of the whole transaction could miss a closing that was committed since it was taken.
READS_COMMITTED = """
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'generations are changed and months closed in READ COMMITTED, not in %',
            current_setting('transaction_isolation') USING ERRCODE = 'feature_not_supported';
    END IF;"""


def sides(sources):
    """What each row of these tables counts for in a closed month: 1 as it is written, -1 as it was."""
    return " UNION ALL ".join(
        f"""
        SELECT {sign} AS sign, month.id AS closed_id, month.zone,
            (fact.created_at AT TIME ZONE month.zone)::date AS day,
            fact.generation_id, fact.external_id, {listed((*KEY, *TOTALS), "fact.{0}")}
        FROM ({facts(rows_of(table, 1, "external_id"), "external_id")}) AS fact
        JOIN public.auditing_closedmonth AS month ON month.team_id = fact.team_id
            AND fact.created_at >= month.begins_at AND fact.created_at < month.ends_at"""
        for table, sign in sources
    )


def told(found, kind, other_day="NULL::date", also=""):
    """Tells of sides that have no equal on the other side of the change."""
    compared = ("day", *KEY, *TOTALS)
    return f"""
    this := nextval('public.auditing_adjustment_occasion');
    WITH sides AS MATERIALIZED ({found})
    INSERT INTO public.auditing_adjustment (
        occasion, known_at, kind, closed_id, sign, generation_id, external_id, other_day, day, {listed(KEY)},
        {listed(TOTALS)}
    )
    SELECT this, clock_timestamp(), {kind}, side.closed_id, side.sign, side.generation_id, side.external_id,
        {other_day}, side.day, {listed(KEY, "side.{0}")}, {listed(TOTALS, "side.sign * side.{0}")}
    FROM sides AS side
    LEFT JOIN sides AS other ON other.closed_id = side.closed_id
        AND other.generation_id = side.generation_id AND other.sign = -side.sign
    {also}
    WHERE other.generation_id IS NULL
        OR ROW({listed(compared, "side.{0}")}) IS DISTINCT FROM ROW({listed(compared, "other.{0}")})
    ORDER BY side.generation_id, side.closed_id, side.sign;"""


# As seen from the month; and on which day the job is where it is in this month no more, or was not: for
# whoever owns it on both sides of the change.
KIND_OF_UPDATE = "CASE WHEN other.sign IS NOT NULL THEN 'changed' WHEN side.sign < 0 THEN 'left' ELSE 'entered' END"
OTHER_DAY = f"""CASE WHEN other.sign IS NULL AND beside.owner_id IS NOT DISTINCT FROM side.owner_id
            THEN {day_of("beside.created_at", "side.zone")} END"""
BESIDE = """LEFT JOIN (
        SELECT -1 AS sign, id, owner_id, created_at FROM written UNION ALL SELECT 1, id, owner_id, created_at FROM gone
    ) AS beside ON beside.id = side.generation_id AND beside.sign = side.sign"""


def trigger(event, sources, kind, *more):
    """After a statement: waits for who closes a month of a team that it touched, then tells."""
    tables = {"written": "NEW TABLE AS written", "gone": "OLD TABLE AS gone"}
    touched = " UNION ALL ".join(f"SELECT team_id FROM {name}" for name, _ in sources)
    return f"""
CREATE FUNCTION auditing_adjust_{event}() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    teams bigint[] := ARRAY(SELECT DISTINCT team_id FROM ({touched}) AS touched ORDER BY team_id);
    team bigint;
    this bigint;
BEGIN{READS_COMMITTED}
    FOREACH team IN ARRAY teams LOOP
        PERFORM pg_advisory_xact_lock_shared({LOCK_CLASS}, (team % 2147483647)::int);
    END LOOP;
    IF NOT EXISTS (SELECT FROM public.auditing_closedmonth WHERE team_id = ANY (teams)) THEN
        RETURN NULL;
    END IF;
    {told(sides(sources), kind, *more)}
    RETURN NULL;
END
$$;
CREATE TRIGGER auditing_adjust_{event} AFTER {event.upper()} ON auditing_generation
    REFERENCING {" ".join(tables[name] for name, _ in sources)}
    FOR EACH STATEMENT EXECUTE FUNCTION auditing_adjust_{event}();
"""


ON_UPDATE = trigger("update", [("written", 1), ("gone", -1)], KIND_OF_UPDATE, OTHER_DAY, BESIDE)
TELLING = f"""
CREATE SEQUENCE auditing_adjustment_occasion;
{trigger("insert", [("written", 1)], "'registered'")}
{ON_UPDATE}
{trigger("delete", [("gone", -1)], "'deleted'")}
CREATE FUNCTION auditing_adjust_truncate() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    this bigint;
BEGIN
    {told(sides([("public.auditing_generation", -1)]), "'deleted'")}
    RETURN NULL;
END
$$;
CREATE TRIGGER auditing_adjust_truncate BEFORE TRUNCATE ON auditing_generation
    FOR EACH STATEMENT EXECUTE FUNCTION auditing_adjust_truncate();
"""
NOT_TELLING = "".join(
    f"DROP TRIGGER auditing_adjust_{event} ON auditing_generation; DROP FUNCTION auditing_adjust_{event}();"
    for event in ("insert", "update", "delete", "truncate")
) + "DROP SEQUENCE auditing_adjustment_occasion;"

# The jobs of a closed month as they were when it was closed: those that no adjustment tells of as they are, the
# others as the first adjustment found them. The order of lists is what leads to a team's rows of a month. OFFSET has the
# index asked for each job: a join is planned for the few adjustments that there were when the table was analyzed.
CREATED = "CASE WHEN job.created_at IS NULL THEN '0001-01-01 00:00:00+00'::timestamptz ELSE job.created_at END"
JOBS = f"""
CREATE FUNCTION auditing_closed_jobs(closed bigint) RETURNS TABLE (
    generation_id bigint, external_id varchar, day date, team_id bigint, owner_id bigint, account_id bigint,
    provider varchar, project_id bigint, mode text, resolution text, status varchar, credits_basis varchar,
    {listed(TOTALS, "{0} bigint")}
) LANGUAGE sql STABLE AS $$
    SELECT fact.generation_id, fact.external_id, (fact.created_at AT TIME ZONE month.zone)::date,
        {listed((*KEY, *TOTALS), "fact.{0}")}
    FROM public.auditing_closedmonth AS month
    CROSS JOIN LATERAL ({facts(f'''
        SELECT * FROM ({rows_of("public.auditing_generation", 1, "external_id")}) AS job
        WHERE job.team_id = month.team_id AND {CREATED} >= month.begins_at AND {CREATED} < month.ends_at
    ''', "external_id")}) AS fact
    WHERE month.id = closed AND NOT EXISTS (
        SELECT FROM public.auditing_adjustment AS told
        WHERE told.closed_id = closed AND told.generation_id = fact.generation_id
        OFFSET 0
    )
    UNION ALL
    SELECT first.generation_id, first.external_id, first.day, {listed(KEY, "first.{0}")},
        {listed(TOTALS, "-first.{0}")}
    FROM (
        SELECT DISTINCT ON (generation_id) * FROM public.auditing_adjustment AS told WHERE told.closed_id = closed
        ORDER BY generation_id, occasion, sign
    ) AS first
    WHERE first.sign < 0
$$;
"""

# SHA-256 over the line before and the next job's, in the order of ids; the first line is the month's own.
DIGEST = """
CREATE FUNCTION auditing_closed_digest(closed bigint, OUT jobs bigint, OUT digest bytea) LANGUAGE plpgsql STABLE AS $$
DECLARE
    line text;
BEGIN
    jobs := 0;
    SELECT sha256(convert_to(jsonb_build_array(month.team_id, to_char(month.month, 'YYYY-MM'), month.zone)::text, 'UTF8'))
    INTO STRICT digest FROM public.auditing_closedmonth AS month WHERE month.id = closed;
    FOR line IN
        SELECT jsonb_build_array(job.provider, job.external_id, job.account_id, job.owner_id, job.project_id, job.day,
            job.mode, job.resolution, job.status, CASE WHEN job.credits_basis IS NOT NULL THEN job.credits END,
            CASE WHEN job.credits_basis IS NOT NULL THEN job.credits_most END, job.credits_basis,
            CASE WHEN job.timed > 0 THEN job.milliseconds END)::text
        FROM public.auditing_closed_jobs(closed) AS job ORDER BY job.generation_id
    LOOP
        jobs := jobs + 1;
        digest := sha256(digest || convert_to(line, 'UTF8'));
    END LOOP;
END
$$;
"""

# Null where the month was closed before: to ask twice does no harm. A person closes months of teams that they manage;
# for the system (a command), whoever it says.
CLOSING = f"""
CREATE FUNCTION auditing_close_month(wanted_team bigint, wanted_month date, closer bigint) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    cut_by text;
    made bigint;
BEGIN{READS_COMMITTED}
    IF current_setting('clipledger.person', true) = 'system' THEN
        IF NOT pg_has_role(session_user, '{WORKER}', 'MEMBER') THEN
            RAISE EXCEPTION 'months are closed by people' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF closer IS DISTINCT FROM public.auditing_person() OR coalesce(current_setting('clipledger.team', true), '') <> ''
        OR (wanted_team = ANY (public.auditing_managed_teams())) IS NOT TRUE THEN
        RAISE EXCEPTION 'a month is closed by a manager of its team' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM pg_advisory_xact_lock({LOCK_CLASS}, (wanted_team % 2147483647)::int);
    IF EXISTS (SELECT FROM public.auditing_closedmonth WHERE team_id = wanted_team AND month = wanted_month) THEN
        RETURN NULL;
    END IF;
    SELECT zone INTO STRICT cut_by FROM public.auditing_rollupzone;
    IF (wanted_month + interval '1 month') AT TIME ZONE cut_by > clock_timestamp() THEN
        RAISE EXCEPTION 'the month is not over' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    INSERT INTO public.auditing_closedmonth (team_id, month, zone, begins_at, ends_at, closed_at, closed_by_id)
    VALUES (wanted_team, wanted_month, cut_by, wanted_month::timestamp AT TIME ZONE cut_by,
        (wanted_month + interval '1 month') AT TIME ZONE cut_by, clock_timestamp(), closer)
    RETURNING id INTO made;
    INSERT INTO public.auditing_closedcell (closed_id, day, {listed(KEY)}, {listed(TOTALS)})
    SELECT made, day, {listed(KEY)}, {listed(TOTALS, "sum({0})")} FROM public.auditing_closed_jobs(made)
    GROUP BY day, {listed(KEY)};
    INSERT INTO public.auditing_closedseal (closed_id, team_id, jobs, digest)
    SELECT made, wanted_team, jobs, digest FROM public.auditing_closed_digest(made);
    RETURN made;
END
$$;
REVOKE ALL ON FUNCTION auditing_close_month(bigint, date, bigint), auditing_closed_jobs(bigint),
    auditing_closed_digest(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auditing_close_month(bigint, date, bigint) TO {WEB}, {WORKER};
GRANT EXECUTE ON FUNCTION auditing_closed_jobs(bigint), auditing_closed_digest(bigint) TO {WORKER};
"""
NOT_CLOSING = """
DROP FUNCTION auditing_close_month(bigint, date, bigint), auditing_closed_digest(bigint), auditing_closed_jobs(bigint);
"""

APPEND_ONLY = """
CREATE FUNCTION auditing_closed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'closed months are append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
""" + "".join(f"""
CREATE TRIGGER auditing_closed_stays BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION auditing_closed_stays();
CREATE TRIGGER auditing_closed_is_never_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION auditing_closed_stays();
REVOKE INSERT, UPDATE, DELETE ON {table} FROM {WORKER};
""" for table in TABLES)
NOT_APPEND_ONLY = "DROP FUNCTION auditing_closed_stays() CASCADE;"
