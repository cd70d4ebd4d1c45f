"""Signing in with the wrong role is said in words, and `check --deploy` sees it coming."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import environment_of
from tests.sync.test_command import command, ended

ROOT = Path(__file__).resolve().parents[2]


def test_a_command_signed_in_as_the_dashboard_says_what_is_wrong(committed_db: str) -> None:
    process = subprocess.run(
        [sys.executable, "manage.py", "sync"],
        cwd=ROOT,
        env=environment_of(committed_db) | {"DATABASE_URL_WORKER": committed_db},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert process.stderr.startswith(
        "The database does not let this process work as clipledger_worker: permission denied to set role"
    )


def test_the_check_for_deployment_passes_with_the_dashboards_role_only(committed_db: str) -> None:
    code, _, said = ended(command(committed_db, "check", "--deploy", "--tag", "security"))
    assert (code, "auditing.E001" in said) == (0, False)
    as_worker = committed_db.replace("clipledger_web@", "clipledger_worker@")
    administrator = committed_db.replace("clipledger_web@", "clipledger@")
    assert ended(command(as_worker, "check", "--deploy", "--tag", "security"))[0] == 0
    code, _, said = ended(command(administrator, "check", "--deploy", "--tag", "security"))
    assert (code, "clipledger is a superuser, whom no policy binds" in said) == (1, True)
