"""The fixture `committed_db`: a database of a test's own, seen alike by threads and by other processes."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.db import connection

from auditing.models import Team
from tests.conftest import environment_of

ROOT = Path(__file__).resolve().parents[2]


def team_slugs() -> list[str]:
    return list(Team.objects.values_list("slug", flat=True))


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("repetition", [1, 2])
def test_each_test_begins_with_a_database_without_rows_and_commits_into_it(repetition: int) -> None:
    assert team_slugs() == []
    Team.objects.create(slug=f"red-{repetition}")
    assert team_slugs() == [f"red-{repetition}"]


@pytest.mark.usefixtures("committed_db")
def test_other_threads_see_what_was_committed() -> None:
    Team.objects.create(slug="red")
    seen: list[str] = []

    def look() -> None:
        seen.extend(team_slugs())
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == ["red"]


def test_other_processes_see_it_through_the_address(committed_db: str) -> None:
    Team.objects.create(slug="red")
    code = (
        "from auditing.models import Team; print(Team.objects.get().slug); Team.objects.create(slug='blue')"
    )
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "--command", code],
        cwd=ROOT,
        env=environment_of(committed_db),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.stdout) == ("", "red\n")
    assert team_slugs() == ["blue", "red"]


@pytest.mark.django_db
def test_tests_in_a_transaction_use_the_usual_database_again() -> None:
    assert "template" not in connection.settings_dict["NAME"]
    assert team_slugs() == []
