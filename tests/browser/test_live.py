"""Rows that change by themselves: where they stand, without moving what a person is at."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Request, expect

from auditing.access import SYSTEM, acting_as
from auditing.models import Generation, Lookup
from tests.browser.conftest import SignIn
from tests.views.cast import Cast, completed

HIDE = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true})"


@pytest.fixture
def asked(page: Page) -> list[str]:
    """What the page asked for by itself."""
    requests: list[str] = []

    def note(request: Request) -> None:
        if "/generations/live/" in request.url:
            requests.append(request.url)

    page.on("request", note)
    return requests


def say(external_id: str, **columns: str) -> None:
    """What a worker leaves of a lookup."""
    with acting_as(SYSTEM):
        Generation.objects.filter(external_id=external_id).update(**columns)
        lookups = Lookup.objects.filter(generation__external_id=external_id)
        lookups.update(looked_up_at=timezone.now(), outcome="ok")


@pytest.mark.usefixtures("rows")
def test_rows_change_where_they_stand_until_they_are_done(
    page: Page, sign_in: SignIn, asked: list[str]
) -> None:
    """In one request for all of them, not in a hidden tab; focus, place and the rest of the page stay."""
    say("vid_040", status="processing")
    say("vid_030", status="pending")
    sign_in(page, "/generations/?sort=created_at")
    row = page.locator("[data-row]", has_text="vid_040")
    row.get_by_role("button", name="Copy vid_040").focus()
    place = page.evaluate("scrollY")
    page.evaluate(HIDE % "true")
    say("vid_040", title="Halfway there")
    page.wait_for_timeout(5500)
    assert asked == []
    page.evaluate(HIDE % "false")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(row).to_contain_text("Halfway there")
    expect(row.get_by_role("button", name="Copy vid_040")).to_be_focused()
    expect(row).to_have_attribute("aria-current", "true")
    assert page.evaluate("scrollY") == place
    assert asked[0].count("row=") == 2
    say("vid_040", status="completed", title="Done")
    say("vid_030", status="failed")
    expect(row).to_contain_text("Done")
    expect(page.locator("#live")).to_be_empty()  # there is nothing left that asks


def test_new_rows_are_told_of_and_come_when_asked_for(page: Page, sign_in: SignIn, rows: Cast) -> None:
    """Nothing moves before; the row that was open stays it."""
    sign_in(page, "/generations/")
    page.locator("[data-row]").nth(2).locator(".row-title").click()
    name = page.locator("#panel h2").first.text_content()
    top = page.locator("[data-row]").first.bounding_box()
    with acting_as(SYSTEM):
        completed(rows.nano, "vid_late", rows.alice, created_at=timezone.now())
    page.evaluate("document.querySelector('#live a').click()")  # from where one is, as it does by itself
    told = page.locator("#arrived")
    expect(told).to_have_text("1 new generation matches: show it")
    assert page.locator("[data-row]").first.bounding_box() == top
    told.get_by_role("link").click()
    expect(page.locator("[data-row]").first).to_contain_text("vid_late")
    expect(page.locator("[data-row]").nth(3)).to_have_attribute("aria-current", "true")
    expect(page.locator("#panel h2").first).to_have_text(str(name))
    expect(told).to_be_empty()
