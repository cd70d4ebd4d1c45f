"""Large exports: a worker makes them as the person who asked; only they fetch them, for a day, while they
may."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client, override_settings
from django.utils import timezone

from auditing import tasks
from auditing.access import SYSTEM, SightLost, acting_as, sight_of
from auditing.exports import jobs, shelf
from auditing.models import Export, ExportFile, ExportPiece, Membership, Role, Team, TrailEntry, User
from tests.exports.test_losing_access import elsewhere
from tests.stage import a_person, a_team, an_account, registered
from tests.test_tasks import worker
from tests.views.conftest import text
from tests.views.queue import a_worker, end_all, take_all

__all__ = ["elsewhere"]

ASKED = "/generations/?q=rb&format={}&columns=external_id&how=job"


ROWS = 40


@pytest.fixture
def team(committed_db: str) -> Team:  # noqa: ARG001 - the fixture opens the database
    """A team with a manager, max, and a few rows."""
    account = an_account("reelbot", team=a_team("north"))
    a_person("max", account.team, Role.MANAGER)
    registered(account, [f"rb-{n}" for n in range(ROWS)])
    return account.team


def max_() -> User:
    return User.objects.get(username="max")


@pytest.fixture
def maxs(team: Team) -> Client:  # noqa: ARG001 - the fixture opens the database
    """Max's."""
    client = Client()
    client.force_login(max_())
    return client


def asked_for(client: Client, written: str = "csv") -> int:
    """The number of an export that a worker is to make."""
    response = client.get(ASKED.format(written))
    assert response.status_code == 302
    found = re.fullmatch(r"/exports/#export-(\d+)", response.headers["Location"])
    assert found
    return int(found[1])


def made(client: Client, written: str = "csv") -> int:
    """The number of one that is made."""
    number = asked_for(client, written)
    tasks.make_export(number)
    end_all()
    return number


def fetched(client: Client, number: int) -> bytes:
    """The archive."""
    response = client.get(f"/exports/{number}/file/")
    assert isinstance(response, StreamingHttpResponse), response.status_code
    content: bytes = response.getvalue()
    assert response.headers["Content-Length"] == str(len(content))
    return content


def export(number: int) -> Export:
    with acting_as(SYSTEM):
        return Export.objects.select_related("file").get(pk=number)


@pytest.mark.parametrize("written", ["csv", "ndjson", "xlsx"])
def test_an_archive_has_the_data_and_its_manifest(maxs: Client, written: str) -> None:
    """The same file as is sent at once, and what is said of it, checksum included."""
    number = made(maxs, written)
    with zipfile.ZipFile(io.BytesIO(fetched(maxs, number))) as together:
        assert together.testzip() is None
        name, beside = together.namelist()
        data, said = together.read(name), json.loads(together.read(beside))
    assert (name, beside) == (export(number).name, "manifest.json")
    assert (said["state"], said["rows"], said["size"]) == ("whole", ROWS, len(data))
    assert said["sha256"] == hashlib.sha256(data).hexdigest()
    assert said["columns"] == ["external_id"]
    if written != "xlsx":  # a workbook says when it was made
        at_once = maxs.get(ASKED.format(written).replace("how=job", "how=stream")).getvalue()
        assert data == at_once
    again = json.loads(maxs.get(f"/exports/{number}/manifest/").content)
    assert again == said


def test_a_worker_makes_it(maxs: Client, committed_db: str) -> None:
    """A process of its own, in its own role."""
    number = asked_for(maxs)
    process = worker(committed_db)
    printed, _ = process.communicate(timeout=120)
    assert process.returncode == 0, printed
    assert zipfile.ZipFile(io.BytesIO(fetched(maxs, number))).testzip() is None
    assert "Whole" in text(maxs, "/exports/")


