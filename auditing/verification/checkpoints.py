"""Checkpoints: where every chain ended at one time, signed, in a file to be kept where nobody can reach both.

Whoever may write to the database can compute a whole chain anew, or cut it. They can't sign, and can't reach
a file on another machine: so a chain that doesn't hold what an earlier checkpoint says was tampered with.
The signature is Ed25519 over the RFC 8785 canonical JSON of everything in the file but the signature.
"""

import contextlib
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from auditing.history import canonical
from auditing.verification.findings import Anchor, Chain


class CheckpointError(Exception):
    """Why a checkpoint can't be written, or is no evidence. Its kinds say what to do about it."""


class NotWritten(CheckpointError):
    """There is a file of that name, or the folder can't be written to."""


class Unreadable(CheckpointError):
    """No file, or none that this version knows."""


class Altered(CheckpointError):
    """The file is not as it was signed."""


class OtherKey(CheckpointError):
    """The file is as it was signed, but by another key than the one that is trusted."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says: the anchors by account id, as of when."""

    written_at: datetime
    anchors: Mapping[int, Anchor]


class _Account(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: int
    label: str
    provider: str
    sequence: int
    hash: str


class _Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is signed."""

    format: Literal["clipledger-checkpoint-1"]
    written_at: str
    public_key: str
    accounts: list[_Account]


class _File(_Said, frozen=True, forbid_unknown_fields=True):
    """What is written."""

    signature: str


def write(path: Path, chains: Sequence[Chain], key: Ed25519PrivateKey, now: datetime) -> None:
    """Sign where these chains end, and write it to a new file: all of it or nothing. Raises NotWritten."""
    said = _Said(
        format="clipledger-checkpoint-1",
        written_at=now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        public_key=public_key_of(key),
        accounts=[
            _Account(chain.account_id, chain.label, chain.provider, chain.links, chain.hash.hex())
            for chain in chains
        ],
    )
    content = msgspec.to_builtins(said)
    content["signature"] = key.sign(canonical(content)).hex()
    _write_new(path, msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")


def read(path: Path, trusted: str) -> Checkpoint:
    """What the file says, if this public key (in hex) signed it. Raises Unreadable, Altered, OtherKey."""
    file = _parsed(path)
    if not _is_signed(file, file.public_key):
        raise Altered(f"{path} was altered since it was signed, or is damaged: it proves nothing")
    if file.public_key != trusted:
        raise OtherKey(f"{path} was signed by the key {file.public_key}, not by {trusted}")
    return Checkpoint(
        written_at=datetime.fromisoformat(file.written_at),
        anchors={
            account.id: Anchor(account.label, account.provider, account.sequence, bytes.fromhex(account.hash))
            for account in file.accounts
        },
    )


def public_key_of(key: Ed25519PrivateKey) -> str:
    """The public key that verifies what this one signs, as hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def _parsed(path: Path) -> _File:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_File)
    except OSError as fault:
        raise Unreadable(f"{path}: {fault.strerror}") from None
    except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
        raise Unreadable(f"{path} is no checkpoint of this version: {fault}") from None


def _is_signed(file: _File, public_key: str) -> bool:
    content = msgspec.to_builtins(file)
    try:
        signature = bytes.fromhex(content.pop("signature"))
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, canonical(content))
    except (InvalidSignature, ValueError):
        return False
    return True


def _write_new(path: Path, content: bytes) -> None:
    """Write a whole file under another name, then give it its own, which nobody else's may be."""
    path = path.absolute()
    part = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _rename_to_new(part, path)
    except FileExistsError:
        raise NotWritten(f"{path} exists; a checkpoint never replaces another") from None
    except OSError as fault:
        raise NotWritten(f"{path}: {fault.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _rename_to_new(part: Path, path: Path) -> None:
    """Rename, but never onto a file. (Some sticks and shares have no hard links, which do that at once.)"""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:
        if path.exists():
            raise FileExistsError from None
        part.rename(path)
