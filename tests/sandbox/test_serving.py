"""Starting and ending: on any free port, on a given one, not on a taken one."""

import socket
import subprocess
import sys

import httpx
import pytest

from auditing.sandbox.serving import CannotListenError, in_thread
from auditing.sandbox.world import World


def test_it_listens_while_the_block_runs_and_not_after(world: World) -> None:
    with in_thread(world) as base_url:
        assert httpx.get(base_url).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(base_url)


def test_a_port_can_be_chosen_and_used_again_at_once(world: World) -> None:
    with in_thread(world) as base_url:
        httpx.get(base_url)
    port = httpx.URL(base_url).port
    assert port is not None
    with in_thread(world, port=port) as again:
        assert again == base_url
        assert httpx.get(again).status_code == 200


def test_a_taken_port_is_reported(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListenError, match=f"127.0.0.1:{port}: Address already in use"):
            in_thread(world, port=port).__enter__()


def test_it_imports_nothing_of_the_rest() -> None:
    code = """
import sys
import auditing.sandbox.serving
print(sorted(name for name in sys.modules if name.partition(".")[0] in ("django", "config", "auditing")
             and not name.startswith("auditing.sandbox")))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['auditing']\n"
