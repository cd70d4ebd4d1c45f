"""The database's catalog: every table with a team stands behind the wall, and nobody gets around it."""

from typing import Any

import pytest
from django.db import connection

from auditing import walls
from auditing.access import acting_as
from auditing.models import User

pytestmark = pytest.mark.django_db

FUNCTIONS = """
SELECT proname::text, prosecdef, coalesce(array_to_string(proconfig, ','), ''),
    has_function_privilege('public', oid, 'EXECUTE'),
    has_function_privilege('clipledger_web', oid, 'EXECUTE'),
    has_function_privilege('clipledger_worker', oid, 'EXECUTE')
FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND starts_with(proname, 'auditing') ORDER BY 1
"""


def rows(statement: str, *values: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def gaps() -> list[str]:
    """As the dashboard's role finds them."""
    with acting_as(User()):
        return list(walls.gaps(connection.connection))


def test_no_table_with_a_team_stands_before_the_wall() -> None:
    assert gaps() == []


@pytest.mark.parametrize(
    ("statement", "gap"),
    [
        ("CREATE TABLE clip (team_id bigint)", "the table clip has no row-level security"),
        ("CREATE TABLE clip (team_id bigint)", "the table clip has no policy for clipledger_web"),
        (
            "ALTER TABLE auditing_note NO FORCE ROW LEVEL SECURITY",
            "the table auditing_note does not force row-level security on its owner",
        ),
        (
            "CREATE VIEW clips AS SELECT * FROM auditing_generation",
            "the view clips reads as its owner: make it security_invoker",
        ),
    ],
)
def test_a_gap_is_named(statement: str, gap: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
    assert gap in gaps()


@pytest.mark.parametrize(
    ("statement", "role", "gap"),
    [
        ("SELECT", "none", "clipledger is a superuser, whom no policy binds"),
        ("SELECT", "clipledger_backup", "clipledger_backup has BYPASSRLS"),
        (
            "GRANT clipledger_owner TO clipledger_web",
            "clipledger_web",
            "clipledger_web could become clipledger_owner",
        ),
        (
            "ALTER ROLE clipledger_web CREATEROLE",
            "clipledger_web",
            "clipledger_web has CREATEROLE, and could make itself a member of other roles",
        ),
    ],
)
def test_a_role_that_could_pass_the_wall_is_named(statement: str, role: str, gap: str) -> None:
    with acting_as(User()), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE none")
        cursor.execute(statement)
        cursor.execute(f"SET LOCAL ROLE {role}")
        assert gap in list(walls.gaps(connection.connection))


@pytest.mark.parametrize("role", ["clipledger_owner", "clipledger_web", "clipledger_worker"])
def test_no_role_that_works_may_pass_the_wall(role: str) -> None:
    found = rows(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles"
        " WHERE rolname = %s",
        role,
    )
    assert found == [(False,) * 5]


def test_nobody_signs_in_as_the_owner() -> None:
    assert rows("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'clipledger_owner'") == [(False,)]


def test_functions_that_act_for_their_owner_pin_where_they_look() -> None:
    for name, for_owner, options, _, _, _ in rows(FUNCTIONS):
        assert not for_owner or "search_path=pg_catalog, pg_temp" in str(options), name


def test_whether_an_id_exists_is_told_to_the_dashboard_alone() -> None:
    told = {name: rights for name, _, _, *rights in rows(FUNCTIONS)}
    assert told["auditing_is_registered"] == [False, True, False]
