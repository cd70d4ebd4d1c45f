"""Rows are chosen, and something is done with them: by mouse, by keys, and without scripts."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from procrastinate.contrib.django.models import ProcrastinateJob

from auditing.models import Note, Tagging
from tests.browser.conftest import SignIn
from tests.browser.test_pages import without_scripts as without_scripts

CHOSEN = "#chosen"


def chosen(page: Page) -> int:
    return page.locator("[name=row]:checked").count()


def test_rows_are_chosen_by_mouse_and_keys(page: Page, sign_in: SignIn) -> None:
    """One, a range, the page, all that match; the number is said, and each box shows how it stands."""
    sign_in(page, "/generations/")
    boxes, every = page.locator("[name=row]"), page.get_by_label("All 60 that match")
    whole = page.get_by_label("All on this page", exact=True)
    boxes.nth(2).click()
    boxes.nth(6).click(modifiers=["Shift"])
    expect(page.locator(CHOSEN)).to_have_text("5 selected")
    assert chosen(page) == 5
    assert whole.evaluate("box => box.indeterminate")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(CHOSEN)).to_have_text("6 selected")
    whole.check()
    expect(page.locator(CHOSEN)).to_have_text("50 selected")
    expect(page.get_by_label("Select all on this page")).to_be_checked()
    every.check()
    expect(page.locator(CHOSEN)).to_have_text("All 60 selected")
    boxes.first.uncheck()
    expect(every).not_to_be_checked()
    expect(page.locator(CHOSEN)).to_have_text("49 selected")
    page.get_by_role("link", name="Next").click()
    expect(page.locator("[name=row]")).to_have_count(10)
    expect(page.locator(CHOSEN)).to_be_empty()


def test_notes_tags_wishes_and_files_leave_the_list_where_it_is(
    page: Page, sign_in: SignIn, tmp_path: Path
) -> None:
    """By a manager; each step is a box over the page, and each end is said in the list."""
    sign_in(page, "/generations/?q=vid_01", "max")
    page.evaluate("window.marked = true")
    page.locator("[name=row]").nth(1).check()
    page.locator("[name=row]").nth(2).check()
    page.get_by_role("button", name="Add a note").click()
    box = page.get_by_role("dialog", name="Add a note")
    expect(box.get_by_label("Note, the same on each")).to_be_focused()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    page.get_by_role("button", name="Add a note").click()
    box.get_by_label("Note, the same on each").fill("Reshoot this")
    box.get_by_role("button", name="Add to 2").click()
    expect(page.locator("#selection-said")).to_have_text("The note is on 2 generations.")
    expect(box).to_be_hidden()
    assert chosen(page) == 0
    assert Note.objects.filter(text="Reshoot this").count() == 2
    page.get_by_label("All on this page", exact=True).check()
    page.get_by_role("button", name="Tag").click()
    tags = page.get_by_role("dialog", name="Tag")
    tags.get_by_label("Tag").fill("x" * 65)
    tags.get_by_role("button", name="Tag 10").click()
    expect(tags).to_contain_text("a tag has at most 64")
    tags.get_by_label("Tag").fill("reshoot")
    tags.get_by_role("button", name="Tag 10").click()
    expect(page.locator("#selection-said")).to_have_text("The tag reshoot is put on 10 generations.")
    assert Tagging.objects.count() == 10
    page.locator("[name=row]").first.check()
    page.get_by_role("button", name="Refresh now").click()
    expect(page.locator("#selection-said")).to_contain_text("Asked for a look at 1 generation, at 1 account.")
    expect(page.locator("#live")).to_contain_text("1 row here is not finished")
    assert ProcrastinateJob.objects.get().args["ids"] == ["vid_019"]
    page.locator("[name=row]").nth(3).check()
    with page.expect_download() as download:
        page.get_by_role("group", name="Export the selected").get_by_role("button", name="CSV").click()
    download.value.save_as(tmp_path / "chosen.csv")
    assert len((tmp_path / "chosen.csv").read_text().splitlines()) == 2
    assert page.evaluate("window.marked === true")


def test_chosen_rows_are_exported_from_a_telephone(page: Page, sign_in: SignIn, tmp_path: Path) -> None:
    """At 360 pixels, where what can be done with them leaves most of the window to the rows."""
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page, "/generations/", "max")
    page.locator("[name=row]").first.check()
    place = page.locator("#selection").bounding_box()
    assert place is not None
    assert place["height"] < 740 / 4
    for name in ("Refresh now", "Add a note", "Tag", "CSV", "NDJSON", "XLSX"):
        expect(page.locator("#selection").get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    with page.expect_download() as download:
        page.get_by_role("group", name="Export the selected").get_by_role("button", name="CSV").click()
    download.value.save_as(tmp_path / "chosen.csv")
    assert len((tmp_path / "chosen.csv").read_text().splitlines()) == 2


@pytest.mark.usefixtures("rows")
def test_it_works_without_scripts(without_scripts: Page, sign_in: SignIn) -> None:
    """By the form, a page that asks first, and words above the list."""
    page = without_scripts
    sign_in(page, "/generations/?status=failed")
    page.locator("[name=row]").first.check()
    page.get_by_role("button", name="Add a note").click()
    page.get_by_label("Note, the same on each").fill("Seen")
    page.get_by_role("button", name="Add to 1").click()
    expect(page.get_by_role("status").first).to_contain_text("The note is on 1 generation.")
    assert page.url.endswith("/generations/?status=failed")
    page.goto("/generations/")
    page.get_by_label("All 60 that match").check()
    page.get_by_role("button", name="Refresh now").click()
    expect(page.get_by_role("heading", name="Refresh now")).to_be_visible()
    page.get_by_role("button", name="Refresh 60 now").click()
    expect(page.get_by_role("status").first).to_contain_text("Asked for a look at 60 generations")
