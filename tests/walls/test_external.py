"""A server of one's own, set up as the README says: the roles' file, a few lines of SQL, and `migrate`."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pytest_django import DjangoDbBlocker

from config.postgres.embedded import ROLES
from tests.config.processes import bare_environment, manage
from tests.conftest import TEST_DATABASE, administer, url_of

NAME = f"{TEST_DATABASE}_external"
MIGRATIONS = "clipledger_migrations"


@pytest.fixture
def set_up(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:  # noqa: ARG001
    """What the README has an administrator do; passwords aside, which a Unix socket does not ask for."""
    with django_db_blocker.unblock():
        administer(
            ROLES.read_text(),
            f'CREATE DATABASE "{NAME}" OWNER clipledger_owner',
            f"DROP ROLE IF EXISTS {MIGRATIONS}",
            f"CREATE ROLE {MIGRATIONS} LOGIN IN ROLE clipledger_owner",
        )
        yield
        administer(f'DROP DATABASE "{NAME}" WITH (FORCE)', f"DROP ROLE {MIGRATIONS}")


@pytest.mark.usefixtures("set_up")
def test_migrations_and_commands_work_by_the_roles_of_the_readme(tmp_path: Path) -> None:
    environment = bare_environment(
        CLIPLEDGER_VAR=str(tmp_path / "var"),
        DATABASE_URL=url_of(NAME),
        DATABASE_URL_WORKER=url_of(NAME, "clipledger_worker"),
        DATABASE_URL_MIGRATIONS=url_of(NAME, MIGRATIONS),
    )
    for command in (
        ("migrate", "-v", "0"),
        ("add_team", "studio"),
        ("check", "--deploy", "--tag", "security"),
    ):
        done = manage(*command, environment=environment)
        assert (done.returncode, "auditing.E001" in done.stderr) == (0, False), done.stderr
    with psycopg.connect(url_of(NAME, "clipledger_backup")) as session:
        assert session.execute("SELECT slug FROM auditing_team").fetchall() == [("studio",)]
    with psycopg.connect(url_of(NAME)) as session:
        assert session.execute("SELECT slug FROM auditing_team").fetchall() == []
