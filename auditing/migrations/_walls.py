"""Row-level security as migrations spell it: one call a table, and what each rule means in SQL.

Every table with `team_id` gets a wall in the migration that creates it, or the tests fail. A table without
one gives its web role nothing at all, because nothing is granted by default.
"""

from collections.abc import Sequence

from django.db.migrations import RunSQL


def said(setting: str, kind: str) -> str:
    """What auditing_act found out about who acts, read once a query; null outside.

    The inner SELECT is what makes it once a query and not once a row. The setting itself and no function
    around it: a function's body is parsed anew for each place in each statement, which on a page's small
    queries was most of what a wall cost. Arrays, because a subselect with IN is many times slower; bigint
    only, because its operators are leakproof and so may use an index below the wall.
    """
    return f"(SELECT nullif(current_setting('clipledger.{setting}', true), '')::{kind})"


def as_filter(rule: str) -> str:
    """A rule as the planner takes it for true of nearly every row, as it knows of "is not null".

    Our queries ask for no more than their person may see, so a wall turns nothing away; a planner that expects
    it to would choose other plans than without a wall, and took some queries many times as long.
    """
    return f"(CASE WHEN {rule} THEN true END) IS NOT NULL"


PERSON = "(SELECT substring(current_setting('clipledger.person', true) FROM '^[0-9]+$')::bigint)"
OWN = f"(owner_id = {PERSON} AND team_id = ANY ({said('own_teams', 'bigint[]')}::bigint[]))"

# The record, and all that hangs on it: whole teams for auditors, managers and those who see everything; a
# member's own. `whole_team` is the first of somebody's whole teams (most have one), and 0 for whoever sees
# everything: a number is compared several times as quickly as an array is looked through. `sees` has each whole
# team, and for a row of one's own each team as a negative number: so one array answers for both.
RECORD = (
    f"(CASE {said('whole_team', 'bigint')} WHEN team_id THEN true WHEN 0 THEN true ELSE CASE WHEN"
    f" CASE owner_id WHEN {PERSON} THEN -team_id ELSE team_id END = ANY ({said('sees', 'bigint[]')}::bigint[])"
    " THEN true END END) IS NOT NULL"
)
# What everybody in a team may know of.
TEAM = as_filter(f"team_id = ANY ({said('teams', 'bigint[]')}::bigint[])")
# What a team's managers may change.
MANAGED = f"team_id = ANY ({said('managed_teams', 'bigint[]')}::bigint[])"
SUPERUSER = "(SELECT auditing_is_superuser())"
EVERYBODY = "true"

OWNER, WEB, WORKER = "clipledger_owner", "clipledger_web", "clipledger_worker"
THE_SYSTEM = "(SELECT current_setting('clipledger.person', true) = 'system')"


def wall(
    table: str,
    sees: str,
    *,
    adds: str = "",
    changes: str = "",
    removes: str = "",
    columns: Sequence[str] = (),
    shown: Sequence[str] = (),
    worker: str = THE_SYSTEM,
) -> RunSQL:
    """A table's row-level security, forced on its owner too, and what the web role may do with it.

    `sees`, `adds`, `changes` and `removes` say by rule which rows a person may select, insert, update and
    delete; without a rule the privilege is not even granted. `columns` limits an update, `shown` what is
    selected, to these columns; `worker` is the rule of the sync and the commands.
    """
    statements = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        # Migrations, and the few functions that answer for the owner with a rule of their own.
        f"CREATE POLICY maintained ON {table} TO {OWNER} USING (true) WITH CHECK (true)",
        f"CREATE POLICY worked_on ON {table} TO {WORKER} USING ({worker}) WITH CHECK ({worker})",
        f"CREATE POLICY seen ON {table} FOR SELECT TO {WEB} USING ({sees})",
        f"GRANT SELECT{_only(shown)} ON {table} TO {WEB}",
    ]
    if adds:
        statements += [
            f"CREATE POLICY added ON {table} FOR INSERT TO {WEB} WITH CHECK ({adds})",
            f"GRANT INSERT ON {table} TO {WEB}",
        ]
    if changes:
        statements += [
            f"CREATE POLICY changed ON {table} FOR UPDATE TO {WEB} USING ({changes}) WITH CHECK ({changes})",
            f"GRANT UPDATE{_only(columns)} ON {table} TO {WEB}",
        ]
    if removes:
        statements += [
            f"CREATE POLICY removed ON {table} FOR DELETE TO {WEB} USING ({removes})",
            f"GRANT DELETE ON {table} TO {WEB}",
        ]
    undone = [
        f"REVOKE ALL ON {table} FROM {WEB}",
        *(
            f"DROP POLICY IF EXISTS {name} ON {table}"
            for name in ("maintained", "worked_on", "seen", "added", "changed", "removed")
        ),
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY",
    ]
    return RunSQL(";\n".join(statements), ";\n".join(undone))


def _only(columns: Sequence[str]) -> str:
    return f" ({', '.join(columns)})" if columns else ""
