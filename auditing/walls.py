"""Says where row-level security could be got around, from the database's own catalog."""

from collections.abc import Iterator
from typing import Any

from psycopg import Connection

OWNER = "clipledger_owner"

# What the role of this connection is and could become.
_ROLE = """
SELECT current_user, rolsuper, rolbypassrls, rolcreaterole,
    ARRAY(
        SELECT other.rolname FROM pg_roles AS other
        WHERE other.rolname <> current_user AND NOT me.rolsuper
            AND (other.rolsuper OR other.rolbypassrls
                OR other.rolname IN ('clipledger_owner', 'clipledger_worker'))
            AND pg_has_role(current_user, other.oid, 'MEMBER')
        ORDER BY 1
    )
FROM pg_roles AS me WHERE rolname = current_user
"""

# Every table of ours that says whose rows it holds, and what stands around it.
_TABLES = """
SELECT kind.relname, kind.relrowsecurity, kind.relforcerowsecurity, pg_get_userbyid(kind.relowner),
    EXISTS (SELECT FROM pg_policy AS rule WHERE rule.polrelid = kind.oid AND rule.polcmd IN ('r', '*')
        AND 'clipledger_web' = ANY (rule.polroles::regrole[]::text[]))
FROM pg_class AS kind
WHERE kind.relkind IN ('r', 'p') AND kind.relnamespace = 'public'::regnamespace
    AND EXISTS (
        SELECT FROM pg_attribute AS part
        WHERE part.attrelid = kind.oid AND part.attname = 'team_id' AND NOT part.attisdropped
    )
ORDER BY kind.relname
"""

# Views read as their owner unless they are told not to.
_VIEWS = """
SELECT relname FROM pg_class
WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace
    AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)
ORDER BY relname
"""


def gaps(session: Connection[Any]) -> Iterator[str]:
    """Every way around the wall for the role of this connection, in words; nothing when there is none.

    Raises psycopg.Error when the database can't be asked.
    """
    for role in session.execute(_ROLE).fetchall():
        yield from _gaps_of_role(*role)
    tables = session.execute(_TABLES).fetchall()
    if not tables:
        yield "there are no tables yet: run migrate"
    for table in tables:
        yield from _gaps_of_table(*table)
    for (name,) in session.execute(_VIEWS).fetchall():
        yield f"the view {name} reads as its owner: make it security_invoker"


def _gaps_of_role(
    name: str, is_superuser: bool, bypasses: bool, makes_roles: bool, could_be: list[str]
) -> Iterator[str]:
    if is_superuser:
        yield f"{name} is a superuser, whom no policy binds"
        return
    if bypasses:
        yield f"{name} has BYPASSRLS"
    if makes_roles:
        yield f"{name} has CREATEROLE, and could make itself a member of other roles"
    for other in could_be:
        yield f"{name} could become {other}"


def _gaps_of_table(name: str, enabled: bool, forced: bool, owner: str, has_policy: bool) -> Iterator[str]:
    if not enabled:
        yield f"the table {name} has no row-level security"
    if not forced:
        yield f"the table {name} does not force row-level security on its owner"
    if owner != OWNER:
        yield f"the table {name} belongs to {owner} instead of {OWNER}"
    if not has_policy:
        yield f"the table {name} has no policy for clipledger_web"
