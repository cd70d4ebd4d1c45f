"""`manage.py export`: who sees what, where it goes, and what a mistake costs."""

import hashlib
import json
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from auditing.management.commands.export import whole_file
from auditing.models import TrailEntry
from tests.conftest import environment_of
from tests.filters.population import PEOPLE, Population, populate

ROOT = Path(__file__).resolve().parent.parent.parent


def printed(*arguments: str) -> bytes:
    """What the command writes to standard output."""
    stdout = TextIOWrapper(BytesIO())
    call_command("export", *arguments, stdout=stdout)
    return stdout.buffer.getvalue()


def test_without_a_user_everything_is_exported_newest_first(population: Population) -> None:
    rows = [json.loads(line) for line in printed().splitlines()]
    assert len(rows) == len(population.generations)
    times = [(row["created_at"] or "0001-01-01T00:00")[:16] for row in rows]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(("name", "sees"), [("alice", {"alice"}), ("bob", {"bob"}), ("erin", None)])
def test_a_user_gets_what_they_may_see(population: Population, name: str, sees: set[str] | None) -> None:
    owners = {json.loads(line)["owner"] for line in printed("--as", name).splitlines()}
    assert owners == (
        {row.owner and row.owner.username for row in population.generations} if sees is None else sees
    )


@pytest.mark.usefixtures("population")
def test_days_are_those_of_the_users_zone(population: Population) -> None:
    root = population.people["root"]
    counts = set()
    for zone in ("UTC", "Pacific/Auckland"):
        root.time_zone = zone
        root.save()
        counts.add(len(printed("--as", "root", "--query", "created_from=2026-10-25&created_to=2026-10-25")))
    assert len(counts) == 2


@pytest.mark.usefixtures("population")
def test_the_query_string_may_be_copied_with_its_question_mark() -> None:
    lines = printed("--query", "?status=failed&team=north").splitlines()
    assert {(row["status"], row["team"]) for row in map(json.loads, lines)} == {("failed", "north")}


@pytest.mark.usefixtures("population")
def test_csv_goes_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("before")
    call_command("export", "--format", "csv", "--output", str(path))
    assert path.read_bytes() == printed("--format", "csv")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["export.csv", "export.csv.manifest.json"]


def test_beside_a_file_lies_its_manifest(population: Population, tmp_path: Path) -> None:
    """The person is who it was exported as; the trail is told that nobody known did it."""
    path = tmp_path / "north.ndjson"
    call_command(
        "export", "--as", "bob", "--query", "status=failed", "--columns", "title", "--output", str(path)
    )
    said = json.loads((tmp_path / "north.ndjson.manifest.json").read_text())
    assert (said["file"], said["exported_by"], said["state"]) == ("north.ndjson", "bob", "whole")
    assert (said["filter"], said["columns"]) == ("failed; newest first", ["title"])
    content = path.read_bytes()
    assert (said["rows"], said["size"]) == (content.count(b"\n"), len(content))
    assert said["sha256"] == hashlib.sha256(content).hexdigest()
    assert said["credits"]["rows_known"] + said["credits"]["rows_unknown"] == said["rows"]
    told = TrailEntry.objects.values_list("act", "owner", "asked")
    assert ("exported", None, "ndjson as bob?status=failed&columns=title") in told
    assert population.people["bob"]


@pytest.mark.usefixtures("population")
def test_an_export_of_everything_is_told_to_no_team() -> None:
    """Site auditors read of it."""
    printed("--query", "status=failed")
    entry = TrailEntry.objects.get()
    assert (entry.owner_id, entry.team_id, entry.asked) == (None, None, "ndjson?status=failed")


@pytest.mark.usefixtures("population")
def test_the_columns_that_are_named_are_written_in_their_order() -> None:
    lines = printed("--format", "csv", "--columns", "credits_used, title,credits_used").splitlines()
    assert lines[0] == b"credits_used,title"
    rows = [json.loads(line) for line in printed("--columns", "title,provider").splitlines()]
    assert len(rows) == len(lines) - 1
    assert {tuple(row) for row in rows} == {("title", "provider")}


@pytest.mark.usefixtures("population")
def test_a_workbook_goes_to_standard_output() -> None:
    assert printed("--format", "xlsx").startswith(b"PK")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--query", "status=faild&created_to=soon"),
            r"--query: status “faild” is not accepted; accepted: .*; created_to “soon” is not a date",
        ),
        (("--query", "statu=failed"), "--query: statu is no part of a filter"),
        (("--query", "&".join(["status=failed"] * 1001)), "--query: more fields than any filter has"),
        (("--as", "nobody"), "--as: there is no active user 'nobody'"),
        (("--output", "/no/such/folder/x.csv"), "--output: there is no folder /no/such/folder$"),
        (
            ("--columns", "title,titel,id"),
            "--columns: there is no titel and no id; there are provider, external_id, team, owner, ",
        ),
        (("--columns", " , "), "--columns: names none; there are provider"),
        (("--output", "/dev/null"), "--output: /dev/null is no ordinary file"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_written(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        printed(*arguments)


def test_somebody_who_may_not_sign_in_sees_nothing(population: Population) -> None:
    population.people["bob"].is_active = False
    population.people["bob"].save()
    with pytest.raises(CommandError, match="no active user 'bob'"):
        printed("--as", "bob")


def test_a_failure_leaves_no_half_file(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("before")

    def fail_half_way() -> None:
        with whole_file(path) as file:
            file.write(b"half")
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        fail_half_way()
    assert path.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["export.csv"]


def test_a_link_stays_a_link_to_the_new_file(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    link = tmp_path / "latest.csv"
    link.symlink_to(tmp_path / "data" / "export.csv")
    with whole_file(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert (tmp_path / "data" / "export.csv").read_bytes() == b"new"


def test_a_reader_who_leaves_early_ends_it_quietly(committed_db: str) -> None:
    populate(size=3000)
    assert PEOPLE
    command = subprocess.Popen(
        [sys.executable, "manage.py", "export"],
        cwd=ROOT,
        env=environment_of(committed_db),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert command.stdout is not None
    assert command.stderr is not None
    assert command.stdout.readline().startswith(b'{"provider":')
    command.stdout.close()
    assert command.stderr.read() == b""
    assert command.wait(60) == 0
    command.stderr.close()
