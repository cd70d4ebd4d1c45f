"""Every page in a browser: narrow and wide, with the keyboard alone, and without scripts."""

import gzip
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SignIn, listen, run_worker
from tests.views.cast import Cast
from tests.waiting import until

LONG = "rb-" + "long" * 60

SIGNED_IN = (
    "/",
    "/generations/",
    "/generations/?status=failed&q=a+text+that+nothing+has",
    "/generations/?created_from=soon&sort=luck&status=late",
    "/generations/nanobanana/vid_001/",
    "/generations/nanobanana/vid_failed_1/",
    "/generations/reelbot/rb-done/",
    f"/generations/reelbot/{LONG}/",
    "/sync/",
    "/audit/",
    "/audit/?act=danced&person_not=alice&done_from=soon",
    "/exports/",
    "/generations/?format=csv&how=job",  # leads to the exports, where it waits for a worker
    "/reports/credits/?period=all-time&group=owner&group=resolution",
    "/reports/timing/?period=all-time&group=resolution&complete=jobs",
    "/reports/credits/?period=2026-04",
    "/reports/closed/",
    "/reports/closed/south/2026-04/?group=owner&group=resolution",
    "/reports/closed/south/2026-03/",
    "/findings/?period=all-time",
    "/reports/credits/?period=soon&group=luck&status=failed",
    "/sync/accounts/prices/?account=north-nano",
    "/budgets/",
    "/budgets/add/?team=north",
    "/reports/statements/",
    "/reports/statements/1/",
    "/reports/statements/1/?class=missing-there&figure=gross",
    "/intake/",
    "/tokens/",
    "/views/",
    "/views/save/?query=status%3Dfailed",
    "/generations/columns/",
    "/help/",
    "/accounts/password/change/",
    "/accounts/logout/",
)
SIGNED_OUT = ("/accounts/login/", "/accounts/password/reset/", "/accounts/signup/")
MISSING = ("/generations/reelbot/nothing/", "/nothing/")


@pytest.fixture
def without_scripts(browser: Browser, site: str, complaints: list[str]) -> Iterator[Page]:
    """A page of a browser that runs no scripts."""
    context = browser.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    listen(page, complaints)
    yield page
    context.close()


def overflow(page: Page) -> int:
    """How many pixels of the page lie beside the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("width", [360, 720, 1440])
def test_no_page_is_wider_than_the_window(
    page: Page, sign_in: SignIn, complaints: list[str], width: int
) -> None:
    """At 360 pixels, at 200 % zoom of a laptop's window, and wide; in both schemes."""
    page.set_viewport_size({"width": width, "height": 800})
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        if scheme == "light":
            for address in SIGNED_OUT:
                page.goto(address)
                assert overflow(page) <= 0, address
            sign_in(page, "/", "rita")
        for address in SIGNED_IN:
            page.goto(address)
            assert overflow(page) <= 0, address
    assert complaints == []
    for address in MISSING:
        page.goto(address)
        assert overflow(page) <= 0, address
    complaints.clear()  # the browser's own words on the 404s


def test_open_menus_stay_within_the_window(page: Page, sign_in: SignIn) -> None:
    """At 360 pixels, too."""
    page.set_viewport_size({"width": 360, "height": 800})
    sign_in(page, "/generations/")
    page.locator("#more-filters > summary").click()
    for menu in page.locator("details.pick, details.person").all():
        menu.locator("summary").click()
        panel = menu.locator(":scope > :not(summary)").bounding_box()
        assert panel is not None
        assert panel["x"] >= 0
        assert panel["x"] + panel["width"] <= 360


