"""A personal token in a browser: copied once, gone afterwards."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import SignIn
from tests.browser.test_pages import overflow


@pytest.mark.parametrize("width", [360, 1440])
def test_a_new_token_is_copied_once_and_gone_afterwards(
    page: Page, context: BrowserContext, sign_in: SignIn, width: int
) -> None:
    """Made by the form, copied by the button, revoked in the list; the page does not show it again."""
    context.grant_permissions(["clipboard-write"])
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, "/")
    page.locator("details.person summary").click()
    page.get_by_role("link", name="Personal tokens").click()
    page.get_by_label("Name").fill("a job at night")
    page.get_by_label("export").check()
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_role("heading", name="a job at night is made")).to_be_visible()
    token = page.locator(".token-text code").inner_text()
    assert re.fullmatch(r"clip_\w{49}", token)
    assert token not in page.url
    assert overflow(page) <= 0
    page.get_by_role("button", name="Copy the token").click()
    expect(page.locator(".token-text [data-copied]")).to_have_count(1)
    field = page.locator("input[name=name]")
    field.press("Control+V")
    expect(field).to_have_value(token)
    page.goto("/tokens/")
    expect(page.get_by_role("row", name="a job at night")).to_contain_text("Valid")
    assert token not in page.content()
    page.locator("summary", has_text="Revoke").click()
    page.get_by_role("button", name="End it for good").click()
    expect(page.get_by_role("row", name="a job at night")).to_contain_text("Revoked")
