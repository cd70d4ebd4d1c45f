"""`manage.py sandbox` as a process: what it prints, how it ends, and how it refuses bad arguments."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.core.management.base import CommandError

from auditing.management.commands.sandbox import Command
from auditing.sandbox.world import build_world
from tests.sandbox.conftest import NOW, bearer

ROOT = Path(__file__).parents[2]


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), "sandbox", *arguments]


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The process and the lines that it prints once it listens."""
    with subprocess.Popen(command(*arguments), stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield process, [process.stdout.readline() for _ in range(10)]
        finally:
            process.kill()


def refused(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(command(*arguments), capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_it_serves_the_world_of_its_seed_and_start_and_prints_the_keys() -> None:
    world = build_world(5, NOW - timedelta(hours=3))
    with running("--port", "0", "--seed", "5", "--started-at", world.now.isoformat()) as (_, lines):
        assert lines[0].startswith("Sandbox listening on http://127.0.0.1:")
        assert [line.split() for line in lines[1:]] == [
            [a.provider, a.label, a.api_key] for a in world.accounts
        ]
        account = world.accounts[0]
        for entry in world.entries[account.label][::100]:
            answer = httpx.get(
                f"{lines[0].split()[3]}/api/v1/video-status.php",
                params={"video_id": entry.external_id},
                headers=bearer(account.api_key),
            )
            assert answer.json()["video"]["id"] == entry.external_id


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_well(number: signal.Signals) -> None:
    with running("--port", "0") as (process, _):
        process.send_signal(number)
        assert process.wait(timeout=20) == 0


def test_its_options_reach_the_server() -> None:
    arguments = ("--port", "0", "--limit", "7", "--faults", "500=1", "--started-at", "2026-06-03T15:00:00")
    with running(*arguments) as (_, lines):
        api_key = lines[3].split()[2]
        url = f"{lines[0].split()[3]}/api/v1/video/status/abc"
        answer = httpx.get(url, headers={"X-API-Key": api_key})
        assert (answer.status_code, answer.headers["X-RateLimit-Limit"]) == (500, "7")
        assert "started at 2026-06-03T15:00:00+00:00" in lines[0]


def test_a_taken_port_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, message = refused("--port", str(port))
    assert code == 1
    assert message == (
        f"CommandError: The sandbox can't listen on 127.0.0.1:{port}: Address already in use. "
        "Choose another with --port, or 0 for any free one.\n"
    )


def test_bad_arguments_are_usage_errors() -> None:
    code, message = refused("--faults", "teapot=1")
    assert code == 2
    assert "argument --faults: unknown fault 'teapot': use 401, 402," in message


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--faults", "429=2"], "argument --faults: the share of fault '429' is not between 0 and 1: 2"),
        (["--port", "65536"], "argument --port: '65536' is not a whole number from 0 to 65535"),
        (["--limit", "0"], "argument --limit: '0' is not a whole number from 1 up"),
        (["--started-at", "yesterday"], "argument --started-at: 'yesterday' is not an ISO 8601 time"),
        (["--seed", "x"], "argument --seed: 'x' is not a whole number from 0 up"),
        (["--extra", "-1"], "argument --extra: '-1' is not a whole number from 0 up"),
    ],
)
def test_what_is_wrong_with_an_argument_is_said(arguments: list[str], problem: str) -> None:
    with pytest.raises(CommandError) as caught:
        Command().create_parser("manage.py", "sandbox").parse_args(arguments)
    assert str(caught.value) == f"Error: {problem}"
