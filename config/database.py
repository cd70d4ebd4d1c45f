"""Which PostgreSQL a process uses, and as whom: the one at DATABASE_URL, else the embedded one.

The web server works as the role `clipledger_web`, commands and workers as `clipledger_worker`, migrations as
`clipledger_owner` (config/postgres/roles.sql). DATABASE_URL_WORKER and DATABASE_URL_MIGRATIONS go before
DATABASE_URL. Which of them a process is says CLIPLEDGER_DATABASE_ROLE; manage.py sets it from the command.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

ROLES = ("web", "worker", "migrations")
COMMANDS_OF_ROLE = {
    "migrations": {
        "createcachetable",
        "demo",
        "makemigrations",
        "migrate",
        "optimizemigration",
        "showmigrations",
        "sqlmigrate",
        "squashmigrations",
    },
    "web": {"check", "runserver"},
}
OWNER = "clipledger_owner"
ENGINE = "config.postgres"  # Django's own, and the embedded server


def role_of_command(arguments: Sequence[str]) -> str:
    """The database role of a command line (without the program's name): "migrations", "worker" or "web".

    Whoever may run a command on this machine is an operator: but for the dashboard's own, all are "worker".
    """
    command = next((argument for argument in arguments if not argument.startswith("-")), "")
    return next((role for role, commands in COMMANDS_OF_ROLE.items() if command in commands), "worker")


def role_of_process(environment: Mapping[str, str]) -> str:
    """The database role of this process; ImproperlyConfigured for an unknown one."""
    role = environment.get("CLIPLEDGER_DATABASE_ROLE") or "web"
    if role not in ROLES:
        raise ImproperlyConfigured(
            f"CLIPLEDGER_DATABASE_ROLE is {role!r}; it must be one of {', '.join(ROLES)}."
        )
    return role


def databases(environment: Mapping[str, str], var: Path) -> dict[str, dict[str, Any]]:
    """Django's DATABASES. ImproperlyConfigured for an unknown role or an address that isn't PostgreSQL's."""
    role = role_of_process(environment)
    url = environment.get(f"DATABASE_URL_{role.upper()}") or environment.get("DATABASE_URL")
    found = external(url) if url else embedded(var, role)
    pool = {"min_size": 0, "max_size": pool_size(environment), "timeout": 10}
    options = {"application_name": f"clipledger-{role}", **found.get("OPTIONS", {}), "pool": pool}
    if role == "migrations":
        options["assume_role"] = OWNER
    return {"default": {**found, "OPTIONS": options, "CONN_HEALTH_CHECKS": True}}


def external(url: str) -> dict[str, Any]:
    """The settings of the server at a postgresql:// address; libpq's parameters are in its query."""
    scheme = url.partition("://")[0]
    if scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with postgresql:// (Clipledger runs on PostgreSQL only)."
        )
    return {**environ.Env.db_url_config(url), "ENGINE": ENGINE}


def embedded(var: Path, role: str) -> dict[str, Any]:
    """The settings of the embedded server below `var`; nothing is started or made by asking.

    Migrations sign in as the server's own administrator (no USER), and take on the owner's role.
    """
    user = {} if role == "migrations" else {"USER": f"clipledger_{role}"}
    return {"ENGINE": ENGINE, "NAME": "clipledger", "EMBEDDED_DIRECTORY": var / "postgres", **user}


def pool_size(environment: Mapping[str, str]) -> int:
    """How many connections one process may keep open: DATABASE_POOL_SIZE, 10 unless told."""
    said = environment.get("DATABASE_POOL_SIZE") or "10"
    if not said.isdecimal() or int(said) < 1:
        raise ImproperlyConfigured(f"DATABASE_POOL_SIZE is {said!r}; it must be a number from 1 on.")
    return int(said)
