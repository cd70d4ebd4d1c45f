"""A wall changes no plan: the planner expects of a query the same rows with the wall and without."""

import json
from typing import Any

import pytest
from psycopg import Connection

from tests.filters.population import Population
from tests.walls.conftest import SignIn, act

TABLES = ("generation", "lookup", "observation", "account", "project")


def plan(session: Connection[Any], table: str, team: int) -> dict[str, Any]:
    """How a team's rows of a table are found."""
    asked = f"EXPLAIN (FORMAT JSON) SELECT * FROM auditing_{table} WHERE team_id = {team}"  # noqa: S608
    row = session.execute(asked).fetchone()
    assert row is not None
    found: dict[str, Any] = json.loads(json.dumps(row[0]))[0]["Plan"]
    return found


@pytest.mark.parametrize("whose", ["alice", "carol", "erin"])
def test_a_wall_changes_neither_estimate_nor_way(population: Population, sign_in: SignIn, whose: str) -> None:
    team = population.teams["north"].pk
    unwalled, walled = sign_in("clipledger"), sign_in("clipledger_web")
    unwalled.execute("ANALYZE")
    unwalled.commit()
    act(walled, population.people[whose].pk)
    for table in TABLES:
        expected, found = plan(unwalled, table, team), plan(walled, table, team)
        assert found["Node Type"] == expected["Node Type"]
        assert found["Plan Rows"] >= 0.98 * expected["Plan Rows"]
