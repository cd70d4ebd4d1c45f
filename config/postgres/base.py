"""Django's PostgreSQL engine, on the embedded server if so told; it leaves no open pool behind at the end."""

import atexit
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections
from django.db.backends.postgresql import base, client, features

from config.postgres import binaries, embedded


class DatabaseClient(client.DatabaseClient):
    """`manage.py dbshell`, with the psql that comes along."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        """The command line of psql and its environment; an embedded server is started."""
        where = {name.upper(): value for name, value in _embedded(settings_dict).items()}
        arguments, environment = super().settings_to_cmd_args_env({**settings_dict, **where}, parameters)
        return [str(binaries.program("psql")), *arguments[1:]], environment


class DatabaseFeatures(features.DatabaseFeatures):
    """What the server can do that Clipledger uses."""

    # PostgreSQL 18 can, and to find out which it is `check --deploy` would need a server where none may be.
    supports_virtual_generated_columns = False


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to the server that the settings name, or to the embedded one below EMBEDDED_DIRECTORY."""

    client_class = DatabaseClient
    features_class = DatabaseFeatures

    def get_connection_params(self) -> dict[str, Any]:
        """The parameters for psycopg; an embedded server that doesn't run, or no longer, is started."""
        return {**super().get_connection_params(), **_embedded(self.settings_dict)}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection; an embedded server that ended in this very moment is started anew, once."""
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            if "EMBEDDED_DIRECTORY" not in self.settings_dict:
                raise
            return super().get_new_connection(self.get_connection_params())

    def _configure_role(self, connection: Any) -> bool:
        """Take on the role of OPTIONS["assume_role"], on the connection given.

        Django's own asks for another connection to write the statement with, which a pool that is just
        opening its first one never gives.
        """
        role = self.settings_dict["OPTIONS"].get("assume_role")
        if role:
            connection.execute("SELECT set_config('role', %s, false)", [role])
        return bool(role)


def close_everything() -> None:
    """Close this thread's connections and the pools: at the end of a process, before its server may stop.

    Pools that are left open make Python wait for their threads for many seconds when it ends.
    """
    connections.close_all()
    pools: dict[str, Any] = vars(base.DatabaseWrapper)["_connection_pools"]
    while pools:
        pools.popitem()[1].close()


def _embedded(settings_dict: dict[str, Any]) -> dict[str, Any]:
    directory = settings_dict.get("EMBEDDED_DIRECTORY")
    if directory is None:
        return {}
    address = embedded.server(Path(directory)).ensure()
    return {"host": address.host, "port": address.port, "user": settings_dict["USER"] or address.user}


# What is registered last runs first: `embedded` registered the leaving of the server when it was imported.
atexit.register(close_everything)
