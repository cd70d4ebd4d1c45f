"""The two halves of the key-encryption key: a public one that seals accounts' keys, a private one that opens.

`KEY_ENCRYPTION_KEY` is the private half, 32 random bytes that are an X25519 private key: workers have it.
`KEY_SEALING_KEY` is the public half, derived from it: all that a web process needs. On a single machine, with
nothing set, both are made once and kept in files of their own: a web process reads the public one only.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.core.exceptions import ImproperlyConfigured

from config import secrets

PRIVATE, PUBLIC, FORMER = "KEY_ENCRYPTION_KEY", "KEY_SEALING_KEY", "KEY_ENCRYPTION_KEY_OLD"


class NoPrivateKey(Exception):
    """This process has no private half; the message says which processes do."""


@dataclass(frozen=True)
class KeyEncryption:
    """Where the halves are: in the environment, else in files of `folder` (None: production keeps none).

    Neither is held here: each is read when it is needed, the private one by code of workers alone.
    """

    environment: Mapping[str, str] = field(repr=False)
    folder: Path | None

    def check(self) -> None:
        """ImproperlyConfigured for what is given and can't be, such as two halves of different keys."""
        sealing, private = self._given(PUBLIC), self._given(PRIVATE)
        opening = ([private] if private else []) + self._given_former()
        if sealing and private and sealing not in map(public_half, opening):
            raise ImproperlyConfigured(
                f"{PUBLIC} is not the public half of {PRIVATE}: nobody could open what it seals."
                " `manage.py sealing_key` prints the one that is."
            )

    def public(self) -> bytes:
        """The half that seals: as given, else of the private half that is given, else from its file."""
        if given := self._given(PUBLIC):
            return given
        if private := self._given(PRIVATE):
            return public_half(private)
        if self.folder is None:
            raise ImproperlyConfigured(f"{PUBLIC} is not set, so no account's key can be sealed.")
        text = secrets.kept(self.folder / PUBLIC.lower(), lambda: in_base64(public_half(self.private())))
        return secrets.as_key(PUBLIC, text)

    def private(self) -> bytes:
        """The half that opens. Raises NoPrivateKey where this process is not to have it."""
        if given := self._given(PRIVATE):
            return given
        if self.folder is None:
            raise NoPrivateKey(f"{PRIVATE} is not set here: workers alone have it")
        return secrets.as_key(PRIVATE, secrets.kept(self.folder / PRIVATE.lower(), secrets.random_key))

    def former(self) -> list[bytes]:
        """The private halves of before, which still open what was sealed for them, until `rotate_keys`."""
        given = self._given_former()
        file = self.folder and self.folder / FORMER.lower()
        if not given and file and file.exists():
            return [secrets.as_key(FORMER, secrets.kept(file, secrets.random_key))]
        return given

    def _given(self, name: str) -> bytes | None:
        said = secrets.given(self.environment, name)
        return secrets.as_key(name, said) if said else None

    def _given_former(self) -> list[bytes]:
        said = secrets.given(self.environment, FORMER)
        return [
            secrets.as_key(FORMER, one.strip()) for one in said.replace("\n", ",").split(",") if one.strip()
        ]


def key_encryption(environment: Mapping[str, str], folder: Path | None) -> KeyEncryption:
    """The halves as the environment and `folder` give them, checked. Raises ImproperlyConfigured."""
    found = KeyEncryption(environment, folder)
    found.check()
    return found


def public_half(private: bytes) -> bytes:
    """The public key of an X25519 private key."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def in_base64(key: bytes) -> str:
    """A key as it stands in the environment."""
    return base64.b64encode(key).decode()
