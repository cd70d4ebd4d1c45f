"""`manage.py sync` as an operator runs it: a process of its own, its exit code, its one JSON object."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from auditing.models import Lookup, Run
from auditing.records import Outcome
from tests.conftest import environment_of
from tests.stage import an_account, registered
from tests.sync.scripted import KEY_REQUIRED, Reply, ScriptedProvider, scripted, video

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"


def command(
    database: str, *arguments: str, environment: Mapping[str, str] = MappingProxyType({})
) -> subprocess.Popen[str]:
    """The command, started."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(MANAGE), *arguments],
        env=environment_of(database) | dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Its exit code and what it said on standard output and error."""
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def summary_of(out: str) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads(out)
    for numbers in (summary, *summary["accounts"]):
        assert numbers["requested"] == sum(numbers[name] for name in Outcome) + numbers["not_reached"]
    return summary


def waited_for(provider: ScriptedProvider, requests: int, process: subprocess.Popen[str]) -> None:
    """Return when the provider has been asked so often."""
    pause = threading.Event()
    while len(provider.asked) < requests and process.poll() is None:
        pause.wait(0.002)


def test_json_is_one_object_whose_numbers_add_up(committed_db: str) -> None:
    with scripted(lambda key: Reply(500, {}) if key == "vid_x" else video(key)) as provider:
        registered(an_account(base_url=provider.url), ["vid_a", "vid_b", "vid_x"])
        code, out, err = ended(command(committed_db, "sync", "--json"))
    summary = summary_of(out)
    assert (code, err) == (3, "")
    assert {name: summary[name] for name in ("state", "requested", "ok", "unreachable", "changed")} == {
        "state": "finished",
        "requested": 3,
        "ok": 2,
        "unreachable": 1,
        "changed": 2,
    }
    assert summary["accounts"][0]["account"] == "nanobanana"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_batch_in_hand_and_exits_cleanly(
    committed_db: str, number: signal.Signals
) -> None:
    ids = [f"vid_{index:03}" for index in range(200)]
    with scripted(video) as provider:
        registered(an_account(base_url=provider.url, per_minute=1200), ids)
        process = command(committed_db, "sync", "--json")
        waited_for(provider, 10, process)
        process.send_signal(number)
        code, out, err = ended(process)
        asked = len(provider.asked)
    summary = summary_of(out)
    assert (code, err, summary["state"]) == (0, "", "stopped")
    assert summary["ok"] == asked < 200
    assert summary["not_reached"] == 200 - asked
    assert Lookup.objects.exclude(outcome=None).count() == asked
    assert Run.objects.get().state == Run.State.STOPPED


def test_a_refused_key_exits_with_4_and_says_why_in_the_table(committed_db: str) -> None:
    with scripted(lambda _: KEY_REQUIRED) as provider:
        registered(an_account(base_url=provider.url), ["vid_a", "vid_b"])
        code, out, _ = ended(command(committed_db, "sync"))
    assert code == 4
    assert "nanobanana: Key refused:" in out
    assert "not reached" in out


def test_a_dry_run_says_what_is_due_and_sends_nothing(committed_db: str) -> None:
    with scripted(video) as provider:
        registered(an_account(base_url=provider.url), ["vid_a", "vid_b"])
        code, out, _ = ended(command(committed_db, "sync", "--dry-run", "--json"))
        assert provider.asked == []
    assert (code, json.loads(out)) == (0, {"dry_run": True, "due": 2, "accounts": {"nanobanana": 2}})
    assert not Run.objects.exists()


def test_every_runs_again_until_a_signal(committed_db: str) -> None:
    with scripted(lambda key: video(key, status="processing", created_at=None)) as provider:
        registered(an_account(base_url=provider.url), ["vid_a"])
        process = command(committed_db, "sync", "--every", "0.1", "--json", "--force")
        waited_for(provider, 3, process)
        process.terminate()
        code, out, _ = ended(process)
    assert code == 0
    assert len(out.splitlines()) >= 3


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--account", "nope"], 2, "--account: no account 'nope'; there are: none yet"),
        (["--provider", "nope"], 2, "invalid choice: 'nope'"),
        (["--max-seconds", "-1"], 2, "must be more than 0"),
        (["--every", "soon"], 2, "'soon' is not a number"),
        (["--concurrency", "0"], 2, "'0' is no whole number from 1 on"),
        (["--max-requests", "few"], 2, "'few' is no whole number from 1 on"),
    ],
)
def test_wrong_arguments_exit_with_2_and_are_named(
    committed_db: str, arguments: list[str], code: int, said: str
) -> None:
    exit_code, out, err = ended(command(committed_db, "sync", *arguments))
    assert (exit_code, out) == (code, "")
    assert said in err


def test_a_database_that_cannot_be_reached_fails_in_one_line_that_names_it() -> None:
    process = command("postgresql://nobody@127.0.0.1:9/nowhere", "sync")
    code, out, err = ended(process)
    assert (code, out) == (1, "")
    assert "Traceback" not in err
    assert "127.0.0.1" in err
