"""What axe-core says of every page, in either scheme, wide and narrow: nothing."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import SignIn
from tests.browser.packages import axe
from tests.browser.test_pages import MISSING, SIGNED_IN, SIGNED_OUT

RUN = """async () => (await axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  resultTypes: ["violations"],
})).violations.flatMap((rule) =>
  rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 80)} ${node.failureSummary}`))"""


def violations(page: Page) -> list[str]:
    """Each rule that the page as it is now breaks, with the markup that does."""
    page.evaluate(axe())
    found: list[Any] = page.evaluate(RUN)
    return [str(one) for one in found]


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (360, "dark")])
def test_no_page_breaks_a_rule(
    page: Page, sign_in: SignIn, complaints: list[str], width: int, scheme: str
) -> None:
    """Signed out and signed in, the refusals and the pages with errors at their fields among them."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    found = []
    for address in SIGNED_OUT:
        page.goto(address)
        found += [f"{address} {broken}" for broken in violations(page)]
    sign_in(page, "/", "rita")
    for address in (*SIGNED_IN, *MISSING):
        page.goto(address)
        found += [f"{address} {broken}" for broken in violations(page)]
    complaints.clear()  # the browser's own words on the 404s
    assert not found, "\n".join(found)


def test_open_menus_break_no_rule(page: Page, sign_in: SignIn) -> None:
    """The list with one of its menus open at a time, and the person's."""
    sign_in(page, "/generations/")
    found = []
    for menu in page.locator("details.pick:visible, details.person").all():
        menu.locator("summary").click()
        found += violations(page)
    assert not found, "\n".join(found)
