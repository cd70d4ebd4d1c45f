"""Reports in a browser: what takes longer than the totals follows, and moves nothing on the page."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn

SHIFTED = """() => new Promise((done) => new PerformanceObserver((list) =>
    done(list.getEntries().reduce((sum, one) => sum + one.value, 0))
  ).observe({ type: "layout-shift", buffered: true }) ?? setTimeout(() => done(0), 500))"""


def test_what_takes_longer_than_the_totals_follows_by_itself(page: Page, sign_in: SignIn) -> None:
    """How fresh they are at once, and the remarkable jobs when they come into sight, by keyboard too: whoever
    is at the link is at what came in its place."""
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 500})
        if width == 1440:
            sign_in(page, "/reports/timing/?period=all-time", "max")
        else:
            page.goto("/reports/timing/?period=all-time")
        expect(page.locator("#freshness")).to_contain_text("of these jobs were looked up since")
        expect(page.locator("#freshness")).not_to_contain_text("not counted yet")
        assert page.evaluate(SHIFTED) < 0.02, "what came took the place that was kept for it"
        assert "complete" not in page.url
    waiting = page.locator("#extremes-more")
    expect(waiting).to_contain_text("Find them")
    waiting.focus()
    expect(waiting).to_have_text("All 54")
    expect(waiting).to_be_focused()
    expect(page.locator("#extremes")).to_contain_text("Stuck jobs")
