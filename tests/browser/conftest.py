"""A real browser on a real server with real data: the system's Chromium, a database of the test's own."""

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django import DjangoDbBlocker
from pytest_playwright import CreateContextCallback

from auditing.access import SYSTEM, acting_as
from auditing.keys.sealing import store_key
from config.postgres.base import close_everything
from tests.budgets.stage import budgets_by_the_clock
from tests.closing.months import closed_april_of_others
from tests.serving import served
from tests.test_tasks import worker
from tests.views.cast import Cast, assemble, completed, observed, ran, registered, stated

FOLDER = Path(__file__).parent
PASSWORD = "correct horse battery"
PATIENCE = 30_000  # milliseconds: two browsers may share two processors
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium; without one these tests are skipped, but never in CI."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium is installed (looked for chromium, chromium-browser, google-chrome)")
        pytest.skip("no Chromium is installed; browser tests need one")
    return {**browser_type_launch_args, "executable_path": chromium, "args": ARGUMENTS}


@pytest.hookimpl(trylast=True)  # after pytest has moved together what shares a browser
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright keeps an event loop in this thread to the end of the session."""
    items.sort(key=lambda item: FOLDER in item.path.parents)


@pytest.fixture(scope="session", autouse=True)
def _beside_an_event_loop(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let Django work beside Playwright's event loop, which it would refuse to.

    Connections from before the loop are closed first: from beside it, Django would not find them any more.
    """
    with django_db_blocker.unblock():
        close_everything()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="session")
def base_url() -> None:
    """None for all tests: each has a server of its own (`context`). The plugin's own warns under pytest 9."""


class _Provider(BaseHTTPRequestHandler):
    """ReelBot's download endpoint, on loopback."""

    def do_GET(self) -> None:
        link = {"downloadUrl": "https://s3.example/v.mp4?sig=1", "expiresAt": "2099-01-01T00:00:00.000Z"}
        body = json.dumps({"success": True, **link}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _serving(server: ThreadingHTTPServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def provider() -> Iterator[str]:
    """The address of a provider that gives download links."""
    yield from _serving(ThreadingHTTPServer(("127.0.0.1", 0), _Provider))


@pytest.fixture
def site(committed_db: str) -> Iterator[str]:  # noqa: ARG001 - pages come from the test's own database
    """The address of the dashboard."""
    with served() as address:
        yield address


@pytest.fixture
def context(new_context: CreateContextCallback, site: str) -> BrowserContext:
    """A browser window of this test's own, in which addresses are relative to the dashboard's."""
    context = new_context(base_url=site)
    context.set_default_timeout(PATIENCE)
    return context


@pytest.fixture
def rows(site: str, provider: str) -> Cast:
    """The people and sixty of Alice's generations, of every kind that the pages show differently."""
    with acting_as(SYSTEM):
        people = assemble(password=PASSWORD)
        people.reel.base_url = provider
        people.reel.save()
        store_key(people.reel, "rb_live_0123456789")
        picture = f"{site}/static/auditing/icon.svg"
        for number in range(54):
            completed(people.nano, f"vid_{number:03}", people.alice, thumbnail_url=picture, output_url=None)
        for number in range(4):
            said = {"status": "failed", "error": "Upstream model timed out", "flags": ["impossible_times"]}
            completed(people.nano, f"vid_failed_{number}", people.alice, resolution="4k", **said)
        generation = completed(people.reel, "rb-done", people.alice)
        observed(generation, 1, {"status": "processing", "updatedAt": None}, minute=1)
        observed(generation, 2, {"status": "completed", "outputKey": "users/1/" + "x" * 200}, minute=2)
        registered(people.reel, "rb-" + "long" * 60, people.alice, outcome=None)
        ran(people.nano, requested=60, ok=58, denied=2, ended="20 answers in a row were unreachable")
        stated(people.nano)
    closed_april_of_others(people)
    budgets_by_the_clock(people)
    return people


@pytest.fixture
def complaints() -> list[str]:
    """What browsers complained about: errors in the console, scripts that failed, refused content."""
    return []


@pytest.fixture(autouse=True)
def _no_complaints(page: Page, complaints: list[str]) -> Iterator[None]:
    listen(page, complaints)
    yield
    assert complaints == []


def listen(page: Page, complaints: list[str]) -> None:
    """Note this page's complaints (a violation of the content security policy is one)."""
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))


def run_worker(database: str) -> None:
    """A worker, until the queue is empty."""
    said, _ = (process := worker(database)).communicate(timeout=60)
    assert process.returncode == 0, said


type SignIn = Callable[..., None]


@pytest.fixture
def sign_in(rows: Cast) -> SignIn:  # noqa: ARG001 - there must be somebody to sign in
    """Sign in by the form, as Alice unless told, and be on the page asked for."""

    def enter(page: Page, address: str = "/", username: str = "alice") -> None:
        page.goto(address)
        page.get_by_label("User name or email").fill(username)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/accounts/login/" not in url)

    return enter
