#!/usr/bin/env python
"""Clipledger's command line: every command of the README starts here."""

import os
import sys

from config.database import role_of_command


def main() -> None:
    """Run the management command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("CLIPLEDGER_DATABASE_ROLE", role_of_command(sys.argv[1:]))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