def test_from_the_sign_in_page_to_a_record_with_the_keyboard_alone(page: Page, rows: Cast) -> None:
    """Tab, Enter, Space and what is typed."""

    def tab_to(selector: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none", f"the focus on {selector} can't be seen"
                return
        raise AssertionError(f"Tab never comes to {selector}")

    page.goto("/accounts/login/?next=/generations/")
    page.evaluate("document.activeElement.blur()")
    tab_to("[name=login]")
    page.keyboard.type(rows.alice.username)
    tab_to("[name=password]")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url("/generations/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    tab_to(".pick > summary")
    page.keyboard.press("Enter")
    tab_to("input[value=failed]")
    page.keyboard.press("Space")
    expect(page.locator("tbody tr")).to_have_count(4)
    tab_to(".row-title")
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_contain_text("vid_failed_")


def test_everything_works_without_scripts(without_scripts: Page, sign_in: SignIn, committed_db: str) -> None:
    """Sign in, filter, sort, page, open, ask for a link, sign out."""
    page = without_scripts
    sign_in(page, "/generations/")
    expect(page.locator(".copy").first).to_be_hidden()
    page.locator("details.pick summary").first.click()
    page.get_by_label("failed", exact=True).check()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("tbody tr")).to_have_count(4)
    page.get_by_role("link", name="Clear all").click()
    page.get_by_role("link", name="Next").click()
    expect(page.locator("tbody tr")).to_have_count(10)
    page.get_by_role("columnheader", name="Created").get_by_role("link").click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_count(1)
    page.goto("/generations/reelbot/rb-done/")
    page.get_by_role("button", name="Get download link").click()
    expect(page.locator("#download")).to_contain_text("No worker is running")
    run_worker(committed_db)
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("link", name="Download the video")).to_have_attribute(
        "href", "https://s3.example/v.mp4?sig=1"
    )
    page.goto("/")
    page.get_by_text("Numbers of the chart").click()
    expect(page.get_by_role("region", name="Generations by day")).to_be_visible()
    page.locator("details.person summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_download_link_appears_in_its_place(page: Page, sign_in: SignIn, committed_db: str) -> None:
    """Without a reload, with its expiry; it is gone when the page is opened again."""
    sign_in(page, "/generations/reelbot/rb-done/")
    page.evaluate("window.marked = true")
    page.get_by_role("button", name="Get download link").click()
    expect(page.locator("#download")).to_contain_text("No worker is running")
    run_worker(committed_db)
    page.get_by_role("link", name="Look again").click()
    link = page.get_by_role("link", name="Download the video")
    expect(link).to_have_attribute("href", "https://s3.example/v.mp4?sig=1")
    expect(link).to_have_attribute("rel", "noreferrer noopener")
    expect(page.locator("#download")).to_contain_text("2099-01-01 00:00:00")
    assert page.evaluate("window.marked === true")
    page.reload()
    expect(link).to_have_count(0)


def test_the_overview_draws_its_chart_in_both_schemes(page: Page, sign_in: SignIn) -> None:
    """As soon as it is seen, in the colours of the page, and anew when the scheme changes."""
    page.set_viewport_size({"width": 360, "height": 640})
    sign_in(page, "/", "audrey")
    assert page.evaluate("typeof Chart") == "undefined"
    page.locator("#days-chart").scroll_into_view_if_needed()
    pixel = """() => {
      const canvas = document.getElementById("days-chart");
      const seen = new Set();
      const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) seen.add(data.slice(i, i + 3).join());
      return [...seen];
    }"""
    until(lambda: "23,113,63" in page.evaluate(pixel))
    page.emulate_media(color_scheme="dark")
    until(lambda: "98,215,156" in page.evaluate(pixel))


def test_the_first_load_of_the_list_is_light(page: Page, sign_in: SignIn) -> None:
    """At most 250 KB over the wire: the page as it is, static files compressed as in production."""
    sign_in(page, "/generations/")
    files = page.evaluate("""() => performance.getEntriesByType("resource")
      .filter((entry) => entry.initiatorType !== "img").map((entry) => entry.name)""")
    sizes = [len(gzip.compress(page.request.get(file).body())) for file in files if "/static/" in file]
    assert len(sizes) > 8
    assert sum(sizes) + len(page.content().encode()) <= 250_000
