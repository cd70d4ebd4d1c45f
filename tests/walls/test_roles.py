"""What the database gives to each of the roles that Clipledger signs in as, whatever the program asks."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege

from tests.filters.population import Population
from tests.walls.conftest import SignIn, act, ids_seen, tables_of_teams

WORLD = ("auditing_team", "auditing_account", "auditing_generation", "auditing_lookup", "auditing_membership")


def counts(session: Connection[Any], tables: Sequence[str]) -> dict[str, int]:
    found = {}
    for table in tables:
        row = session.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
        found[table] = row[0] if row else -1
    return found


@pytest.mark.usefixtures("population")
def test_without_anybody_acting_the_dashboard_is_shown_nothing(sign_in: SignIn) -> None:
    session = sign_in("clipledger_web")
    nothing = dict.fromkeys([*tables_of_teams(session), "auditing_team"], 0)
    assert counts(session, list(nothing)) == nothing


def test_who_acted_is_forgotten_when_the_transaction_ends(population: Population, sign_in: SignIn) -> None:
    session = sign_in("clipledger_web")
    act(session, population.people["root"].pk)
    assert len(ids_seen(session)) == 200
    session.commit()
    remembered = session.execute("SELECT current_setting('clipledger.person', true)").fetchone()
    assert remembered == ("",)
    assert ids_seen(session) == set()


@pytest.mark.usefixtures("population")
def test_a_person_who_does_not_exist_is_shown_nothing(sign_in: SignIn) -> None:
    session = sign_in("clipledger_web")
    for person in ("system", "0", "-1", "1 OR true", "99999999", "root", "", "\uff11"):
        act(session, person)
        assert counts(session, WORLD) == dict.fromkeys(WORLD, 0)


@pytest.mark.parametrize(
    ("role", "others"),
    [
        ("clipledger_web", ("clipledger_worker", "clipledger_owner", "clipledger_backup", "clipledger")),
        ("clipledger_worker", ("clipledger_owner", "clipledger_backup", "clipledger")),
    ],
)
def test_a_role_becomes_nobody_that_may_more(sign_in: SignIn, role: str, others: tuple[str, ...]) -> None:
    session = sign_in(role)
    for other in others:
        with pytest.raises(InsufficientPrivilege):
            session.execute(f"SET ROLE {other}")
        session.rollback()


FORBIDDEN = (
    "SELECT sealed_key FROM auditing_credential",
    "SELECT * FROM auditing_credential",
    "UPDATE auditing_generation SET credits_thousandths = 0",
    "DELETE FROM auditing_generation",
    "DELETE FROM auditing_observation",
    "TRUNCATE auditing_lookup CASCADE",
    "UPDATE auditing_lookup SET due_at = NULL",
    "INSERT INTO auditing_chainhead VALUES (1, 1, '')",
    "UPDATE auditing_lease SET fence = 9",
    "ALTER TABLE auditing_generation DISABLE ROW LEVEL SECURITY",
    "CREATE TABLE mine (id int)",
    "DROP POLICY seen ON auditing_generation",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "UPDATE procrastinate_jobs SET args = '{}'",
    "DELETE FROM django_migrations",
    "SELECT pg_read_file('/etc/passwd')",
)


def test_the_dashboard_has_no_more_rights_than_its_pages_use(population: Population, sign_in: SignIn) -> None:
    session = sign_in("clipledger_web")
    for statement in FORBIDDEN:
        act(session, population.people["root"].pk)
        with pytest.raises(InsufficientPrivilege):
            session.execute(statement)
        session.rollback()


RIGHTS = (
    "UPDATE auditing_user SET is_superuser = true WHERE username = 'alice'",
    "UPDATE auditing_user SET is_staff = true WHERE username = 'alice'",
    """INSERT INTO auditing_user_user_permissions (user_id, permission_id) SELECT u.id, p.id
    FROM auditing_user u, auth_permission p WHERE username = 'alice' AND codename = 'view_everything'""",
    """INSERT INTO auditing_membership (team_id, user_id, role) SELECT 1, id, 'manager'
    FROM auditing_user WHERE username = 'alice'""",
)


def test_the_dashboard_gives_rights_for_superusers_only(population: Population, sign_in: SignIn) -> None:
    session = sign_in("clipledger_web")
    for person, statement in product(("alice", "carol", "dora", "erin"), RIGHTS):
        act(session, population.people[person].pk)
        with pytest.raises(InsufficientPrivilege):
            session.execute(statement)
        session.rollback()


def test_a_role_in_a_team_is_changed_by_superusers_only(population: Population, sign_in: SignIn) -> None:
    session = sign_in("clipledger_web")
    promoted = "UPDATE auditing_membership SET role = 'manager' WHERE role <> 'manager'"
    for person, changed in (("alice", 0), ("dora", 0), ("erin", 0), ("root", 4)):
        act(session, population.people[person].pk)
        assert session.execute(promoted).rowcount == changed
        session.rollback()


def test_the_worker_acts_for_the_system_or_as_the_dashboard_does(
    population: Population, sign_in: SignIn
) -> None:
    session = sign_in("clipledger_worker")
    assert ids_seen(session) == set()
    act(session, "system")
    everything = ids_seen(session)
    assert len(everything) == 200
    session.commit()
    act(session, population.people["alice"].pk)
    assert ids_seen(session) == set()
    session.execute("SET LOCAL ROLE clipledger_web")
    assert set() < ids_seen(session) < everything
    with pytest.raises(InsufficientPrivilege):
        session.execute("SELECT sealed_key FROM auditing_credential")


@pytest.mark.usefixtures("population")
def test_the_backup_reads_every_row_and_writes_none(sign_in: SignIn) -> None:
    session = sign_in("clipledger_backup")
    assert len(ids_seen(session)) == 200
    session.commit()
    for statement in ("DELETE FROM auditing_note", "UPDATE auditing_team SET name = ''", "CREATE TABLE x ()"):
        with pytest.raises(InsufficientPrivilege):
            session.execute(statement)
        session.rollback()


def test_a_bearer_is_shown_one_team_of_its_persons(population: Population, sign_in: SignIn) -> None:
    session = sign_in("clipledger_web")
    seen = {}
    for person in population.people:
        for slug, team in population.teams.items():
            act(session, population.people[person].pk, team.pk)
            seen[person, slug] = len(ids_seen(session))
            session.rollback()
    assert seen["alice", "north"] > 0
    assert seen["alice", "south"] == seen["carol", "south"] == seen["dora", "north"] == 0
    assert (
        seen["root", "north"] + seen["root", "south"] == seen["erin", "north"] + seen["erin", "south"] == 200
    )


def test_a_person_who_is_switched_off_is_shown_nothing(population: Population, sign_in: SignIn) -> None:
    session = sign_in("clipledger_web")
    for person in population.people.values():
        person.is_active = False
        person.save(update_fields=["is_active"])
        act(session, person.pk)
        assert ids_seen(session) == set()
        session.rollback()
