"""Checkpoints: written once, whole, signed; believed only as they were signed, by the key that is trusted."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.core.exceptions import ImproperlyConfigured

from auditing.history import canonical
from auditing.verification import Anchor, Chain
from auditing.verification.checkpoints import (
    Altered,
    Checkpoint,
    NotWritten,
    OtherKey,
    Unreadable,
    public_key_of,
    read,
    write,
)
from config.secrets import checkpoint_signing_key

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = public_key_of(KEY)
AT = datetime(2026, 5, 5, 16, 0, 0, 999, tzinfo=UTC)
CHAINS = [
    Chain(1, "Café shots", "nanobanana", 50, bytes(range(32)), 1),
    Chain(2, "reels", "reelbot", 0, bytes(32), 0),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A written checkpoint."""
    path = tmp_path / "checkpoint.json"
    write(path, CHAINS, KEY, AT)
    return path


def test_what_was_written_is_read(path: Path) -> None:
    assert read(path, PUBLIC) == Checkpoint(
        written_at=datetime(2026, 5, 5, 16, tzinfo=UTC),
        anchors={
            1: Anchor("Café shots", "nanobanana", 50, bytes(range(32))),
            2: Anchor("reels", "reelbot", 0, bytes(32)),
        },
    )


def test_anybody_can_verify_the_file_with_the_public_key_alone(path: Path) -> None:
    content = json.loads(path.read_text())
    signature = bytes.fromhex(content.pop("signature"))
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(PUBLIC)).verify(signature, canonical(content))
    assert content == {
        "format": "clipledger-checkpoint-1",
        "written_at": "2026-05-05T16:00:00Z",
        "public_key": PUBLIC,
        "accounts": [
            {
                "id": 1,
                "label": "Café shots",
                "provider": "nanobanana",
                "sequence": 50,
                "hash": bytes(range(32)).hex(),
            },
            {"id": 2, "label": "reels", "provider": "reelbot", "sequence": 0, "hash": "00" * 32},
        ],
    }


def test_it_never_replaces_a_file_and_leaves_nothing_half_written(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(NotWritten, match="exists; a checkpoint never replaces another"):
        write(path, CHAINS[:1], KEY, AT)
    with pytest.raises(NotWritten, match="No such file or directory"):
        write(path.parent / "nowhere" / "checkpoint.json", CHAINS, KEY, AT)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def account(content: dict[str, Any], **changes: Any) -> None:
    content["accounts"][0].update(changes)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: account(content, sequence=49),
        lambda content: account(content, hash="11" * 32),
        lambda content: account(content, label="others"),
        lambda content: account(content, id=3),
        lambda content: content["accounts"].pop(),
        lambda content: content["accounts"].reverse(),
        lambda content: content.update(written_at="2026-05-06T16:00:00Z"),
        lambda content: content.update(signature="00" * 64),
        lambda content: content.update(signature="no digits"),
        lambda content: content.update(public_key="00" * 32),
        lambda content: content.update(public_key="short"),
        lambda content: content.update(
            public_key=public_key_of(Ed25519PrivateKey.from_private_bytes(bytes(32)))
        ),
    ],
)
def test_an_altered_file_is_refused(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(Altered, match="was altered since it was signed"):
        read(path, PUBLIC)


def test_every_changed_byte_is_noticed(path: Path) -> None:
    """Whatever byte is changed, the file is refused, or (white space) says the same."""
    whole, said = path.read_bytes(), read(path, PUBLIC)
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            assert read(path, PUBLIC) == said
            assert whole[place : place + 1].isspace() or re.match(rb"[0-9a-f]", whole[place:])
        except (Altered, OtherKey, Unreadable):
            continue


def test_a_file_signed_by_another_key_is_refused_and_the_key_named(path: Path) -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    path.unlink()
    write(path, CHAINS, other, AT)
    with pytest.raises(OtherKey, match=f"signed by the key {public_key_of(other)}, not by {PUBLIC}"):
        read(path, PUBLIC)
    assert read(path, public_key_of(other)).anchors.keys() == {1, 2}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no checkpoint of this version"),
        (b"\xff\xfe", "is no checkpoint of this version"),
        (b"[]", "is no checkpoint of this version"),
        (b"[" * 100_000, "is no checkpoint of this version"),
        (b'{"format": "clipledger-checkpoint-2"}', r"Invalid enum value 'clipledger-checkpoint-2'"),
        (b'{"format": "clipledger-checkpoint-1", "more": 1}', "unknown field"),
        (b'{"format": "clipledger-checkpoint-1"}', "missing required field"),
    ],
)
def test_what_is_no_checkpoint_is_refused_with_the_reason(path: Path, content: bytes, message: str) -> None:
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=message):
        read(path, PUBLIC)


def test_a_file_that_is_missing_or_a_folder_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="No such file or directory"):
        read(tmp_path / "nothing", PUBLIC)
    with pytest.raises(Unreadable, match="Is a directory"):
        read(tmp_path, PUBLIC)


def test_the_signing_key_is_made_once_and_kept_or_given(tmp_path: Path) -> None:
    made = checkpoint_signing_key("", tmp_path)
    assert made == checkpoint_signing_key("", tmp_path)
    assert (tmp_path / "checkpoint_signing_key").stat().st_mode & 0o777 == 0o600
    assert checkpoint_signing_key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", tmp_path) == bytes(
        range(32)
    )
    assert checkpoint_signing_key("", None) is None
    with pytest.raises(ImproperlyConfigured, match="CHECKPOINT_SIGNING_KEY must be 32 bytes in base64"):
        checkpoint_signing_key("short", None)
