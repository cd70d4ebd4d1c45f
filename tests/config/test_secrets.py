"""The secrets: made once, kept private, and outdone by the environment."""

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import secrets
from config.sealing import key_encryption
from tests.config.processes import ROOT, bare_environment, manage

KEY = base64.b64encode(bytes(range(32))).decode()
GIVEN = {"SECRET_KEY": "signs" * 12, "KEY_ENCRYPTION_KEY": KEY, "TOKEN_PEPPER": "pepper"}
PRODUCTION = {
    **GIVEN,
    "SECRET_KEY": "".join(chr(33 + number) for number in range(60)),
    "CLIPLEDGER_ENV": "production",
    "ALLOWED_HOSTS": "audit.example.com",
    "DATABASE_URL": "postgresql://clipledger:word@127.0.0.1:1/clipledger",
}


def test_they_are_made_once_and_stay(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "secrets"
    made = secrets.load({}, folder)
    assert secrets.load({}, folder) == made
    assert len({made.secret_key, made.token_pepper.decode()}) == 2


def test_only_their_owner_may_read_them(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    umask = os.umask(0)
    try:
        secrets.load({}, folder)
    finally:
        os.umask(umask)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"secret_key": 0o600, "token_pepper": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_eight_processes_that_ask_at_once_get_the_same(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from config import secrets; print('ready', flush=True);"
        "sys.stdin.read(); made = secrets.load({}, Path(sys.argv[1]));"
        "print(made.secret_key, made.token_pepper)"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "secrets")],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.close()
        racer.stdin = None
    answers = {racer.communicate()[0] for racer in racers}
    assert len(answers) == 1
    assert answers != {""}
    assert len(list((tmp_path / "secrets").iterdir())) == 2


def test_the_environment_wins_and_nothing_is_made(tmp_path: Path) -> None:
    found = secrets.load(GIVEN, tmp_path / "secrets")
    assert (found.secret_key, found.token_pepper) == ("signs" * 12, b"pepper")
    assert not (tmp_path / "secrets").exists()


def test_a_variable_may_name_a_file_instead(tmp_path: Path) -> None:
    (tmp_path / "pepper").write_text("from a file\n")
    environment = {**GIVEN, "TOKEN_PEPPER": "", "TOKEN_PEPPER_FILE": str(tmp_path / "pepper")}
    assert secrets.load(environment, tmp_path / "secrets").token_pepper == b"from a file"
    with pytest.raises(ImproperlyConfigured, match=r"TOKEN_PEPPER_FILE names .*nothing, which can't be read"):
        secrets.load({**environment, "TOKEN_PEPPER_FILE": str(tmp_path / "nothing")}, tmp_path / "secrets")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    secrets.load({}, tmp_path)
    (tmp_path / "token_pepper").chmod(mode)
    with pytest.raises(
        ImproperlyConfigured, match=r"token_pepper is a secret, and others may read it \(mode 6"
    ):
        secrets.load({}, tmp_path)


@pytest.mark.parametrize("text", ["short", base64.b64encode(bytes(31)).decode(), KEY + "!"])
def test_a_key_that_is_not_32_bytes_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="must be 32 bytes in base64") as refused:
        key_encryption({"KEY_ENCRYPTION_KEY": text}, None)
    assert text not in str(refused.value)


def test_they_do_not_show_in_a_representation(tmp_path: Path) -> None:
    assert repr(secrets.load(GIVEN, tmp_path)) == "Secrets()"


@pytest.mark.parametrize(
    ("role", "demanded"),
    [("web", "KEY_SEALING_KEY, "), ("worker", "KEY_ENCRYPTION_KEY, "), ("migrations", "")],
)
def test_production_demands_all_that_the_role_needs_and_lists_what_is_missing_at_once(
    tmp_path: Path, role: str, demanded: str
) -> None:
    environment = bare_environment(
        CLIPLEDGER_ENV="production",
        CLIPLEDGER_VAR=str(tmp_path),
        CLIPLEDGER_DATABASE_ROLE=role,
        TOKEN_PEPPER="x",
    )
    done = manage("check", environment=environment)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith(
        f"CLIPLEDGER_ENV=production demands SECRET_KEY, {demanded}ALLOWED_HOSTS, DATABASE_URL: "
        "set them in the environment."
    )
    assert list(tmp_path.iterdir()) == []


def test_production_passes_djangos_deployment_checks(tmp_path: Path) -> None:
    environment = bare_environment(CLIPLEDGER_VAR=str(tmp_path), **PRODUCTION)
    done = manage("check", "--deploy", "--fail-level", "WARNING", environment=environment)
    assert done.returncode == 0
    assert "WARNINGS" not in done.stderr
    # All there is to say: nobody answers at this address, so neither wall nor zone was looked at; and mail is
    # left to its defaults.
    assert "auditing.I001" in done.stderr
    assert "auditing.I002" in done.stderr
    assert "identified 3 issues " in done.stderr
    assert list(tmp_path.iterdir()) == []
