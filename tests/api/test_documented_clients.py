"""The vendors' own examples, unchanged but for base URL and key, run against Clipledger over real HTTP."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from auditing.models import Generation
from tests.api.asking import a_token
from tests.providers.responses import payload_bytes
from tests.serving import served
from tests.views.cast import Cast, assemble, completed, registered

DOCUMENTED = Path(__file__).parent / "documented"
PROJECT_ID = "abc123def456"

# Around the documented function: what is to be waited for. Its five seconds between two polls become one line
# on standard output and one on standard input, in which the test lets the project go on.
AROUND_THE_LOOP = """
import { createInterface } from 'node:readline';
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const usual = globalThis.setTimeout;
globalThis.setTimeout = (go, milliseconds, ...rest) => {
  if (milliseconds !== 5000) return usual(go, milliseconds, ...rest);
  console.log('polled');
  lines.next().then(() => go());
};
waitForVideo(process.argv[1], process.env.KEY)
  .catch(error => ({ thrown: error.message }))
  .then(result => console.log(JSON.stringify(result)))
  .finally(() => process.exit());
"""


def program(name: str) -> str:
    """The program's path; without it the test is skipped, but never in CI."""
    if path := shutil.which(name):
        return path
    if os.environ.get("CI") == "true":
        pytest.fail(f"{name} is not installed")
    pytest.skip(f"{name} is not installed; this test needs it")


@pytest.fixture
def people(committed_db: str) -> Cast:  # noqa: ARG001 - the server's threads read what is committed
    """The teams, people and accounts."""
    return assemble()


@pytest.fixture
def site(people: Cast) -> Iterator[str]:  # noqa: ARG001 - the database before its server
    """The address of the dashboard."""
    with served() as address:
        yield address


def documented(name: str, base_url: str, site: str, **keys: str) -> str:
    """The documented example with the base URL replaced, and with keys in place of the documentation's."""
    example = (DOCUMENTED / name).read_text()
    assert base_url in example
    for said, meant in {base_url: site, **keys}.items():
        example = example.replace(said, meant)
    return example


def shell(script: str, **environment: str) -> Any:
    """What the script prints, as JSON."""
    program("curl")
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, check=True, env={**os.environ, **environment}, timeout=60
    )
    return json.loads(done.stdout)


def test_nanobananas_documented_curl_call_works(people: Cast, site: str) -> None:
    """For a video that is theirs, for another's, and without a key."""
    payload = json.loads(payload_bytes("nanobanana-completed"))
    payload["video"]["id"] = "vid_a1b2c3d4"
    completed(people.nano, "vid_a1b2c3d4", people.alice, payload=payload)
    call = documented("nanobanana.sh", "https://nanobananavideo.com", site)
    assert shell(call, NB_API_KEY=a_token(people.alice, people.team)) == payload
    refused = shell(call, NB_API_KEY=a_token(people.bob, people.team))
    assert refused == {"success": False, "error": "Access denied"}
    assert shell(call, NB_API_KEY="") == {"success": False, "error": "API key required"}


def test_reelbots_documented_curl_call_works(people: Cast, site: str) -> None:
    """For a project that is theirs, for another's, and with the documentation's key."""
    payload = json.loads(payload_bytes("reelbot-completed"))
    completed(people.reel, PROJECT_ID, people.alice, payload=payload)

    def answered(key: str) -> Any:
        return shell(documented("reelbot.sh", "https://reelbot.space", site, rb_live_your_key_here=key))

    assert answered(a_token(people.alice, people.team)) == payload
    assert answered(a_token(people.bob, people.team)) == json.loads(payload_bytes("reelbot-404"))
    assert answered("rb_live_your_key_here") == json.loads(payload_bytes("reelbot-401"))


class Loop:
    """The documented polling loop, run by Node; each of its pauses ends when the test says so."""

    def __init__(self, site: str, key: str) -> None:
        loop = documented("reelbot.js", "https://reelbot.space", site)
        command = [program("node"), "--input-type=module", "--eval", loop + AROUND_THE_LOOP, PROJECT_ID]
        environment = {**os.environ, "KEY": key}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def said(self) -> str:
        """The next line."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go_on(self) -> None:
        """End the pause."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def close(self) -> None:
        """End it, whatever it waits for."""
        self.process.kill()
        self.process.communicate()


@pytest.mark.parametrize(
    ("last", "result"),
    [
        ("completed", json.loads(payload_bytes("reelbot-completed"))),
        ("failed", {"thrown": "Failed to process B-roll asset: file not found"}),
    ],
)
def test_reelbots_documented_polling_loop_works(people: Cast, site: str, last: str, result: Any) -> None:
    """From an id that was just registered to the end: never looked up, queued, processing, and over."""
    generation = registered(people.reel, PROJECT_ID, people.alice, outcome=None)
    loop = Loop(site, a_token(people.alice, people.team))
    try:
        for said in ("queued", "processing", last):
            assert loop.said() == "polled"
            payload = json.loads(payload_bytes(f"reelbot-{said}"))
            status = {"queued": "pending"}.get(said, said)
            Generation.objects.filter(pk=generation.pk).update(
                payload=payload, status=status, provider_status=said
            )
            loop.go_on()
        assert json.loads(loop.said()) == result
    finally:
        loop.close()
