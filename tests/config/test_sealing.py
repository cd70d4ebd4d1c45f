"""The two halves of the key-encryption key: who has which, and that they belong together."""

import base64
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.sealing import NoPrivateKey, in_base64, key_encryption, public_half
from tests.config.processes import bare_environment, manage, run

PRIVATE = bytes(range(32))
GIVEN = {"KEY_ENCRYPTION_KEY": in_base64(PRIVATE)}
PUBLIC = {"KEY_SEALING_KEY": in_base64(public_half(PRIVATE))}


def test_the_public_half_is_derived_where_the_private_one_is_given() -> None:
    assert key_encryption(GIVEN, None).public() == public_half(PRIVATE)
    assert key_encryption(GIVEN, None).private() == PRIVATE


def test_a_process_with_the_public_half_alone_seals_and_opens_nothing() -> None:
    found = key_encryption(PUBLIC, None)
    assert found.public() == public_half(PRIVATE)
    with pytest.raises(NoPrivateKey, match="workers alone have it"):
        found.private()


def test_halves_of_different_keys_are_refused_at_the_start() -> None:
    other = {"KEY_SEALING_KEY": in_base64(public_half(bytes(32)))}
    with pytest.raises(ImproperlyConfigured, match="nobody could open what it seals"):
        key_encryption({**GIVEN, **other}, None)
    key_encryption({**GIVEN, **other, "KEY_ENCRYPTION_KEY_OLD": in_base64(bytes(32))}, None)


def test_former_halves_are_a_list() -> None:
    one, two = in_base64(bytes(32)), in_base64(bytes([1] * 32))
    for text in (f"{one},{two}", f"{one}, {two} ,", f"{one}\n{two}\n"):
        found = key_encryption({**GIVEN, "KEY_ENCRYPTION_KEY_OLD": text}, None)
        assert found.former() == [bytes(32), bytes([1] * 32)]
    assert key_encryption(GIVEN, None).former() == []


def test_with_nothing_set_both_are_made_once_each_in_a_file_of_its_own(tmp_path: Path) -> None:
    found = key_encryption({}, tmp_path / "secrets")
    public = found.public()
    assert public_half(found.private()) == public
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "secrets").iterdir()}
    assert modes == {"key_encryption_key": 0o600, "key_sealing_key": 0o600}


def test_the_web_reads_the_public_file_only(tmp_path: Path) -> None:
    """Once it is there, the private one may even be out of its reach."""
    public = key_encryption({}, tmp_path).public()
    (tmp_path / "key_encryption_key").unlink()
    assert key_encryption({}, tmp_path).public() == public
    assert not (tmp_path / "key_encryption_key").exists()


def test_a_former_half_is_found_in_its_file(tmp_path: Path) -> None:
    before = key_encryption({}, tmp_path).private()
    (tmp_path / "key_encryption_key").rename(tmp_path / "key_encryption_key_old")
    found = key_encryption({}, tmp_path)
    assert found.former() == [before]
    assert found.private() != before


def test_no_representation_shows_a_half() -> None:
    assert in_base64(PRIVATE) not in repr(key_encryption({**GIVEN, **PUBLIC}, None))


def test_the_command_prints_what_the_web_is_given(tmp_path: Path) -> None:
    done = manage("sealing_key", environment=bare_environment(CLIPLEDGER_VAR=str(tmp_path), **GIVEN))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == PUBLIC["KEY_SEALING_KEY"]
    assert len(base64.b64decode(done.stdout)) == 32


def test_a_web_process_has_no_code_that_opens_keys_and_makes_no_private_half(tmp_path: Path) -> None:
    """As granian starts it, with a public half that was made before."""
    folder = tmp_path / "secrets"
    key_encryption({}, folder).public()
    (folder / "key_encryption_key").unlink()
    code = (
        "import config.wsgi, sys; from django.urls import get_resolver; get_resolver().url_patterns;"
        "from django.conf import settings; settings.KEY_ENCRYPTION.public();"
        "print(sorted(name for name in sys.modules"
        " if name.startswith(('auditing.keys.', 'auditing.sync.', 'auditing.tasks'))))"
    )
    done = run("-c", code, environment=bare_environment(CLIPLEDGER_VAR=str(tmp_path)))
    assert done.stdout.strip() == "['auditing.keys.sealing']", done.stderr
    assert not (folder / "key_encryption_key").exists()
