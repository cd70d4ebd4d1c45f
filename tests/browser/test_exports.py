"""An export that a worker makes, in a browser: asked for, watched, fetched, and its manifest."""

import csv
import io
import json
import zipfile
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from auditing import tasks
from auditing.access import SYSTEM, acting_as
from auditing.models import Export, ExportFile
from tests.browser.conftest import SignIn, run_worker
from tests.browser.test_pages import overflow
from tests.browser.test_pages import without_scripts as without_scripts
from tests.views.queue import a_worker, end_all, take_all

ASKED = "/generations/?status=failed&format=csv&columns=external_id,error&how=job"


def saved(link: Locator, folder: Path) -> Path:
    """The file that a link leads to."""
    with link.page.expect_download() as download:
        link.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def fetched(page: Page, folder: Path) -> tuple[list[list[str]], dict[str, object]]:
    """The only export's rows, and what its manifest says of them, in the archive and beside it alike."""
    archive = saved(page.get_by_role("link", name="Download"), folder)
    beside = json.loads(saved(page.get_by_role("link", name="Manifest"), folder).read_text())
    with zipfile.ZipFile(archive) as together:
        data, manifest = map(together.read, together.namelist())
    assert json.loads(manifest) == beside
    return list(csv.reader(io.StringIO(data.decode()))), beside


def is_what_was_asked_for(rows: list[list[str]], said: dict[str, object]) -> bool:
    """The four failed generations in two columns."""
    is_whole = (said["state"], said["rows"], said["query"]) == ("whole", 4, "status=failed")
    return is_whole and rows == [
        ["external_id", "error"],
        *([f"vid_failed_{number}", "Upstream model timed out"] for number in (3, 2, 1, 0)),
    ]


def test_a_file_is_watched_until_it_is_there(page: Page, sign_in: SignIn, tmp_path: Path) -> None:
    """From "no worker" by its progress to the link, by itself and without a reload; on a telephone, too."""
    page.set_viewport_size({"width": 360, "height": 800})
    sign_in(page, ASKED)
    row = page.locator("#exports tbody tr")
    expect(row).to_contain_text("No worker is running")
    assert "/exports/#export-" in page.url
    page.evaluate("window.marked = true")
    a_worker()
    row.get_by_role("link", name="Look again").click()
    expect(row).to_contain_text("Waiting for a worker.")
    take_all()
    with acting_as(SYSTEM):
        ExportFile.objects.update(rows_about=4, rows_done=1)
    progress = row.get_by_role("progressbar", name="1 of about 4 rows")
    expect(progress).to_have_js_property("position", 0.25)
    assert overflow(page) <= 0
    with acting_as(SYSTEM):
        number = Export.objects.get().pk
    tasks.make_export(number)
    end_all()
    expect(row).to_contain_text("Kept for you until")
    expect(page.get_by_role("link", name="Look again")).to_have_count(0)
    assert is_what_was_asked_for(*fetched(page, tmp_path))
    assert page.evaluate("window.marked === true")
    row.get_by_role("link", name="Failed").click()
    page.wait_for_url("**/generations/?status=failed")


def test_it_works_without_scripts(
    without_scripts: Page, sign_in: SignIn, committed_db: str, tmp_path: Path
) -> None:
    """By the links alone; made by a worker of its own."""
    page = without_scripts
    sign_in(page, ASKED)
    row = page.locator("#exports tbody tr")
    expect(row).to_contain_text("No worker is running")
    run_worker(committed_db)
    page.get_by_role("link", name="Look again").click()
    expect(row).to_contain_text("Kept for you until")
    assert is_what_was_asked_for(*fetched(page, tmp_path))
