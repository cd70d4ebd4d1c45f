"""The panel beside the list, and the keys: the list is gone through without a mouse, and left as it was."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import SignIn

CURRENT = '[data-row][aria-current="true"]'


def test_the_list_is_gone_through_by_keys(page: Page, sign_in: SignIn) -> None:
    """Row by row, into the panel and out of it; the address and the history stay the list's."""
    sign_in(page, "/generations/?q=vid_01")
    entries = page.evaluate("history.length")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("[data-row]").nth(1)
    expect(second).to_have_attribute("aria-current", "true")
    expect(second.locator(".row-title")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2").first).to_have_text("Title of vid_018")
    expect(page.locator("#panel")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("#panel h2").first).to_have_text("Title of vid_016")
    expect(page.locator("#panel-said")).to_have_text("Title of vid_016")
    expect(page.locator(CURRENT)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#panel-frame")).not_to_have_attribute("open", "")
    expect(page.locator(f"{CURRENT} .row-title")).to_be_focused()
    assert page.url.endswith("/generations/?q=vid_01")
    assert page.evaluate("history.length") == entries
    page.keyboard.press("o")
    page.wait_for_url("**/generations/nanobanana/vid_016/?*")


def test_a_click_opens_the_panel_and_a_link_stays_a_link(
    page: Page, sign_in: SignIn, context: BrowserContext
) -> None:
    """The close button gives the focus back; with Control the page opens in a tab of its own."""
    sign_in(page, "/generations/?q=vid_04")
    row = page.locator("[data-row]").nth(3)
    row.locator(".cell-status").click()
    expect(page.locator("#panel h2").first).to_have_text("Title of vid_046")
    own = "/generations/nanobanana/vid_046/?list=q%3Dvid_04"
    expect(page.locator("#panel-page")).to_have_attribute("href", own)
    page.get_by_role("button", name="Next row").click()
    expect(page.locator("#panel h2").first).to_have_text("Title of vid_045")
    page.get_by_role("button", name="Close").click()
    expect(page.locator("[data-row]").nth(4).locator(".row-title")).to_be_focused()
    with context.expect_page() as opened:
        row.locator(".row-title").click(modifiers=["Control"])
    opened.value.wait_for_url(f"**{own}")
    expect(page.locator("#panel-frame")).not_to_have_attribute("open", "")


def test_the_panel_goes_when_its_row_does(page: Page, sign_in: SignIn) -> None:
    """Another filter shows other rows."""
    sign_in(page, "/generations/")
    page.locator(".row-title").first.click()
    expect(page.locator("#panel h2").first).to_be_visible()
    page.locator("#filter-q").fill("vid_04")
    expect(page.locator("[data-row]")).to_have_count(10)
    expect(page.locator("#panel-frame")).not_to_have_attribute("open", "")


def test_on_a_narrow_screen_it_covers_the_list(page: Page, sign_in: SignIn) -> None:
    """What it covers can't be reached meanwhile."""
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page, "/generations/?q=vid_04")
    page.locator(".row-title").first.click()
    expect(page.locator("#panel h2").first).to_have_text("Title of vid_049")
    assert page.evaluate("document.querySelector('#panel-frame').matches(':modal')")
    assert page.evaluate("document.documentElement.scrollWidth <= 360")
    page.keyboard.press("Escape")
    expect(page.locator(".row-title").first).to_be_focused()


def test_keys_rest_while_one_types_and_can_be_switched_off(page: Page, sign_in: SignIn) -> None:
    """The box that `?` opens tells them, and has the switch; the next page remembers it."""
    sign_in(page, "/generations/?q=vid_01")
    page.keyboard.press("/")
    page.keyboard.type("j?")
    expect(page.locator("#filter-q")).to_have_value("j?")
    expect(page.locator(CURRENT)).to_have_count(0)
    page.goto("/generations/")
    page.get_by_role("link", name="Keyboard").first.click()
    box = page.get_by_role("dialog", name="Keyboard")
    expect(box).to_contain_text("next row")
    page.keyboard.press("j")
    expect(page.locator(CURRENT)).to_have_count(0)
    box.get_by_label("Keys of one letter or sign").uncheck()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    page.goto("/generations/")
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(box).to_be_hidden()
    expect(page.locator(CURRENT)).to_have_count(0)
    page.goto("/help/")
    expect(page.locator("#keyboard")).to_have_text(re.compile("Keyboard"))
