"""`import_ids`: every line is kept, known, or rejected with its number; nothing is lost, nothing twice."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from auditing.access import SYSTEM, acting_as, visible_to
from auditing.models import Account, Generation, Lookup
from tests.stage import a_person, a_team, an_account

pytestmark = pytest.mark.django_db


def imported(path: Path, content: str | bytes, account: Account, *options: str) -> tuple[str, list[str]]:
    """What the command printed on standard output, and its lines on standard error."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    out, err = io.StringIO(), io.StringIO()
    call_command("import_ids", str(path), "--account", account.label, *options, stdout=out, stderr=err)
    return out.getvalue().strip(), err.getvalue().splitlines()


def rows() -> dict[str, Generation]:
    with acting_as(SYSTEM):
        found = visible_to(SYSTEM).select_related("owner", "project", "account", "lookup")
        return {row.external_id: row for row in found}


def test_one_trimmed_line_of_text_is_one_id_and_is_never_split(tmp_path: Path) -> None:
    said = imported(tmp_path / "ids", "  vid_a \r\n\n12345\nwith, comma and space\n", an_account())
    assert said == ("3 new, 0 known, 0 rejected", [])
    assert set(rows()) == {"vid_a", "12345", "with, comma and space"}


def test_an_id_that_comes_in_twice_is_known_the_second_time(tmp_path: Path) -> None:
    account = an_account()
    assert imported(tmp_path / "ids", "vid_a\nvid_b\nvid_a\n", account)[0] == "2 new, 1 known, 0 rejected"
    assert imported(tmp_path / "ids", "vid_b\nvid_c\n", account)[0] == "1 new, 1 known, 0 rejected"


def test_what_cannot_be_an_id_is_rejected_with_its_line_and_the_rest_is_kept(tmp_path: Path) -> None:
    lines = [b"vid_a", b"..", b"x" * 256, b"tab\there", b"\xff\xfe", b"vid_b"]
    out, err = imported(tmp_path / "ids", b"\n".join(lines), an_account())
    assert out == "2 new, 0 known, 4 rejected"
    assert err == [
        "line 2: '..' would reach another address",
        "line 3: id of 256 characters; at most 255 are possible",
        "line 4: id with control characters",
        "line 5: not UTF-8 at byte 1 of the line",
    ]


def test_a_line_too_long_to_be_read_is_rejected_without_taking_the_next_with_it(tmp_path: Path) -> None:
    out, err = imported(tmp_path / "ids", "a\n" + "b" * 3_000_000 + "\nc", an_account())
    assert (out, err) == ("2 new, 0 known, 1 rejected", ["line 2: line longer than 1,048,576 bytes"])
    assert set(rows()) == {"a", "c"}


def test_csv_names_owners_and_projects(tmp_path: Path) -> None:
    team = a_team()
    ada = a_person("ada", team)
    account = an_account(team=team)
    content = '\ufeffProject,external_id,Owner\n"Beach, summer",vid_a,ADA\n,vid_b,\n'
    assert imported(tmp_path / "ids.csv", content, account) == ("2 new, 0 known, 0 rejected", [])
    first, second = rows()["vid_a"], rows()["vid_b"]
    assert (first.owner, first.project and first.project.name) == (ada, "Beach, summer")
    assert (second.owner, second.project) == (None, None)


def test_csv_lines_that_break_the_header_are_rejected_alone(tmp_path: Path) -> None:
    content = 'external_id,owner\nvid_a,\nvid_b\n"vid_c,\nvid_d,nobody\nvid_e,\n'
    out, err = imported(tmp_path / "ids.csv", content, an_account())
    assert out == "2 new, 0 known, 3 rejected"
    assert err == [
        "line 3: 1 fields where the header has 2",
        "line 4: not CSV: unexpected end of data",
        "line 5: owner: nobody in team studio is called 'nobody'; add_member makes them known",
    ]


def test_csv_without_the_header_is_an_error_that_names_the_column(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="line 1: a CSV header with the column external_id was expected"):
        imported(tmp_path / "ids.csv", "id\nvid_a\n", an_account(), "--format", "csv")


