"""The list's table in a browser: its head stays in sight, columns move, nothing overflows."""

from playwright.sync_api import Page, expect

from auditing.columns import COLUMNS
from tests.browser.conftest import SignIn
from tests.browser.test_pages import overflow


def tops(page: Page) -> tuple[float, float]:
    """Where the table's box and the head's first cell begin, in pixels of the window."""
    box, head = page.locator(".table-box").bounding_box(), page.locator("thead th").first.bounding_box()
    assert box is not None
    assert head is not None
    return box["y"], head["y"]


def test_the_head_stays_in_sight_in_a_window_and_in_a_box(page: Page, sign_in: SignIn) -> None:
    """At the top of the window where the table fits; of its own box where all columns are wider than it."""
    page.set_viewport_size({"width": 1440, "height": 800})
    sign_in(page, "/generations/")
    page.evaluate("window.scrollTo(0, 900)")
    assert tops(page)[1] == 0
    page.goto("/generations/columns/")
    for key in COLUMNS:
        if key != "title":
            page.locator(f"#show-{key}").check()
    page.get_by_label("Compact").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("thead th[class^=head-]")).to_have_count(len(COLUMNS))
    page.locator(".table-box").evaluate("box => box.scrollTo(700, 400)")
    box, head = tops(page)
    assert head == box
    title = page.locator("tbody .cell-title").first.bounding_box()
    frame = page.locator(".table-box").bounding_box()
    assert title is not None
    assert frame is not None
    assert title["x"] == frame["x"]
    for width in (1440, 1000, 720, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert overflow(page) <= 0, width


def test_columns_are_chosen_and_moved_by_the_keyboard(page: Page, sign_in: SignIn) -> None:
    """In the list itself; Escape closes the form, and what is saved is there on every machine."""
    sign_in(page, "/generations/?status=completed")
    page.locator("#open-layout").press("Enter")
    expect(page.locator("#layout-head")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#layout-form")).to_have_count(0)
    expect(page.locator("#open-layout")).to_be_focused()
    page.keyboard.press("Enter")
    up = page.locator("#up-status")
    up.press("Enter")
    expect(up).to_be_focused()
    up.press("Enter")
    expect(page.locator("#layout-said")).to_have_text("Status: place 1 of 27")
    expect(page.locator("#down-status")).to_be_focused()
    page.locator("#show-thumbnail").uncheck()
    page.locator("[data-column=credits] .grip").drag_to(
        page.locator("[data-column=title]"), target_position={"x": 60, "y": 2}
    )
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/generations/?status=completed")
    expect(page.locator("thead th[class^=head-]")).to_contain_text(
        ["Status", "Credits", "Title", "Owner", "Made as"]
    )


def test_the_page_size_is_remembered(page: Page, sign_in: SignIn) -> None:
    """Without a reload, and for the next visit."""
    sign_in(page, "/generations/")
    page.evaluate("window.marked = true")
    page.get_by_role("button", name="25", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(25)
    assert page.evaluate("window.marked === true")
    assert page.url.endswith("/generations/")
    page.goto("/generations/?status=completed")
    expect(page.locator("tbody tr")).to_have_count(25)


def test_a_list_is_saved_as_a_view_and_found_in_the_sidebar(page: Page, sign_in: SignIn) -> None:
    """Saved in place; the sidebar says which view is shown, also when only a part of the page is replaced."""
    page.set_viewport_size({"width": 1440, "height": 800})
    sign_in(page, "/generations/?status=failed")
    page.locator("#views-pick summary").click()
    page.get_by_role("link", name="Save this list as a view").click()
    expect(page.locator("#view-head")).to_be_focused()
    page.get_by_label("Name", exact=True).fill("Failures")
    page.get_by_role("button", name="Save the view").click()
    pinned = page.locator("#pinned").get_by_role("link", name="Failures")
    expect(pinned).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Clear all").click()
    expect(pinned).not_to_have_attribute("aria-current", "page")
    page.goto("/views/")
    page.get_by_role("button", name="Open with it").click()
    page.goto("/generations/")
    page.wait_for_url("**/generations/?status=failed")
    page.locator("#views-pick summary").click()
    page.get_by_role("link", name="All generations").click()
    page.wait_for_url("**/generations/?view=all")
    expect(page.locator("#count")).to_have_text("60 generations in all")
