"""A wish in a browser: a real worker carries it out, and the page shows it without a reload."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from auditing.access import SYSTEM, acting_as
from auditing.keys.sealing import store_key
from auditing.models import Account, ChainHead
from tests.browser.conftest import SignIn, run_worker
from tests.browser.test_pages import without_scripts as without_scripts
from tests.sync.scripted import ScriptedProvider, scripted, video
from tests.views.cast import Cast
from tests.views.queue import a_worker

PAGE = "/generations/nanobanana/vid_001/"


@pytest.fixture
def nanobanana(rows: Cast) -> Iterator[ScriptedProvider]:
    """NanoBanana, on which every video now has a new title."""
    today: dict[str, Any] = {"title": "As it is today", "output_url": None, "thumbnail_url": None}
    with scripted(lambda external_id: video(external_id, **today)) as provider:
        with acting_as(SYSTEM):
            Account.objects.filter(pk=rows.nano.pk).update(base_url=provider.url)
            ChainHead.objects.create(account=rows.nano)
            store_key(rows.nano, "nb_0123456789abcdef")
        yield provider


@pytest.fixture
def polls(page: Page) -> list[str]:
    """The parts that the page asked for by itself."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if "shown=" in request.url:
            asked.append(request.url)

    page.on("request", note)
    return asked


def test_a_record_is_looked_up_and_its_page_shows_it(
    page: Page, sign_in: SignIn, nanobanana: ScriptedProvider, committed_db: str, polls: list[str]
) -> None:
    """From the click to the new title, and then no more questions."""
    sign_in(page, PAGE)
    page.evaluate("window.marked = true")
    page.get_by_role("button", name="Refresh now").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#refresh")).to_contain_text("No worker is running")
    expect(page.get_by_role("button", name="Refresh now")).to_be_focused()
    assert "asked=" in page.url
    run_worker(committed_db)
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("heading", name="As it is today")).to_be_visible()
    expect(page.locator("#refresh")).to_contain_text("Looked up just now: ok.")
    expect(page.locator("#said")).to_contain_text("Looked up just now: ok.")
    assert nanobanana.asked_ids == ["vid_001"]
    assert page.evaluate("window.marked === true")
    before = len(polls)
    page.wait_for_timeout(4000)
    assert len(polls) == before


def test_it_polls_while_it_waits_but_not_in_a_hidden_tab(
    page: Page, sign_in: SignIn, nanobanana: ScriptedProvider, committed_db: str, polls: list[str]
) -> None:
    """Every three seconds, when there is a worker; nobody clicks."""
    sign_in(page, PAGE)
    a_worker(seconds_silent=-60)
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    page.get_by_role("button", name="Refresh now").click()
    expect(page.locator("#refresh")).to_contain_text("waiting for a worker")
    page.wait_for_timeout(4000)
    assert polls == []
    run_worker(committed_db)
    page.evaluate("Object.defineProperty(document, 'hidden', {value: false, configurable: true})")
    expect(page.get_by_role("heading", name="As it is today")).to_be_visible()
    assert nanobanana.asked_ids == ["vid_001"]


def test_an_account_is_synced_and_the_sync_page_shows_its_run(
    page: Page, sign_in: SignIn, nanobanana: ScriptedProvider, committed_db: str, rows: Cast
) -> None:
    """By its manager; what was opened stays open when the page changes around it."""
    with acting_as(SYSTEM):
        rows.nano.lookups.filter(generation__external_id="vid_007").update(due_at="2026-01-01T00:00:00Z")
    sign_in(page, "/sync/", "max")
    page.get_by_text("1 account", exact=True).click()
    page.get_by_role("button", name="Refresh now north-nano").click()
    card = page.locator("article", has=page.get_by_role("heading", name="north-nano"))
    expect(card).to_contain_text("No worker is running")
    run_worker(committed_db)
    page.get_by_role("link", name="Look again").click()
    expect(card).to_contain_text("Its turn is over")
    expect(page.locator("tbody tr").first).to_contain_text("Page by Max")
    expect(page.locator("tbody tr").first).to_contain_text("= 1 ok")
    expect(page.locator("tbody tr").last.locator("details")).to_have_attribute("open", "")
    assert nanobanana.asked_ids == ["vid_007"]


def test_it_works_without_scripts(
    without_scripts: Page, sign_in: SignIn, nanobanana: ScriptedProvider, committed_db: str
) -> None:
    """By the form, and by the link that looks again."""
    page = without_scripts
    sign_in(page, PAGE)
    page.get_by_role("button", name="Refresh now").click()
    expect(page.locator("#refresh")).to_contain_text("No worker is running")
    run_worker(committed_db)
    page.get_by_role("link", name="Look again").click()
    expect(page.locator("#refresh")).to_contain_text("Looked up just now: ok.")
    expect(page.get_by_role("heading", name="As it is today")).to_be_visible()
    assert nanobanana.asked_ids == ["vid_001"]
