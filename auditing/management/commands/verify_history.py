"""`verify_history`: recomputes every chain of observations, and names what isn't as it was written."""

import json
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from django.utils import timezone

from auditing.verification import UnknownAccounts, Verified, checkpoints, verify
from auditing.verification.checkpoints import Checkpoint, CheckpointError, OtherKey
from config.secrets import checkpoint_signing_key


class ExitCode(IntEnum):
    """What a script or a cron job is told."""

    INTACT = 0
    BROKEN = 1
    NOT_TOLD = 2  # usage; the database can't be read, or a checkpoint can't be read, trusted or written


@dataclass(frozen=True, slots=True)
class Written:
    """A checkpoint that was written, and the key that verifies it."""

    path: Path
    public_key: str


def _public_key(text: str) -> str:
    if not re.fullmatch("[0-9a-fA-F]{64}", text):
        raise ArgumentTypeError("must be 64 hexadecimal digits, as --checkpoint prints them")
    return text.lower()


class Command(BaseCommand):
    """Parses the arguments, calls `verification.verify`, prints what was found."""

    help = (
        "Recompute every account's chain of observations from its rows, and name the first broken link of"
        " each. Exit codes: 0 intact; 1 broken, or not what an earlier checkpoint says; 2 it could not be"
        " told (usage, no database, or a checkpoint that can't be read, trusted or written)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which accounts, which checkpoints, how to print."""
        parser.add_argument("--account", action="append", metavar="LABEL", default=[], dest="labels")
        parser.add_argument(
            "--checkpoint", type=Path, metavar="FILE", help="if all is intact, write a signed checkpoint here"
        )
        parser.add_argument(
            "--against",
            type=Path,
            metavar="FILE",
            help="also find what was cut or rolled back since this one",
        )
        parser.add_argument(
            "--public-key", type=_public_key, metavar="HEX",
            help="trust --against by this key (default: this installation's own)",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: Any, **options: Any) -> None:
        """Verify; then write the checkpoint, if one is asked for and nothing was found."""
        _check_usage(options)
        try:
            signing_key = _signing_key() if options["checkpoint"] else None
            earlier = _earlier(options)
            verified = _verified(options["labels"], earlier)
            if signing_key and verified.is_intact:
                checkpoints.write(options["checkpoint"], verified.chains, signing_key, timezone.now())
        except CheckpointError as error:
            raise CommandError(str(error), returncode=ExitCode.NOT_TOLD) from None
        except (DatabaseError, ImproperlyConfigured) as error:
            raise CommandError(f"the database: {error}", returncode=ExitCode.NOT_TOLD) from error
        written = None
        if signing_key and verified.is_intact:
            written = Written(options["checkpoint"], checkpoints.public_key_of(signing_key))
        report = self._print_json if options["json"] else self._print
        report(verified, earlier, written)
        sys.exit(ExitCode.INTACT if verified.is_intact else ExitCode.BROKEN)

    def _print(self, verified: Verified, earlier: Checkpoint | None, written: Written | None) -> None:
        for finding in verified.findings:
            self.stdout.write(str(finding))
        if verified.unnamed:
            self.stdout.write(f"… and {verified.unnamed:,} more records that differ")
        verdict = "intact" if verified.is_intact else "BROKEN"
        counts = (
            f"{_counted(len(verified.chains), 'account')}, {_counted(verified.links, 'link')} that"
            f" hold, {_counted(verified.erased, 'erased payload')}"
        )
        since = f", against the checkpoint of {_iso(earlier)}" if earlier else ""
        self.stdout.write(f"{verdict}: {counts}{since}")
        if written:
            self.stdout.write(f"checkpoint written to {written.path}, signed by {written.public_key}")

    def _print_json(self, verified: Verified, earlier: Checkpoint | None, written: Written | None) -> None:
        said = {
            "intact": verified.is_intact,
            "accounts": len(verified.chains),
            "links": verified.links,
            "erased": verified.erased,
            "differing_records": verified.differing,
            "findings": [
                {"kind": one.kind, "account": one.account, "sequence": one.sequence, "fault": one.fault}
                for one in verified.findings
            ],
            "against": _iso(earlier) if earlier else None,
            "checkpoint": str(written.path) if written else None,
            "public_key": written.public_key if written else None,
        }
        self.stdout.write(json.dumps(said))


def _check_usage(options: dict[str, Any]) -> None:
    """CommandError for what makes no sense together, before hours of work."""
    fault = ""
    if options["checkpoint"] and options["labels"]:
        fault = "--checkpoint holds every account: it can't be had with --account"
    elif options["checkpoint"] and options["checkpoint"].exists():
        fault = f"{options['checkpoint']} exists; a checkpoint never replaces another"
    elif options["checkpoint"] and not options["checkpoint"].absolute().parent.is_dir():
        fault = f"{options['checkpoint']}: there is no such folder"
    elif options["public_key"] and not options["against"]:
        fault = "--public-key says whom to trust for --against, which is missing"
    if fault:
        raise CommandError(fault, returncode=ExitCode.NOT_TOLD)


def _verified(labels: list[str], earlier: Checkpoint | None) -> Verified:
    try:
        return verify(labels, earlier.anchors if earlier else None)
    except UnknownAccounts as error:
        there_are = ", ".join(error.known[:20]) or "none yet"
        raise CommandError(
            f"--account: no account {', '.join(map(repr, error.labels))}; there are: {there_are}",
            returncode=ExitCode.NOT_TOLD,
        ) from None


def _earlier(options: dict[str, Any]) -> Checkpoint | None:
    """The checkpoint to verify against, if the key that is trusted vouches for it."""
    if options["against"] is None:
        return None
    trusted = options["public_key"] or checkpoints.public_key_of(_signing_key())
    try:
        return checkpoints.read(options["against"], trusted)
    except OtherKey as error:
        raise CommandError(
            f"{error}. If it is from before the key was replaced, and you know that one: --public-key",
            returncode=ExitCode.NOT_TOLD,
        ) from None


def _signing_key() -> Ed25519PrivateKey:
    """The installation's key; in production only if the environment gives it."""
    folder = None if settings.PRODUCTION else settings.VAR / "secrets"
    seed = checkpoint_signing_key(settings.CHECKPOINT_SIGNING_KEY, folder)
    if seed is None:
        raise CommandError(
            "CHECKPOINT_SIGNING_KEY is not set: make one with `openssl rand -base64 32`, and keep it. (To"
            " verify --against a checkpoint, its --public-key is enough.)",
            returncode=ExitCode.NOT_TOLD,
        )
    return Ed25519PrivateKey.from_private_bytes(seed)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _iso(checkpoint: Checkpoint) -> str:
    return checkpoint.written_at.isoformat().replace("+00:00", "Z")
