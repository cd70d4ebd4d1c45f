"""Ids are added in a browser: from a file with scripts, by pasting without."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.test_pages import overflow
from tests.browser.test_pages import without_scripts as without_scripts


def test_a_file_is_uploaded_and_its_rejected_lines_are_taken_home(
    page: Page, sign_in: SignIn, tmp_path: Path
) -> None:
    """From the list to the report, to the rejections as text, and to the new row."""
    file = tmp_path / "ids of last week.csv"
    file.write_text("external_id,owner\nvid_new,bob\nvid_001,\n" + f"..,{'x' * 200}\n" * 30)
    sign_in(page, "/generations/", "max")
    page.get_by_role("link", name="Add ids").click()
    page.get_by_label("Account").select_option("north-nano")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Register the ids").click()
    report = page.get_by_role("region", name="ids of last week.csv")
    expect(report).to_contain_text("1 new1 known already30 rejected")
    expect(report).to_contain_text("line 4: '..' would reach another address")
    expect(report).to_contain_text("and 10 more")
    page.set_viewport_size({"width": 360, "height": 800})
    assert overflow(page) <= 0
    with page.expect_download() as download:
        report.get_by_role("link", name="Rejected lines as text").click()
    assert len(Path(download.value.path()).read_text().splitlines()) == 30
    report.get_by_role("link", name="See what waits for its first lookup").click()
    expect(page.get_by_text("vid_new", exact=True)).to_be_visible()


def test_ids_are_pasted_without_scripts(without_scripts: Page, sign_in: SignIn) -> None:
    """A mistake keeps what was pasted."""
    page = without_scripts
    sign_in(page, "/intake/", "max")
    page.get_by_label("Account").select_option("north-reel")
    page.get_by_label("Or paste ids").fill("rb-first\n rb-second \n")
    page.get_by_label("Owner").fill("nobody")
    page.get_by_role("button", name="Register the ids").click()
    expect(page.get_by_role("alert").first).to_contain_text("Nothing was registered")
    expect(page.get_by_label("Owner")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Or paste ids")).to_have_value("rb-first\n rb-second \n")
    page.get_by_label("Owner").fill("bob")
    page.get_by_role("button", name="Register the ids").click()
    expect(page.get_by_role("region", name="What you pasted")).to_contain_text("2 new")
    expect(page.get_by_text("Pasted ids")).to_be_visible()
