"""`close_month` and `verify_closed`: what they print, what they refuse, what they exit with."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from auditing.models import ClosedMonth
from tests.closing.months import april, closed_april
from tests.rollups.rows import sql
from tests.views.cast import Cast, assemble


@pytest.fixture
def people(db: None) -> Cast:  # noqa: ARG001 - the fixture opens the database
    return assemble()


def closing(*arguments: str) -> str:
    out = io.StringIO()
    call_command("close_month", *arguments, stdout=out)
    return out.getvalue()


def verified(*arguments: str) -> tuple[int, list[str]]:
    """The exit code and the lines on standard output."""
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_closed", *arguments, stdout=out)
    return int(str(ended.value.code)), out.getvalue().splitlines()


def test_a_month_is_closed_once(people: Cast) -> None:
    april(people.nano, people.alice, people.bob, 3)
    said = closing("north", "2026-04", "--by", "MAX")
    digest = bytes(ClosedMonth.objects.select_related("seal").get().seal.digest).hex()
    assert said == f"north 2026-04: closed. 3 jobs, digest {digest}\n"
    again = closing("north", "2026-04", "--by", "rita")
    assert again == f"north 2026-04: was closed before; nothing is changed. 3 jobs, digest {digest}\n"


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("north", "2026-4", "--by", "max"), "month: '2026-4' is no month; write one like 2026-10"),
        (("nowhere", "2026-04", "--by", "max"), "team: no team 'nowhere'"),
        (("north", "2026-04", "--by", "nobody"), "user: nobody is called 'nobody'"),
        (("north", "2026-04", "--by", "audrey"), "--by: audrey does not manage north"),
        (("north", "2026-04", "--by", "otto"), "--by: otto does not manage north"),
        (("north", "2999-04", "--by", "max"), "This month is not over yet."),
    ],
)
def test_a_mistake_is_named(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError) as fault:
        closing(*arguments)
    assert str(fault.value).startswith(said)
    assert not ClosedMonth.objects.exists()


@pytest.mark.usefixtures("committed_db")
def test_a_closed_month_holds_until_somebody_gets_around_the_database() -> None:
    people = assemble()
    assert verified() == (0, ["0 closed months, 0 of them differ"])
    closed_april(people.nano, people.alice, people.bob, people.max)
    assert verified("--team", "north", "--month", "2026-04") == (
        0,
        ["north 2026-04: holds; 12 jobs", "1 closed months, 0 of them differ"],
    )
    assert verified("--month", "2026-05")[1] == ["0 closed months, 0 of them differ"]
    sql("ALTER TABLE auditing_closedseal DISABLE TRIGGER USER")
    sql("UPDATE auditing_closedseal SET jobs = 13")
    code, lines = verified()
    assert (code, lines[0]) == (1, "north 2026-04: the seal says 13 jobs, and there were 12")
    sql("UPDATE auditing_closedseal SET jobs = 12")
    sql("ALTER TABLE auditing_generation DISABLE TRIGGER auditing_adjust_update")
    sql("UPDATE auditing_generation SET credits_thousandths = 1 WHERE external_id = 'april_06'")
    code, lines = verified()
    assert code == 1
    assert lines[0].endswith("credits is frozen as 45000, and its jobs of that time give 37501")
    assert "credits comes with its adjustments to 45000, and its rows now give 37501" in "\n".join(lines)
    assert any("the digest is" in line for line in lines)
    assert lines[-1] == "1 closed months, 1 of them differ"
    code, (line,) = verified("--json")
    said = json.loads(line)
    assert (code, said["holds"], said["jobs"], said["sealed_jobs"]) == (1, False, 12, 12)
    assert said["digest"] != said["recomputed_digest"]


def test_what_is_no_month_exits_with_2() -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("verify_closed", "--month", "april", stdout=io.StringIO())
    assert refusal.value.returncode == 2
