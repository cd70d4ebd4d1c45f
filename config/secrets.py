"""The installation's secrets: from the environment, else generated once into a folder of the owner's."""

import base64
import binascii
import contextlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SECRETS = ("SECRET_KEY", "TOKEN_PEPPER")
# What else a role needs: one of these (`sealing.py`). Commands that open keys say themselves if they can't.
OF_ROLE = {
    "web": ("KEY_SEALING_KEY", "KEY_ENCRYPTION_KEY"),
    "worker": ("KEY_ENCRYPTION_KEY", "KEY_SEALING_KEY"),
}
KEY_BYTES = 32


@dataclass(frozen=True)
class Secrets:
    """What must never be shown; each has one purpose, and none is derived from another."""

    secret_key: str = field(repr=False)  # Django's signatures
    token_pepper: bytes = field(repr=False)  # keys the hashes of personal tokens


def demand(environment: Mapping[str, str], role: str) -> None:
    """In production: everything is given that this role needs (`database.role_of_command`).

    ImproperlyConfigured that lists all that is missing.
    """
    missing = [name for name in SECRETS if not given(environment, name)]
    if (any_of := OF_ROLE.get(role, ())) and not any(given(environment, name) for name in any_of):
        missing.append(any_of[0])
    missing += [name for name in ("ALLOWED_HOSTS", "DATABASE_URL") if not environment.get(name)]
    if missing:
        raise ImproperlyConfigured(
            f"CLIPLEDGER_ENV=production demands {', '.join(missing)}: set "
            f"{'it' if len(missing) == 1 else 'them'} in the environment."
        )


def given(environment: Mapping[str, str], name: str) -> str:
    """What the variable `name` says, or the file that `name`_FILE names; "" if neither is there."""
    if said := environment.get(name):
        return said
    path = environment.get(f"{name}_FILE")
    try:
        return Path(path).read_text().strip() if path else ""
    except OSError as failed:
        raise ImproperlyConfigured(
            f"{name}_FILE names {path}, which can't be read: {failed.strerror}."
        ) from None


def load(environment: Mapping[str, str], folder: Path) -> Secrets:
    """The secrets: each as the environment gives it, else from its file in `folder`, made if missing.

    ImproperlyConfigured for a file that others may read.
    """

    def found(name: str, generate: Callable[[], str]) -> str:
        return given(environment, name) or kept(folder / name.lower(), generate)

    return Secrets(
        secret_key=found("SECRET_KEY", lambda: secrets.token_urlsafe(64)),
        token_pepper=found("TOKEN_PEPPER", random_key).encode(),
    )


def checkpoint_signing_key(said: str, folder: Path | None) -> bytes | None:
    """The 32 bytes of the Ed25519 key that signs checkpoints: as the setting says, else from its file.

    The file is made if missing, for only an installation that writes checkpoints needs one; None where there
    is no folder to keep it in (production, which keeps its secrets itself). ImproperlyConfigured for a key
    that isn't 32 bytes in base64.
    """
    name = "CHECKPOINT_SIGNING_KEY"
    if not said and folder is not None:
        said = kept(folder / name.lower(), random_key)
    return as_key(name, said) if said else None


def kept(path: Path, generate: Callable[[], str]) -> str:
    """The text of the file `path`; a missing one is made with `generate`, once for all who ask at once.

    ImproperlyConfigured when others than its owner may read it, or when it can't be read or made.
    """
    try:
        if not path.exists():
            _make(path, generate())
        mode = path.stat().st_mode
        if mode & 0o077:
            raise ImproperlyConfigured(
                f"{path} is a secret, and others may read it (mode {mode & 0o777:03o}). "
                f"Replace it if somebody may have; else: chmod 600 {path}"
            )
        return path.read_text().strip()
    except OSError as failed:
        raise ImproperlyConfigured(
            f"The secret in {path} can't be read or made: {failed.strerror}. "
            f"Set {path.name.upper()} in the environment, or CLIPLEDGER_VAR to a folder of your own."
        ) from failed


def _make(path: Path, text: str) -> None:
    """Write a whole file, then link it to its name; who comes second finds the name taken, and uses that."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    new = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(new)
    finally:
        new.unlink()


def random_key() -> str:
    """32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def as_key(name: str, text: str) -> bytes:
    """The 32 bytes that a text is in base64; ImproperlyConfigured, without showing it, if it is not."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(
            f"{name} must be 32 bytes in base64; make one with: openssl rand -base64 32"
        )
    return key
