"""Which database a process uses, told from its environment and its command."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.database import databases, role_of_command

VAR = Path("/srv/var")
URLS = {
    "DATABASE_URL": "postgresql://web@db/clipledger",
    "DATABASE_URL_WORKER": "postgresql://worker@db/clipledger",
    "DATABASE_URL_MIGRATIONS": "postgresql://owner@db/clipledger",
}


@pytest.mark.parametrize(
    ("arguments", "role"),
    [
        (["migrate", "--plan"], "migrations"),
        (["makemigrations"], "migrations"),
        (["sync", "--json"], "worker"),
        (["procrastinate", "worker"], "worker"),
        (["import_ids", "-", "--account", "migrate"], "worker"),
        (["--no-color", "sync"], "worker"),
        (["export"], "worker"),
        (["demo", "--no-serve"], "migrations"),
        (["check", "--deploy"], "web"),
        (["runserver"], "web"),
        (["--help"], "worker"),
        ([], "worker"),
    ],
)
def test_the_role_is_told_by_the_name_of_the_command(arguments: list[str], role: str) -> None:
    assert role_of_command(arguments) == role


@pytest.mark.parametrize(("role", "user"), [("web", "web"), ("worker", "worker"), ("migrations", "owner")])
def test_each_role_may_have_an_address_of_its_own(role: str, user: str) -> None:
    found = databases({**URLS, "CLIPLEDGER_DATABASE_ROLE": role}, VAR)["default"]
    assert (found["USER"], found["OPTIONS"]["application_name"]) == (user, f"clipledger-{role}")


def test_one_address_serves_all_roles() -> None:
    environment = {"DATABASE_URL": URLS["DATABASE_URL"], "CLIPLEDGER_DATABASE_ROLE": "worker"}
    assert databases(environment, VAR)["default"]["USER"] == "web"


def test_an_address_keeps_its_parameters_and_gets_a_pool() -> None:
    url = "postgresql://ann:p%40ss@db.example.com:6432/ledger?sslmode=require&application_name=mine"
    found = databases({"DATABASE_URL": url, "DATABASE_POOL_SIZE": "3"}, VAR)["default"]
    assert found == {
        "ENGINE": "config.postgres",
        "NAME": "ledger",
        "USER": "ann",
        "PASSWORD": "p@ss",
        "HOST": "db.example.com",
        "PORT": 6432,
        "OPTIONS": {
            "application_name": "mine",
            "sslmode": "require",
            "pool": {"min_size": 0, "max_size": 3, "timeout": 10},
        },
        "CONN_HEALTH_CHECKS": True,
    }


def test_without_an_address_the_embedded_server_is_used() -> None:
    found = databases({}, VAR)["default"]
    assert (found["NAME"], found["EMBEDDED_DIRECTORY"]) == ("clipledger", VAR / "postgres")


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"DATABASE_URL": "sqlite:///db.sqlite3"}, "must begin with postgresql://"),
        ({"DATABASE_URL": "mysql://db/clipledger"}, "must begin with postgresql://"),
        ({"CLIPLEDGER_DATABASE_ROLE": "boss"}, "must be one of web, worker, migrations"),
        ({"DATABASE_POOL_SIZE": "0"}, "must be a number from 1 on"),
        ({"DATABASE_POOL_SIZE": "many"}, "must be a number from 1 on"),
    ],
)
def test_what_makes_no_sense_is_refused(environment: dict[str, str], complaint: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=complaint):
        databases(environment, VAR)
