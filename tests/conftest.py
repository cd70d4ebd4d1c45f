"""What all tests stand on: settings with nothing set, and a real PostgreSQL in a folder of their own."""

import itertools
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from weakref import WeakSet

import django
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg.pq import TransactionStatus
from pytest_django import DjangoDbBlocker

from config.postgres.base import close_everything
from config.postgres.embedded import ROLES

ROOT = Path(__file__).resolve().parent.parent

# Before the settings are read: no test touches a developer's own data or heeds their `.env`. (So the settings
# are named here, not in pyproject.toml: pytest-django would read them before this file.)
os.environ.setdefault("CLIPLEDGER_VAR", str(ROOT / "var" / "tests"))
# Where no bytecode may lie beside the sources, each of the many processes that tests start would compile
# Django anew: theirs is kept with the tests' other files instead.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = f"{os.environ['CLIPLEDGER_VAR']}/bytecode"
    sys.dont_write_bytecode = False
if worker := os.environ.get("PYTEST_XDIST_WORKER"):  # each of several processes has a server of its own
    os.environ["CLIPLEDGER_VAR"] += f"/{worker}"
os.environ["CLIPLEDGER_ENV"] = "local"
os.environ["CLIPLEDGER_ENV_FILE"] = os.devnull
os.environ["CLIPLEDGER_DATABASE_ROLE"] = "migrations"  # worlds are built as the owner; processes choose anew
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
# No process started from here finds these two: its role is its own, and pytest-django in one of several
# test processes would read the settings before this file again.
del os.environ["CLIPLEDGER_DATABASE_ROLE"], os.environ["DJANGO_SETTINGS_MODULE"]

from auditing.access import acting  # noqa: E402 - its models want the settings

# A name of this session's own: several may run at once, on one server.
TEST_DATABASE = f"test_clipledger_{os.getpid()}"

_numbers = itertools.count(1)
_as_owner: WeakSet[Any] = WeakSet()  # sessions that work as the owner until their transaction ends
_MAY_CHANGE_ROLES = re.compile("role|auditing_act|rollback", re.IGNORECASE)


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the long sweeps are."""
    parser.addoption("--kills", type=int, default=25, help="how often a run of the sync is killed")
    parser.addoption("--database-kills", type=int, default=5, help="how often PostgreSQL is killed")
    parser.addoption(
        "--interleaved", type=int, default=400, help="how many requests of different people are interleaved"
    )
    ranked = 2000 if os.environ.get("CI") == "true" else 400
    parser.addoption(
        "--rank-requests",
        type=int,
        default=ranked,
        help="how many requests for refused and absent ids are timed",
    )
    parser.addoption("--cells", type=int, default=4000, help="how many random cells exports are tried with")
    parser.addoption("--canaries", type=int, default=1000, help="how many keys are searched for")
    parser.addoption("--tampering", type=int, default=300, help="how often history is tampered with")
    parser.addoption("--rate-limits", type=int, default=1000, help="how many 429s are simulated")
    parser.addoption(
        "--rollup-examples", type=int, default=8, help="how many histories of rows rollups are held against"
    )
    cases = 5000 if os.environ.get("CI") == "true" else 300
    parser.addoption("--api-cases", type=int, default=cases, help="how many requests the API is tried with")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """The whole suite runs in two processes, for one and its PostgreSQL wait in turns; a part of it, in one.

    So does the whole on a server that is given: its roles and locks are there but once.
    """
    is_whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return 2 if is_whole and not os.environ.get("DATABASE_URL") else 0


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The migrated test database. (pytest-django's own leaves it out when no test that runs is marked for it,
    and `committed_db` copies it all the same.)"""
    request.getfixturevalue("django_test_environment")
    with django_db_blocker.unblock():
        drop_leftovers()
        hurry()
        administer(ROLES.read_text(), f'CREATE DATABASE "{TEST_DATABASE}" OWNER clipledger_owner')
        connection.settings_dict["NAME"] = TEST_DATABASE
        call_command("migrate", verbosity=0, interactive=False)
        connection.execute_wrappers.append(owner_outside_of_acting_as)
    yield
    with django_db_blocker.unblock():
        close_everything()
        administer(f'DROP DATABASE "{TEST_DATABASE}" WITH (FORCE)')


