"""`verify_rollups`: what it prints, what it exits with, and that it mends what it found."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings

from auditing.rollups import fold
from tests.filters.population import populate
from tests.rollups.rows import sql

pytestmark = pytest.mark.django_db


def verified(*arguments: str) -> tuple[int, list[str]]:
    """The exit code and the lines on standard output."""
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_rollups", *arguments, stdout=out)
    return int(str(ended.value.code)), out.getvalue().splitlines()


def tampered() -> None:
    populate(size=40)
    fold()
    sql("UPDATE auditing_rollup SET jobs = jobs + 1 WHERE cuboid = 32 AND status = 'completed'")


def test_equal_rollups_exit_with_0() -> None:
    populate(size=40)
    code, lines = verified()
    assert (code, len(lines)) == (0, 1)
    assert lines[0].startswith("equal: 0 cells")  # all of them deltas yet
    fold()
    assert verified()[0] == 0


def test_what_differs_is_named_and_exits_with_1() -> None:
    tampered()
    code, lines = verified()
    assert code == 1
    assert lines[0].startswith("auditing_rollup: cuboid 32, ")
    assert ", status completed" in lines[0]
    assert lines[0].endswith(": jobs is 2, and its rows give 1")
    assert lines[-1].startswith("DIFFERENT: ")


def test_at_most_twenty_sums_are_named_and_all_cells_counted() -> None:
    populate(size=100)
    fold()
    sql("UPDATE auditing_rollup SET jobs = jobs + 1, credits = credits + 1")
    code, (line,) = verified("--json")
    said = json.loads(line)
    assert (code, len(said["differences"]), said["equal"]) == (1, 20, False)
    assert said["differing"] == sql("SELECT count(*) FROM auditing_rollup")[0][0] > 100


def test_repairing_exits_with_0_and_leaves_nothing_to_repair() -> None:
    tampered()
    code, lines = verified("--repair")
    assert (code, lines[-1].startswith("repaired "), lines[-1].endswith("now equal")) == (0, True, True)
    code, (line,) = verified("--repair", "--json")
    assert (code, json.loads(line)["repaired"]) == (0, None)


def test_another_report_zone_is_named_and_repaired(settings: Settings) -> None:
    populate(size=40)
    settings.REPORT_TIME_ZONE = "Pacific/Kiritimati"
    code, lines = verified()
    assert (code, lines[0]) == (1, "days are cut by UTC, and REPORT_TIME_ZONE is Pacific/Kiritimati")
    assert verified("--repair")[0] == 0
    assert verified()[0] == 0


def test_what_can_not_be_told_exits_with_2() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP VIEW auditing_rollup_difference")
    with pytest.raises(CommandError) as refusal:
        call_command("verify_rollups", stdout=io.StringIO())
    assert refusal.value.returncode == 2
