"""Connections as the real roles, to a population that is committed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from tests.filters.population import Population, populate

type SignIn = Callable[[str], psycopg.Connection[Any]]

TEAM_TABLES = """
SELECT DISTINCT table_name::text FROM information_schema.columns
WHERE table_schema = 'public' AND column_name = 'team_id' ORDER BY 1
"""


@pytest.fixture
def population(committed_db: str) -> Population:  # noqa: ARG001 - the fixture opens the database
    """Two teams, six people, two hundred generations."""
    return populate()


@pytest.fixture
def sign_in(committed_db: str) -> Iterator[SignIn]:
    """Signs in to this test's database as one of the roles, as a process of Clipledger does."""
    with ExitStack() as opened:

        def connect(role: str) -> psycopg.Connection[Any]:
            address = committed_db.replace("clipledger_web@", f"{role}@")
            return opened.enter_context(psycopg.connect(address))

        yield connect


def act(session: psycopg.Connection[Any], person: object, team: object = "") -> None:
    """Say who acts, until the transaction ends, as `access.acting_as` does."""
    session.execute("SELECT auditing_act(%s, %s)", [str(person), str(team)])


def tables_of_teams(session: psycopg.Connection[Any]) -> list[str]:
    """Every table that says whose rows it holds."""
    return [name for (name,) in session.execute(TEAM_TABLES)]


def ids_seen(session: psycopg.Connection[Any]) -> set[int]:
    """The generations that the database shows."""
    return {row for (row,) in session.execute("SELECT id FROM auditing_generation")}