@pytest.fixture(scope="session")
def template_database(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The name of a migrated, empty database; nobody may connect to it, so it can be copied at any time."""
    request.getfixturevalue("django_db_setup")
    with django_db_blocker.unblock():
        migrated = connection.settings_dict["NAME"]
        template = f"{migrated}_template"
        close_everything()
        administer(
            f'DROP DATABASE IF EXISTS "{template}"',
            f'CREATE DATABASE "{template}" TEMPLATE "{migrated}" OWNER clipledger_owner',
            f'ALTER DATABASE "{template}" ALLOW_CONNECTIONS false',
        )
    yield template
    with django_db_blocker.unblock():
        administer(f'DROP DATABASE "{template}"')


@pytest.fixture
def committed_db(template_database: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database of this test's own, in which commits are real; yields its DATABASE_URL, for other processes.

    Django's default connection leads to it in every thread. Not to be mixed with `db` and `django_db`.
    """
    database = connection.settings_dict
    usual, name = database["NAME"], f"{template_database}_{next(_numbers)}"
    with django_db_blocker.unblock():
        close_everything()
        administer(f'CREATE DATABASE "{name}" TEMPLATE "{template_database}" OWNER clipledger_owner')
        database["NAME"] = name
        try:
            yield url_of(name)
        finally:
            close_everything()
            database["NAME"] = usual
            administer(f'DROP DATABASE "{name}" WITH (FORCE)')


def owner_outside_of_acting_as(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Tests build their worlds as the tables' owner, and what is tested works as the real roles.

    `acting_as` takes on a role until its transaction ends. In a test that is rolled back as a whole this one
    goes on, so the owner's role is taken back by hand, unseen by counts of queries; once, until something may
    have changed it, for a statement more with every statement is what tests would wait for most.
    """
    session = context["connection"].connection
    is_outside = acting._acting.get() is None
    is_sound = session.info.transaction_status == TransactionStatus.INTRANS
    if is_outside and is_sound and session not in _as_owner:
        session.execute(
            "SELECT set_config('role', 'clipledger_owner', true), set_config('clipledger.person', '', true)"
        )
        _as_owner.add(session)
    if not (is_outside and is_sound) or _MAY_CHANGE_ROLES.search(str(sql)):
        _as_owner.discard(session)
    return execute(sql, params, many, context)


def administer(*statements: str) -> None:
    """Run statements in the maintenance database as the server's administrator, outside of transactions."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("RESET ROLE")
        for statement in statements:
            cursor.execute(statement)


def hurry() -> None:
    """Let our own server not wait for the disk: hundreds of databases are made and dropped, none is kept."""
    if not os.environ.get("DATABASE_URL"):
        administer("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")


def drop_leftovers() -> None:
    """Drop what killed sessions left on our own server: databases with the number of no running process."""
    if os.environ.get("DATABASE_URL"):
        return
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '^test_clipledger_[0-9]+'")
        names = [name for (name,) in cursor.fetchall()]
    dead = [name for name in names if not is_running(int(name.split("_")[2]))]
    administer(*(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)' for name in dead))


def is_running(process: int) -> bool:
    """Whether there is a process of this number, whoever owns it."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def url_of(name: str, user: str = "clipledger_web") -> str:
    """The DATABASE_URL of another database on the tests' server, for the dashboard's role or another."""
    if url := os.environ.get("DATABASE_URL"):
        return urlsplit(url)._replace(path=f"/{name}").geturl()
    where = connection.get_connection_params()
    return f"postgresql://{user}@/{name}?host={quote(where['host'])}&port={where['port']}"


def environment_of(url: str) -> dict[str, str]:
    """The environment of a process that works on the database of `committed_db`, in its own role."""
    return {
        **os.environ,
        "CLIPLEDGER_VAR": str(settings.VAR),
        "DATABASE_URL": url,
        "DATABASE_URL_WORKER": url.replace("clipledger_web@", "clipledger_worker@"),
        "DATABASE_URL_MIGRATIONS": url.replace("clipledger_web@", "clipledger@"),
    }