def test_large_files_lie_in_pieces(maxs: Client) -> None:
    """Each of a megabyte, whatever comes of compressing."""
    number = made(maxs)
    with acting_as(SYSTEM):
        file = ExportFile.objects.get(pk=number)
        content = bytes(range(256)) * 10_000
        shelf.put(file, io.BytesIO(content), sight_of(max_()), timezone.now())
        sizes = [len(piece.content) for piece in ExportPiece.objects.order_by("number")]
    assert sizes == [shelf.PIECE, shelf.PIECE, len(content) - 2 * shelf.PIECE]
    assert fetched(maxs, number) == content


def test_what_is_large_becomes_a_job_by_itself(maxs: Client) -> None:
    """A workbook sooner than text; unless it is wanted at once."""
    from auditing.exports import FORMATS

    assert {key: written.most_at_once for key, written in FORMATS.items()} == {
        "csv": 100_000,
        "ndjson": 100_000,
        "xlsx": 10_000,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO auditing_generation"
            " (team_id, account_id, provider, external_id, registered_at, flags)"
            " SELECT team_id, account_id, provider, 'many-' || n, now(), '{}'"
            " FROM generate_series(1, 9961) AS n,"
            " LATERAL (SELECT team_id, account_id, provider FROM auditing_generation LIMIT 1) AS one"
        )
    columns = "&format=xlsx&columns=external_id"
    assert maxs.get(f"/generations/?{columns}").status_code == 302
    assert maxs.get(f"/generations/?q=many{columns}").status_code == 200
    assert maxs.get("/generations/?format=csv&columns=external_id").status_code == 200


def test_the_same_file_is_not_made_twice_at_a_time(maxs: Client) -> None:
    """And each person has so many under way at most."""
    assert asked_for(maxs) == asked_for(maxs)
    asked_for(maxs, "ndjson")
    asked_for(maxs, "xlsx")
    refused = maxs.get("/generations/?format=csv&how=job", follow=True)
    assert "3 files are being made for you" in refused.content.decode()
    with acting_as(SYSTEM):
        assert Export.objects.count() == 3
        assert TrailEntry.objects.filter(act="exported").count() == 3
    end_all()
    assert asked_for(maxs) > 3


def standing(client: Client, number: int) -> str:
    """The part of the list that says how far it is."""
    part = client.get(f"/exports/{number}/", headers={"HX-Request": "true"})
    return " ".join(re.sub(r"<[^>]+>", " ", part.content.decode()).split())


def test_its_page_says_how_far_it_is(maxs: Client) -> None:
    """With and without scripts."""
    number = asked_for(maxs)
    assert "No worker is running" in standing(maxs, number)
    assert "No worker is running" in text(maxs, "/exports/")
    a_worker()
    assert "Waiting for a worker" in standing(maxs, number)
    take_all()
    assert "The rows are being counted" in standing(maxs, number)
    with acting_as(SYSTEM):
        ExportFile.objects.update(rows_about=120_000, rows_done=40_500)
    assert "40,500 of about 120,000 rows" in standing(maxs, number)
    end_all()
    assert "What made it was ended" in standing(maxs, number)
    assert maxs.get(f"/exports/{number}/").headers["Location"] == f"/exports/#export-{number}"


def test_progress_is_seen_while_it_is_made(maxs: Client) -> None:
    """By others, though what makes it has not committed anything yet."""
    number = asked_for(maxs)
    tasks.make_export(number)
    assert export(number).file.rows_about == ROWS


def test_only_its_maker_fetches_it(maxs: Client, team: Team) -> None:
    """Not another manager of the team, not a superuser, nobody by the database either; each fetch is told."""
    number = made(maxs)
    with acting_as(SYSTEM):
        nora = User.objects.create(username="nora")
        Membership.objects.create(team=team, user=nora, role="manager")
        rita = User.objects.create(username="rita", is_superuser=True)
    for other in (nora, rita):
        client = Client()
        client.force_login(other)
        assert client.get(f"/exports/{number}/file/").status_code == 404
        with acting_as(other):
            assert not ExportPiece.objects.exists()
    assert Client().get(f"/exports/{number}/file/").status_code == 302
    with acting_as(max_()):
        assert ExportPiece.objects.count() == 1
    fetched(maxs, number)
    with acting_as(SYSTEM):
        told = TrailEntry.objects.filter(act="export_fetched").values_list(
            "team_id", "owner__username", "asked"
        )
        assert list(told) == [(team.pk, "max", f"{export(number).name}.zip")]


