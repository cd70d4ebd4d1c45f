"""`verify_history`: what it prints, what it exits with, what it refuses."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from tests.config.processes import bare_environment, manage
from tests.conftest import url_of
from tests.history.chains import sql
from tests.history.conftest import LINKS, Stage

INTACT = "intact: 2 accounts, 57 links that hold, 1 erased payload"


@pytest.fixture(autouse=True)
def key_in_a_folder_of_its_own(settings: Settings, tmp_path: Path) -> None:
    """The installation's signing key is made where no other test looks."""
    settings.VAR = tmp_path / "var"
    settings.CHECKPOINT_SIGNING_KEY = ""


def verified(*arguments: str | Path) -> tuple[int, list[str]]:
    """The exit code and the lines on standard output."""
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_history", *map(str, arguments), stdout=out)
    return int(str(ended.value.code)), out.getvalue().splitlines()


def refused(*arguments: str | Path) -> str:
    """The message of a refusal, which exits with 2."""
    with pytest.raises(CommandError) as refusal:
        call_command("verify_history", *map(str, arguments), stdout=io.StringIO())
    assert refusal.value.returncode == 2
    return str(refusal.value)


def as_json(*arguments: str | Path) -> tuple[int, dict[str, Any]]:
    code, lines = verified(*arguments, "--json")
    assert len(lines) == 1
    return code, json.loads(lines[0])


def break_link(sequence: int) -> None:
    sql("UPDATE auditing_observation SET http_status = 404 WHERE sequence = %s", sequence)


@pytest.mark.usefixtures("stage")
def test_an_intact_history_says_what_was_counted_and_exits_0() -> None:
    assert verified() == (0, [INTACT])
    assert verified("--account", "reels", "--account", "reels") == (
        0,
        ["intact: 1 account, 7 links that hold, 0 erased payloads"],
    )


@pytest.mark.usefixtures("stage")
def test_a_broken_history_names_the_first_broken_link_of_each_account_and_exits_1() -> None:
    break_link(5)
    break_link(30)
    fault = "the hash does not fit its fields: generation, HTTP status, time, digest or the hash was changed"
    assert verified() == (
        1,
        [
            f"reels, link 5: {fault}",
            f"shots, link 5: {fault}",
            "BROKEN: 2 accounts, 8 links that hold, 0 erased payloads",
        ],
    )


@pytest.mark.usefixtures("stage")
def test_json_says_the_same_in_one_object() -> None:
    code, said = as_json()
    assert (code, said) == (
        0,
        {
            "intact": True,
            "accounts": 2,
            "links": LINKS + 7,
            "erased": 1,
            "differing_records": 0,
            "findings": [],
            "against": None,
            "checkpoint": None,
            "public_key": None,
        },
    )
    break_link(30)
    code, said = as_json("--account", "shots")
    assert (code, said["intact"], said["accounts"], said["links"]) == (1, False, 1, 29)
    assert [(one["kind"], one["account"], one["sequence"]) for one in said["findings"]] == [
        ("link", "shots", 30)
    ]


@pytest.mark.usefixtures("stage")
def test_many_differing_records_are_summed_up() -> None:
    sql("UPDATE auditing_generation SET payload = '{}'")
    code, lines = verified()
    assert (code, len(lines), lines[-2]) == (1, 22, "… and 3 more records that differ")


