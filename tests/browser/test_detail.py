"""A record's page in a real browser: noted, tagged and corrected in place, a film that can't be played."""

from playwright.sync_api import Page, expect

from auditing.access import SYSTEM, acting_as
from auditing.models import Note
from tests.browser.conftest import SignIn
from tests.views.cast import Cast, completed


def test_a_manager_works_on_a_record_without_leaving_it(
    page: Page, rows: Cast, site: str, sign_in: SignIn, complaints: list[str]
) -> None:
    """Each answer is told to screen readers; what is wrong with a film is said in words."""
    with acting_as(SYSTEM):
        completed(rows.nano, "vid_gone", rows.bob, output_url=f"{site}/static/auditing/gone.mp4")
    sign_in(page, "/generations/?owner=bob", "max")
    page.goto(page.locator(".row-title").get_attribute("href") or "")
    expect(page.get_by_text("by bob; newest first (1)")).to_be_visible()

    page.get_by_label("Tag", exact=True).fill("client A")
    page.get_by_role("button", name="Add tag").click()
    expect(page.locator("#said")).to_have_text("The tag client A is on.")
    page.get_by_label("New note").fill("x" * 10_001)
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_label("New note")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("New note")).to_have_value("x" * 10_001)
    page.get_by_label("New note").fill("Too dark.")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#said")).to_have_text("Your note is kept.")
    expect(page.get_by_label("New note")).to_have_value("")

    page.get_by_text("Correct owner or project").click()
    page.get_by_label("Owner", exact=True).select_option("Alice")
    page.get_by_role("button", name="Correct").click()
    expect(page.locator("#said")).to_have_text("Corrected; the trail of people tells of it.")
    with acting_as(SYSTEM):
        assert Note.objects.get().owner == rows.alice

    expect(page.get_by_text("could not be played here")).to_be_hidden()
    page.locator("video").evaluate("film => film.play().catch(() => undefined)")
    expect(page.get_by_text("could not be played here")).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Back to the list").click()
    expect(page.get_by_text("No generation matches")).to_be_visible()
    assert [text[:23] for text in complaints] == [
        "Failed to load resource"
    ]  # the browser's own word on the film
    complaints.clear()
