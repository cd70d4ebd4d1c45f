"""`import_statement`: a statement is kept whole, or each line that is in the way is named."""

import io
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from auditing.models import Account, Statement, TrailEntry
from tests.stage import an_account, registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    found = an_account("nanobanana", "studio-nano")
    registered(found, ["vid_a"])
    return found


def imported(*arguments: str) -> tuple[str, str]:
    """What it printed on standard output and on standard error."""
    out, err = io.StringIO(), io.StringIO()
    call_command("import_statement", *arguments, "--account", "studio-nano", stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def refused(*arguments: str) -> tuple[str, str]:
    """Why it refused, and what it printed on standard error."""
    err = io.StringIO()
    with pytest.raises(CommandError) as fault:
        call_command("import_statement", *arguments, "--account", "studio-nano", stderr=err)
    return str(fault.value), err.getvalue()


def test_a_file_is_kept_with_its_period_and_reference(account: Account, tmp_path: Path) -> None:
    path = tmp_path / "october.csv"
    path.write_text("external_id,credits\nvid_a,7\nvid_b,\n")
    out, _ = imported(str(path), "--period", "2026-10", "--total", "9.5", "--reference", "INV-7")
    kept = Statement.objects.get()
    assert (kept.account, kept.first, kept.last) == (account, date(2026, 10, 1), date(2026, 10, 31))
    assert (kept.total_thousandths, kept.lines, kept.lines_unknown, kept.lines_thousandths) == (
        9500,
        2,
        1,
        7000,
    )
    assert (kept.reference, kept.file, kept.person) == ("INV-7", "october.csv", None)
    assert out == (
        f"statement {kept.pk}: 2 lines, 1 without credits; theirs 9.5, ours 0 net (0 gross) of 0 jobs, 0"
        " of them unknown; difference 9.5\n"
    )
    entry = TrailEntry.objects.get(act="statement_entered")
    assert (entry.owner, entry.team) == (None, account.team)
    assert refused(str(path), "--period", "2026-11")[0].startswith(
        "this very file is there already: statement"
    )


@pytest.mark.usefixtures("account")
def test_a_total_needs_no_file() -> None:
    out, _ = imported("--period", "2026", "--total", "12480")
    assert "no lines; theirs 12,480, ours 0" in out


@pytest.mark.usefixtures("account")
def test_each_line_that_cannot_be_read_is_named_and_nothing_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("vid_a,7\nvid_b,seven\n\nvid_c\n")
    fault, err = refused(str(path), "--period", "2026-10")
    assert fault.startswith("2 lines can't be read, so nothing was kept")
    assert [line.partition(" is no ")[0] for line in err.splitlines()] == [
        "line 2: credits: “seven”",
        "line 4: 1 field; expected id,credits or id,credits,time",
    ]
    assert not Statement.objects.exists()


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--period", "soon", "--total", "1"), "--period: 'soon' is no period with two ends"),
        (("--period", "all-time", "--total", "1"), "--period: 'all-time' is no period with two ends"),
        (("--period", "9999-12", "--total", "1"), "--period: '9999-12' is no period with two ends"),
        (("--period", "2026-10", "--total", "1,5"), "--total: “1,5” is no number of credits"),
        (("--period", "2026-10"), "neither a total nor a line with credits was given"),
        (("nowhere.csv", "--period", "2026-10"), "nowhere.csv: No such file or directory"),
        (("--period", "2026-10", "--total", "1", "--reference", "x" * 201), "--reference: 201 characters"),
    ],
)
def test_what_cannot_be_meant_is_named(arguments: tuple[str, ...], said: str) -> None:
    assert refused(*arguments)[0].startswith(said)


@pytest.mark.usefixtures("account")
def test_an_account_that_is_nowhere_is_named_with_those_there_are() -> None:
    with pytest.raises(CommandError, match="no account 'other'; there are: studio-nano"):
        call_command("import_statement", "--account", "other", "--period", "2026-10", "--total", "1")