LOSSES = {
    "expired": "UPDATE auditing_exportfile SET expires_at = now() - interval '1 second'",
    "left the team": "DELETE FROM auditing_membership",
    "has a lesser role": "UPDATE auditing_membership SET role = 'member'",
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_file_is_gone_when_it_expires_or_its_maker_sees_less(
    maxs: Client, elsewhere: Callable[[str], None], loss: str
) -> None:
    """From that moment on; a minute later it is deleted. Its manifest stays."""
    number = made(maxs)
    hours = shelf.KEPT_FOR // timedelta(hours=1)
    assert hours == 24
    elsewhere(LOSSES[loss])
    assert maxs.get(f"/exports/{number}/file/").status_code == 410
    with acting_as(max_()):
        assert not ExportPiece.objects.exists()
    shelf.forget_files(timezone.now())
    with acting_as(SYSTEM):
        assert not ExportPiece.objects.exists()
    page = text(maxs, "/exports/")
    assert "Its file is no longer kept" in page
    assert "Download" not in page
    assert json.loads(maxs.get(f"/exports/{number}/manifest/").content)["rows"] == ROWS


def test_who_sees_more_by_now_fetches_it(maxs: Client, elsewhere: Callable[[str], None]) -> None:
    """A right that grew is no reason to refuse."""
    elsewhere("UPDATE auditing_membership SET role = 'member'")
    elsewhere("UPDATE auditing_generation SET owner_id = (SELECT id FROM auditing_user)")
    number = made(maxs)
    elsewhere("UPDATE auditing_membership SET role = 'auditor'")
    shelf.forget_files(timezone.now())
    assert zipfile.ZipFile(io.BytesIO(fetched(maxs, number))).testzip() is None


def test_fetching_ends_when_the_right_is_lost(maxs: Client, elsewhere: Callable[[str], None]) -> None:
    """Between two pieces."""
    number = made(maxs)
    with acting_as(SYSTEM):
        content = io.BytesIO(bytes(3 * shelf.PIECE))
        shelf.put(ExportFile.objects.get(pk=number), content, sight_of(max_()), timezone.now())
    response: Any = maxs.get(f"/exports/{number}/file/")
    chunks = iter(response)
    next(chunks)
    elsewhere("DELETE FROM auditing_membership")
    with pytest.raises(SightLost):
        list(chunks)
    response.close()


def test_who_lost_the_right_before_it_was_made_gets_nothing(
    maxs: Client, elsewhere: Callable[[str], None]
) -> None:
    """It is made with what they see then; somebody who was switched off gets no file."""
    number = asked_for(maxs)
    elsewhere("UPDATE auditing_user SET is_active = false")
    tasks.make_export(number)
    assert export(number).fault == jobs.LOST
    with acting_as(SYSTEM):
        assert not ExportPiece.objects.exists()


def test_too_many_files_push_out_the_oldest(maxs: Client) -> None:
    """So many of one person, and so much of all."""
    numbers = [made(maxs) for _ in range(shelf.MOST_OF_ONE + 1)]
    assert maxs.get(f"/exports/{numbers[0]}/file/").status_code == 410
    assert fetched(maxs, numbers[1])
    assert fetched(maxs, numbers[-1])


@override_settings(EXPORT_FILES_MB=0)
def test_a_file_larger_than_all_may_be_is_given_up(maxs: Client) -> None:
    number = asked_for(maxs)
    tasks.make_export(number)
    assert export(number).fault.startswith("It is larger than")
    assert "narrow the filter" in text(maxs, "/exports/")


def test_a_task_that_comes_again_makes_it_once(maxs: Client) -> None:
    """As after a worker died, or was thought dead."""
    number = made(maxs)
    before = export(number)
    tasks.make_export(number)
    assert export(number).ended_at == before.ended_at
    tasks.make_export(999_999)
