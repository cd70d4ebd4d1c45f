"""`verify_rollups`: recomputes what reports add up, names what differs, and mends it if asked to."""

import json
import sys
from argparse import ArgumentParser
from enum import IntEnum
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError

from auditing.rollups import Verified, mend, verify


class ExitCode(IntEnum):
    """What a script or a cron job is told."""

    EQUAL = 0
    DIFFERENT = 1
    NOT_TOLD = 2  # usage, or the database can't be read


class Command(BaseCommand):
    """Parses the arguments, calls `rollups.verify` and `rollups.mend`, prints what was found."""

    help = (
        "Recompute the totals and histograms of reports from the rows, and name what differs. Exit codes:"
        " 0 equal (with --repair: by now); 1 different; 2 it could not be told."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to mend, how to print."""
        parser.add_argument("--repair", action="store_true", help="make every cell what its rows add up to")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: Any, **options: Any) -> None:
        """Verify; where something differs and is to be mended, mend it and verify again."""
        try:
            found = verify()
            mended = mend() if options["repair"] and not found.is_equal else None
            left = verify() if mended is not None else found
        except (DatabaseError, ImproperlyConfigured) as error:
            raise CommandError(f"the database: {error}", returncode=ExitCode.NOT_TOLD) from error
        report = self._print_json if options["json"] else self._print
        report(found, mended, left)
        sys.exit(ExitCode.EQUAL if left.is_equal else ExitCode.DIFFERENT)

    def _print(self, found: Verified, mended: int | None, left: Verified) -> None:
        if found.zone != found.wanted_zone:
            self.stdout.write(f"days are cut by {found.zone}, and REPORT_TIME_ZONE is {found.wanted_zone}")
        for difference in found.differences:
            self.stdout.write(str(difference))
        verdict = "equal" if found.is_equal else "DIFFERENT"
        self.stdout.write(f"{verdict}: {found.cells:,} cells, {found.differing:,} of them differ")
        if mended is not None:
            now = "equal" if left.is_equal else "STILL DIFFERENT"
            self.stdout.write(f"repaired {mended:,} cells; now {now}")

    def _print_json(self, found: Verified, mended: int | None, left: Verified) -> None:
        said = {
            "equal": left.is_equal,
            "cells": found.cells,
            "differing": found.differing,
            "differences": [
                {
                    "table": one.table,
                    "cell": one.cell,
                    "measure": one.measure,
                    "kept": one.kept,
                    "recomputed": one.recomputed,
                }
                for one in found.differences
            ],
            "zone": found.zone,
            "wanted_zone": found.wanted_zone,
            "repaired": mended,
        }
        self.stdout.write(json.dumps(said))