@pytest.mark.usefixtures("stage")
def test_a_checkpoint_is_written_and_verified_against(tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.json"
    code, lines = verified("--checkpoint", file)
    public_key = json.loads(file.read_text())["public_key"]
    assert (code, lines) == (0, [INTACT, f"checkpoint written to {file}, signed by {public_key}"])
    written_at = json.loads(file.read_text())["written_at"].replace("Z", "")
    assert verified("--against", file) == (0, [f"{INTACT}, against the checkpoint of {written_at}Z"])
    code, said = as_json(
        "--against", file, "--public-key", public_key, "--checkpoint", tmp_path / "next.json"
    )
    assert (code, said["against"], said["checkpoint"], said["public_key"]) == (
        0,
        f"{written_at}Z",
        str(tmp_path / "next.json"),
        public_key,
    )


def test_what_was_cut_since_the_checkpoint_is_named(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.json"
    verified("--checkpoint", file)
    sql("DELETE FROM auditing_observation WHERE account_id = %s", stage.other.pk)
    sql("UPDATE auditing_generation SET payload = NULL WHERE account_id = %s", stage.other.pk)
    sql(
        "UPDATE auditing_chainhead SET sequence = 0, hash = %s WHERE account_id = %s",
        bytes(32),
        stage.other.pk,
    )
    assert verified() == (0, ["intact: 2 accounts, 50 links that hold, 1 erased payload"])
    code, lines = verified("--against", file)
    assert (code, lines[0]) == (
        1,
        "reels, link 0: the chain ends here, and at the checkpoint had 7 links: cut or rolled back",
    )
    assert verified("--against", file, "--account", "shots")[0] == 0


@pytest.mark.usefixtures("stage")
def test_no_checkpoint_is_written_of_a_broken_history(tmp_path: Path) -> None:
    break_link(30)
    code, said = as_json("--checkpoint", tmp_path / "checkpoint.json")
    assert (code, said["checkpoint"], said["public_key"]) == (1, None, None)
    assert not (tmp_path / "checkpoint.json").exists()


@pytest.mark.usefixtures("stage")
def test_an_altered_checkpoint_or_another_key_is_no_evidence(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.json"
    verified("--checkpoint", file)
    whole = file.read_text()
    file.write_text(whole.replace('"sequence": 7', '"sequence": 6'))
    assert "was altered since it was signed" in refused("--against", file)
    file.write_text(whole)
    assert "not by " + "0" * 64 in refused("--against", file, "--public-key", "0" * 64)
    settings.VAR = tmp_path / "elsewhere"
    assert "was signed by the key" in refused("--against", file)
    assert verified("--against", file, "--public-key", json.loads(whole)["public_key"].upper())[0] == 0


@pytest.mark.usefixtures("stage")
def test_usage_is_refused_with_2_and_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.json"
    assert refused("--account", "wheels") == "--account: no account 'wheels'; there are: reels, shots"
    assert "it can't be had with --account" in refused("--account", "reels", "--checkpoint", file)
    assert "for --against, which is missing" in refused("--public-key", "0" * 64)
    assert "must be 64 hexadecimal digits" in refused_by_parser("--against", file, "--public-key", "abc")
    assert "No such file or directory" in refused("--against", file)
    file.write_text("{}")
    assert "exists; a checkpoint never replaces another" in refused("--checkpoint", file)
    assert "is no checkpoint of this version" in refused("--against", file)
    assert "there is no such folder" in refused("--checkpoint", tmp_path / "nowhere" / "file")
    assert file.read_text() == "{}"


def refused_by_parser(*arguments: str | Path) -> str:
    with pytest.raises(CommandError) as refusal:
        call_command("verify_history", *map(str, arguments))
    return str(refusal.value)


@pytest.mark.usefixtures("stage")
def test_production_makes_no_key_by_itself(settings: Settings, tmp_path: Path) -> None:
    settings.PRODUCTION = True
    assert "CHECKPOINT_SIGNING_KEY is not set" in refused("--checkpoint", tmp_path / "checkpoint.json")
    settings.CHECKPOINT_SIGNING_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    assert verified("--checkpoint", tmp_path / "checkpoint.json")[0] == 0
    assert not (tmp_path / "var").exists()


@pytest.mark.usefixtures("stage")
def test_scripts_get_the_exit_codes(committed_db: str, tmp_path: Path) -> None:
    """A database that can't be read is not a broken history."""
    var = str(tmp_path / "var")
    break_link(3)
    address = committed_db.replace("clipledger_web@", "clipledger_worker@")
    done = manage("verify_history", environment=bare_environment(CLIPLEDGER_VAR=var, DATABASE_URL=address))
    assert (done.returncode, done.stderr) == (1, "")
    empty = bare_environment(CLIPLEDGER_VAR=var, DATABASE_URL=url_of("postgres", "clipledger_worker"))
    done = manage("verify_history", environment=empty)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("CommandError: the database: The database has no tables of this version")