def test_ndjson_takes_the_same_keys_and_generation_responses_as_they_were_logged(tmp_path: Path) -> None:
    team = a_team()
    ada = a_person("ada", team)
    response = (Path(__file__).parents[1] / "payloads" / "nanobanana-generation.json").read_text()
    lines = [
        json.dumps({"external_id": "vid_a", "owner": "ada", "project": "Beach"}),
        json.dumps({"external_id": 12345}),
        json.dumps(json.loads(response)),
        json.dumps({"external_id": True}),
        json.dumps({"external_id": "vid_x", "owner": 7}),
        json.dumps({"video": "?"}),
        "[1]",
        '{"external_id": "\\ud800"}',
        '{"external_id": ',
        "[" * 100_000,
        '"vid_bare"',
    ]
    out, err = imported(tmp_path / "ids", "\n".join(lines), an_account(team=team))
    assert out == "4 new, 0 known, 7 rejected"
    assert [line.partition(":")[0] for line in err] == [f"line {number}" for number in range(4, 11)]
    assert err[-1] == "line 10: not JSON that can be read: nested too deep"
    assert {"vid_a", "12345", "vid_bare", json.loads(response)["video_id"]} == set(rows())
    assert rows()["vid_a"].owner == ada


def test_a_log_gives_the_ids_in_the_providers_usual_form(tmp_path: Path) -> None:
    log = 'INFO made vid_a1b2c3d4, then "vid_a1b2c3d4e5f6".\nnothing here\nDEBUG vid_a1b2c3d4 again\n'
    out, err = imported(tmp_path / "log", log, an_account(), "--format", "log")
    assert (out, err) == ("2 new, 1 known, 0 rejected", [])
    assert set(rows()) == {"vid_a1b2c3d4", "vid_a1b2c3d4e5f6"}


def test_the_owner_is_the_lines_else_the_commands_else_the_accounts_own(tmp_path: Path) -> None:
    team = a_team()
    ada, bob = a_person("ada", team), a_person("bob", team)
    account = an_account(team=team, owner=ada)
    imported(tmp_path / "1", "vid_a\n", account)
    imported(tmp_path / "2", "external_id,owner\nvid_b,\nvid_c,ada\n", account, "--owner", "bob")
    assert {key: row.owner for key, row in rows().items()} == {"vid_a": ada, "vid_b": bob, "vid_c": ada}


def test_what_is_known_keeps_its_owner(tmp_path: Path) -> None:
    team = a_team()
    ada = a_person("ada", team)
    a_person("bob", team)
    account = an_account(team=team, owner=ada)
    imported(tmp_path / "1", "vid_a\n", account)
    imported(tmp_path / "2", "vid_a\n", account, "--owner", "bob")
    assert rows()["vid_a"].owner == ada


def test_two_teams_may_register_the_same_id_and_do_not_learn_of_each_other(tmp_path: Path) -> None:
    ours, theirs = an_account(label="ours"), an_account(label="theirs", team=a_team("rivals"))
    assert imported(tmp_path / "1", "vid_a\n", ours)[0] == "1 new, 0 known, 0 rejected"
    assert imported(tmp_path / "2", "vid_a\n", theirs)[0] == "1 new, 0 known, 0 rejected"


def test_a_new_id_is_due_at_once_and_nothing_is_known_about_it(tmp_path: Path) -> None:
    imported(tmp_path / "ids", "vid_a\n", an_account())
    row = rows()["vid_a"]
    assert (row.status, row.credits_thousandths, row.flags) == (None, None, [])
    assert row.lookup.due_at is not None
    assert (row.lookup.outcome, row.lookup.attempts, row.lookup.synced_at) == (None, 0, None)
    assert Lookup.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--account", "nope"], "--account: no account 'nope'; there are: nanobanana"),
        (["--account", "nanobanana", "--owner", "eve"], "nobody in team studio is called 'eve'"),
    ],
)
def test_wrong_arguments_are_named(tmp_path: Path, arguments: list[str], message: str) -> None:
    an_account()
    (tmp_path / "ids").write_text("vid_a\n")
    with pytest.raises(CommandError, match=message):
        call_command("import_ids", str(tmp_path / "ids"), *arguments)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    an_account()
    with pytest.raises(CommandError, match="nowhere: No such file"):
        call_command("import_ids", str(tmp_path / "nowhere"), "--account", "nanobanana")
