"""The list in a browser: parts are replaced, the address says what is shown, and nothing fails silently."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn

COUNT = re.compile(r"^4 generations: failed")


def mark(page: Page) -> None:
    """Something that a reload would wipe out."""
    page.evaluate("window.marked = true")


def is_marked(page: Page) -> bool:
    return bool(page.evaluate("window.marked === true"))


def choose(page: Page, pick: str, option: str) -> None:
    panel = page.locator("details.pick", has_text=pick).first
    panel.locator("summary").click()
    panel.get_by_label(option, exact=True).check()


def test_filtering_replaces_the_rows_and_says_so(page: Page, sign_in: SignIn) -> None:
    """Without a reload; the address is canonical, the count announced, and back leads back."""
    sign_in(page, "/generations/?per_page=50&q=")
    mark(page)
    choose(page, "Status", "failed")
    expect(page.locator("#count")).to_have_text(COUNT)
    expect(page.locator("tbody tr")).to_have_count(4)
    assert page.url.endswith("/generations/?status=failed")
    assert is_marked(page)
    page.go_back()
    expect(page.locator("#count")).to_have_text(re.compile("60 generations in all"))
    expect(page.get_by_label("failed", exact=True)).not_to_be_checked()
    page.go_forward()
    expect(page.locator("tbody tr")).to_have_count(4)


def test_values_show_how_many_rows_they_have_and_what_is_not_wanted_is_left_out(
    page: Page, sign_in: SignIn
) -> None:
    """The counts follow what is chosen; the open panel stays open, and the choice chosen."""
    sign_in(page, "/generations/")
    mark(page)
    status = page.locator("#pick-status")
    status.locator("summary").click()
    line = status.locator("label.checkline", has_text="failed")
    expect(line).to_have_attribute("data-count", "4")
    status.get_by_label("not failed").check(force=True)
    expect(page.locator("#count")).to_have_text(re.compile("^56 generations: not failed"))
    assert page.url.endswith("/generations/?status_not=failed")
    expect(page.locator("#pick-provider label.checkline").first).to_have_attribute("data-count", "54")
    expect(line).to_have_attribute("data-count", "4")
    expect(line).to_be_visible()
    expect(status.get_by_label("not failed")).to_be_checked()
    page.locator("h1").click()
    page.locator("#more-filters > summary").click()
    page.get_by_label("Credits, at least").fill("much")
    page.get_by_label("Credits, at least").press("Enter")
    expect(page.locator("#filter-credits-error")).to_contain_text("is no amount")
    expect(page.get_by_label("Credits, at least")).to_be_visible()
    page.locator("#filter-created").select_option("today")
    expect(page.get_by_role("link", name="Remove filter: created today")).to_be_visible()
    assert is_marked(page)


def test_typing_searches(page: Page, sign_in: SignIn) -> None:
    """The field keeps what is typed, and the keyboard its place."""
    sign_in(page, "/generations/")
    page.keyboard.press("/")
    page.keyboard.type("vid_01")
    expect(page.locator("tbody tr")).to_have_count(10)
    expect(page.locator("#filter-q")).to_be_focused()
    expect(page.locator("#filter-q")).to_have_value("vid_01")
    assert page.url.endswith("/generations/?q=vid_01")


def test_a_chip_takes_its_filter_away(page: Page, sign_in: SignIn) -> None:
    """From the rows, the address and the form."""
    sign_in(page, "/generations/?status=failed&resolution=4k")
    mark(page)
    page.get_by_role("link", name="Remove filter: failed").click()
    expect(page.get_by_role("link", name="Remove filter: failed")).to_have_count(0)
    expect(page.get_by_role("link", name="Remove filter: 4k")).to_be_visible()
    expect(page.locator("input[name=status][value=failed]")).not_to_be_checked()
    assert page.url.endswith("/generations/?resolution=4k")
    assert is_marked(page)


def test_sorting_and_paging_keep_the_filter(page: Page, sign_in: SignIn) -> None:
    """And the next change of the filter keeps the sort."""
    sign_in(page, "/generations/")
    mark(page)
    page.get_by_role("columnheader", name="Credits").get_by_role("link").click()
    expect(page.locator("th[aria-sort]")).to_have_text(re.compile("Credits"))
    page.get_by_role("link", name="Next").click()
    expect(page.locator("tbody tr")).to_have_count(10)
    page.get_by_role("link", name="Previous").click()
    expect(page.locator("tbody tr")).to_have_count(50)
    choose(page, "Status", "failed")
    expect(page.locator("tbody tr")).to_have_count(4)
    assert page.url.endswith("/generations/?status=failed&sort=-credits_used")
    assert is_marked(page)


def test_a_bad_value_is_said_at_its_field_and_gone_when_mended(page: Page, sign_in: SignIn) -> None:
    """In parts as on pages."""
    sign_in(page, "/generations/")
    page.evaluate("document.getElementById('filter-from').type = 'text'")
    page.locator("#filter-from").fill("soon")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#filter-from-error")).to_contain_text("is not a date")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#filter-from-error")).to_have_count(0)


def test_a_server_that_cannot_be_reached_is_said(page: Page, sign_in: SignIn, complaints: list[str]) -> None:
    """The rows stay; the banner goes when it works again."""
    sign_in(page, "/generations/")
    page.route("**/generations/?*", lambda route: route.abort())
    choose(page, "Status", "failed")
    expect(page.locator("#banner")).to_contain_text("be reached")
    expect(page.locator("tbody tr")).to_have_count(50)
    page.unroute("**/generations/?*")
    page.locator("#pick-status").get_by_label("completed", exact=True).check()
    expect(page.locator("#banner")).to_be_hidden()
    complaints.clear()


def test_a_server_error_is_said(page: Page, sign_in: SignIn, complaints: list[str]) -> None:
    """With what to do."""
    sign_in(page, "/generations/")
    page.route("**/generations/?*", lambda route: route.fulfill(status=500, body="<h1>broken</h1>"))
    choose(page, "Status", "failed")
    expect(page.locator("#banner")).to_contain_text("could not answer (500)")
    expect(page.locator("tbody tr")).to_have_count(50)
    complaints.clear()


def test_an_expired_session_leads_to_the_sign_in_page(page: Page, sign_in: SignIn) -> None:
    """The whole page, not the table; and from there back."""
    sign_in(page, "/generations/?q=vid_01")
    with page.expect_response(
        "**/generations/?status=failed&q=vid_01&counts=1"
    ):  # what the page asks for last
        choose(page, "Status", "failed")
    page.context.clear_cookies()
    page.locator("#filter-q").fill("vid_02")  # its counts may just be replacing the menus
    page.wait_for_url("**/accounts/login/?next=/generations/%3Fstatus%3Dfailed%26q%3Dvid_01")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_id_is_copied(page: Page, sign_in: SignIn) -> None:
    """By its button; what was copied is seen by pasting it, as the pages themselves may read no clipboard."""
    page.context.grant_permissions(["clipboard-write"])
    sign_in(page, "/generations/?q=vid_042")
    page.get_by_role("button", name="Copy vid_042").click()
    expect(page.locator("[data-copied]")).to_have_count(1)
    field = page.locator("input[name=q]")
    field.fill("")
    field.press("Control+V")
    expect(field).to_have_value("vid_042")


def test_a_menu_closes_by_escape_and_by_a_click_beside_it(page: Page, sign_in: SignIn) -> None:
    """The focus goes back to what opened it."""
    sign_in(page, "/generations/")
    pick = page.locator("details.pick").first
    pick.locator("summary").click()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(pick).not_to_have_attribute("open", "")
    expect(pick.locator("summary")).to_be_focused()
    pick.locator("summary").click()
    page.locator("h1").click()
    expect(pick).not_to_have_attribute("open", "")
