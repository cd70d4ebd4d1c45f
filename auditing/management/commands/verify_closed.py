"""`verify_closed`: proves that closed months are as they were closed, and adjustments explain the rest."""

import json
import sys
from argparse import ArgumentParser
from enum import IntEnum
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError

from auditing.closing import Proof, month_named, prove


class ExitCode(IntEnum):
    """What a script or a cron job is told."""

    HOLDS = 0
    DIFFERENT = 1
    NOT_TOLD = 2  # usage, or the database can't be read


class Command(BaseCommand):
    """Parses the arguments, calls `closing.prove`, prints what was found."""

    help = (
        "Recompute closed months from the rows: frozen lines, digests, and that each comes with its"
        " adjustments to what its rows are now. Exit codes: 0 all hold; 1 something differs; 2 not told."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which months, how to print."""
        parser.add_argument("--team", metavar="SLUG", help="only this team's")
        parser.add_argument("--month", metavar="MONTH", help="only this month, such as 2026-10")
        parser.add_argument("--json", action="store_true", help="print one JSON object a month")

    def handle(self, *_: Any, **options: Any) -> None:
        """Prove each month, and exit with the worst that was found."""
        month = month_named(options["month"]) if options["month"] else None
        if options["month"] and month is None:
            raise CommandError(
                f"--month: {options['month']!r} is no month; write one like 2026-10",
                returncode=ExitCode.NOT_TOLD,
            )
        say, proofs, failed = self._say_json if options["json"] else self._say, 0, 0
        try:
            for proof in prove(options["team"], month):
                say(proof)
                proofs, failed = proofs + 1, failed + (not proof.holds)
        except (DatabaseError, ImproperlyConfigured) as error:
            raise CommandError(f"the database: {error}", returncode=ExitCode.NOT_TOLD) from error
        if not options["json"]:
            self.stdout.write(f"{proofs:,} closed months, {failed:,} of them differ")
        sys.exit(ExitCode.DIFFERENT if failed else ExitCode.HOLDS)

    def _say(self, proof: Proof) -> None:
        said = f"{proof.team} {proof.month:%Y-%m}"
        for flaw in proof.flaws:
            self.stdout.write(f"{said}: {flaw}")
        if proof.digest != proof.recomputed:
            self.stdout.write(
                f"{said}: the digest is {proof.digest}, and its jobs of that time give {proof.recomputed}"
            )
        if proof.jobs != proof.sealed:
            self.stdout.write(f"{said}: the seal says {proof.sealed:,} jobs, and there were {proof.jobs:,}")
        verdict = "holds" if proof.holds else f"DIFFERENT: {proof.differing:,} cells differ"
        self.stdout.write(f"{said}: {verdict}; {proof.jobs:,} jobs")

    def _say_json(self, proof: Proof) -> None:
        said = {
            "team": proof.team,
            "month": f"{proof.month:%Y-%m}",
            "holds": proof.holds,
            "jobs": proof.jobs,
            "sealed_jobs": proof.sealed,
            "digest": proof.digest,
            "recomputed_digest": proof.recomputed,
            "differing": proof.differing,
            "differences": [
                {
                    "proof": one.proof,
                    "cell": one.cell,
                    "measure": one.measure,
                    "kept": one.kept,
                    "recomputed": one.due,
                }
                for one in proof.flaws
            ],
        }
        self.stdout.write(json.dumps(said))
