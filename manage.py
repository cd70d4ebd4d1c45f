#!/usr/bin/env python
"""Clipledger's command line: every command of the README starts here."""

import os
import sys

from config.database import role_of_command


def main() -> None:
    """Run the management command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("CLIPLEDGER_DATABASE_ROLE", role_of_command(sys.argv[1:]))
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db.utils import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(f"The database{where()} can't be used: {error}")


def where() -> str:
    """The database's host in words; empty for the embedded one, whose errors say all by themselves."""
    from django.db import connection

    host, port = connection.settings_dict["HOST"], connection.settings_dict["PORT"]
    return f" at {host}:{port}" if host else ""


if __name__ == "__main__":
    main()
