"""What the Nu HTML checker says of every page: nothing."""

import json
import subprocess
from pathlib import Path

from django.test import Client

from tests.browser.packages import nu
from tests.browser.test_pages import MISSING, SIGNED_IN, SIGNED_OUT
from tests.budgets.stage import budgets_by_the_clock
from tests.closing.months import closed_april_of_others
from tests.views.cast import Cast, completed, observed, ran, registered, stated
from tests.views.conftest import SignedIn


def test_every_page_is_valid(people: Cast, signed_in: SignedIn, tmp_path: Path) -> None:
    """The documents as they are sent: no error, no warning."""
    checker = nu()
    _rows(people)
    _save(tmp_path, "out", Client(), SIGNED_OUT)
    for name, person in (("superuser", people.rita), ("member", people.alice), ("nobody's", people.sid)):
        _save(tmp_path, name, signed_in(person), (*SIGNED_IN, *MISSING))
    checked = subprocess.run(
        [*checker, "--format", "json", str(tmp_path)], capture_output=True, text=True, check=False
    )
    said = json.loads(checked.stderr)["messages"]
    found = sorted({f"{one['message']} {one.get('extract', '')!r}" for one in said})
    assert not found, "\n".join(found)


def _rows(people: Cast) -> None:
    """Records of every kind that the pages show differently."""
    for number in range(54):
        completed(people.nano, f"vid_{number:03}", people.alice, thumbnail_url="https://127.0.0.1/a.png")
    completed(people.nano, "vid_failed_1", people.alice, status="failed", error='<late> & "odd"')
    generation = completed(people.reel, "rb-done", people.alice)
    observed(generation, 1, {"status": "processing", "updatedAt": None}, minute=1)
    observed(generation, 2, {"status": "completed", "outputKey": "users/1/x"}, minute=2)
    registered(people.reel, "rb-" + "long" * 60, people.alice, outcome=None)
    budgets_by_the_clock(people)
    ran(people.nano, requested=60, ok=58, denied=2, ended="20 answers in a row were unreachable")
    stated(people.nano)
    closed_april_of_others(people)


def _save(folder: Path, name: str, client: Client, addresses: tuple[str, ...]) -> None:
    for number, address in enumerate(addresses):
        response = client.get(address, follow=True)
        (folder / f"{name} {number} {address.replace('/', '_')[:80]}.html").write_bytes(response.content)
