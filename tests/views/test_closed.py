"""`/reports/closed/`: months are closed once, by managers; each person sees their own part of them."""

import csv
import io
import json
import re
from datetime import UTC, datetime

import openpyxl
import pytest
from django.test import Client

from auditing.access import SYSTEM, acting_as
from auditing.models import ClosedMonth, Generation, TrailEntry, User
from tests.closing.months import NOON, april, closed, closed_april
from tests.views.cast import Cast, completed
from tests.views.conftest import Queries, SignedIn, text

PAGE = "/reports/closed/north/2026-04/"
UNSAID = {"credits_thousandths": None, "credits_basis": None}


@pytest.fixture
def month(people: Cast) -> ClosedMonth:
    """April 2026 of the first team, closed, and adjusted since."""
    return closed_april(people.nano, people.alice, people.bob, people.max)


def test_a_manager_sees_what_would_be_frozen_and_closes_it_once(people: Cast, signed_in: SignedIn) -> None:
    april(people.nano, people.alice, people.bob)
    completed(people.nano, "undated", people.bob, created_at=None)
    manager = signed_in(people.max)
    assert "Open Close" in text(manager, "/reports/closed/?year=2026")
    shown = text(manager, PAGE)
    assert "3 jobs can still change and are frozen as unresolved." in shown
    assert "3 jobs without a known figure are frozen as unknown, in no sum." in shown
    assert "1 job without a known day is in no month, and will not be in this one." in shown
    assert "Nobody can open it again." in shown
    assert [manager.post(PAGE).headers["Location"] for _ in range(2)] == [PAGE, PAGE]
    assert ClosedMonth.objects.get().closed_by == people.max
    with acting_as(SYSTEM):
        (told,) = TrailEntry.objects.filter(act="month_closed")
    assert (told.owner, told.asked, told.result[:16]) == (people.max, "north 2026-04", "12 jobs, digest ")
    shown = text(manager, PAGE)
    assert "to the digit" in shown
    assert "Nothing has become known of this month since it was closed." in shown
    assert "Month closed" in text(manager, "/audit/")


def test_what_jobs_without_a_figure_cost_is_unknown_and_no_zero(people: Cast, signed_in: SignedIn) -> None:
    """Also beside others that have one; what no job was charged is nothing."""
    completed(people.nano, "unsaid", people.alice, created_at=NOON, **UNSAID)
    manager = signed_in(people.max)
    assert "refunded" not in text(manager, PAGE).partition("Gross, and refunded")[2].partition("Jobs")[0]
    completed(people.nano, "failed", people.alice, created_at=NOON, status="failed")
    assert "0 refunded" in text(manager, PAGE)
    manager.post(PAGE)
    table = manager.get(f"{PAGE}?group=owner&format=csv").content.decode().partition("\r\n\r\n")[2]
    for line in csv.DictReader(io.StringIO(table)):
        said = [line[f"closed_credits_{name}"] for name in ("net", "on_completed", "on_failed")]
        assert said == ["7.5", "", "7.5"]
    page = manager.get(PAGE).content.decode()
    assert "no completed job has a figure" in page
    assert "no failed job has a figure" not in page


def test_who_does_not_manage_the_team_closes_nothing(people: Cast, signed_in: SignedIn) -> None:
    april(people.nano, people.alice, people.bob, 2)
    for person, status in ((people.alice, 403), (people.audrey, 403), (people.sid, 403), (people.otto, 404)):
        client = signed_in(person)
        assert client.post(PAGE).status_code == status
        assert b"for good</button>" not in client.get(PAGE).content
    assert not ClosedMonth.objects.exists()


def test_a_month_that_is_not_over_is_not_closed(people: Cast, signed_in: SignedIn) -> None:
    manager, now = signed_in(people.max), datetime.now(UTC)
    answer = manager.post(f"/reports/closed/north/{now:%Y-%m}/")
    assert answer.status_code == 409
    assert b"This month is not over yet." in answer.content
    assert b"for good</button>" not in answer.content
    for wrong in ("2026-4", "2026-13", "1066-10", "9999-12", "october"):
        assert manager.get(f"/reports/closed/north/{wrong}/").status_code == 404


def test_adjustments_stand_with_their_evidence(month: ClosedMonth, people: Cast, signed_in: SignedIn) -> None:
    shown = text(signed_in(people.max), PAGE)
    # Nine of twelve jobs had a figure, 7.5 each; one fell to 2, one left, one came.
    assert "As closed 12 67.5 0 67.5 67.5 0 3 none 3" in shown
    assert "4 adjustments 0 −5.5 0 −5.5 −7.5 +2 0 0 0" in shown
    assert "Today 12 62 0 62 60 2 3 none 3" in shown
    assert "s report says, to the digit" in shown
    assert "credits: 7.5 → 2" in shown
    assert "status: completed → failed" in shown
    assert "person: Bob → Alice" in shown
    assert bytes(month.seal.digest).hex() in shown
    links = re.findall(r'href="([^"]+)#history"', signed_in(people.max).get(PAGE).content.decode())
    assert links[-1] == "/generations/nanobanana/april_01/?team=north"
    assert signed_in(people.max).get(links[-1]).status_code == 200


def test_a_member_sees_their_own_part_and_no_seal(
    month: ClosedMonth, people: Cast, signed_in: SignedIn
) -> None:
    bob = text(signed_in(people.bob), PAGE)
    assert "As closed 4 " in bob
    assert "1 adjustment −1 " in bob
    assert "Attributed to somebody else" in bob
    assert "Alice" not in bob
    assert bytes(month.seal.digest).hex() not in bob
    assert bytes(month.seal.digest).hex() in text(signed_in(people.sid), PAGE)


@pytest.mark.usefixtures("month")
def test_files_say_what_they_are_and_the_trail_tells_of_them(people: Cast, signed_in: SignedIn) -> None:
    manager = signed_in(people.max)
    head, _, table = manager.get(f"{PAGE}?group=owner&format=csv").content.decode().partition("\r\n\r\n")
    assert "report,closed month\r\nteam,north\r\nmonth,2026-04\r\ntime_zone,UTC\r\n" in head
    assert "closed_by,max\r\nwhose,all of the team\r\njobs_sealed,12\r\ndigest," in head
    lines = list(csv.DictReader(io.StringIO(table)))
    assert [line["person"] for line in lines] == ["Alice", "Bob", "Total"]
    total = lines[-1]
    assert (total["closed_credits_net"], total["adjustment_credits_net"], total["today_credits_net"]) == (
        "67.5", "-5.5", "62",
    )  # fmt: skip
    said = json.loads(manager.get(f"{PAGE}?of=adjustments&format=json").content)
    assert [(one["group"]["external_id"], one["credits_net"]) for one in said["lines"]] == [
        ("april_late", "7.5"), ("april_03", "-7.5"), ("april_02", "0"), ("april_01", "-5.5"),
    ]  # fmt: skip
    assert said["total"] == {"jobs": 0, "credits_gross": "-5.5", "credits_net": "-5.5"}
    content = manager.get(f"{PAGE}?of=adjustments&format=xlsx").content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert list(sheet.values)[-1][:1] == ("Total",)
    with acting_as(SYSTEM):
        told = list(TrailEntry.objects.filter(act="exported").order_by("pk").values_list("asked", "team"))
    assert told == [
        ("closed month as csv?period=2026-04&team=north", people.team.pk),
        ("adjustments of a closed month as json?period=2026-04&team=north", people.team.pk),
        ("adjustments of a closed month as xlsx?period=2026-04&team=north", people.team.pk),
    ]


@pytest.mark.usefixtures("month")
def test_the_credit_report_says_what_is_closed_and_what_became_known(
    people: Cast, signed_in: SignedIn
) -> None:
    alice = signed_in(people.alice)
    april_words = "Closed, with the numbers of that time: April 2026 of North"
    assert april_words in text(alice, "/reports/credits/?period=2026-04")
    assert april_words in text(alice, "/reports/credits/?period=2026&team=north")
    assert "4 of April 2026, North" in text(alice, "/reports/credits/")
    assert "April 2026" not in text(alice, "/reports/credits/?from=2026-04-02&to=2026-04-30")
    assert "of North" not in text(signed_in(people.otto), "/reports/credits/?period=2026-04")


def test_rows_of_others_change_no_byte(month: ClosedMonth, people: Cast, signed_in: SignedIn) -> None:
    addresses = (
        f"{PAGE}?group=owner&group=day&format=json",
        f"{PAGE}?of=adjustments&format=csv",
        PAGE,
        "/reports/closed/?year=2026",
        "/reports/credits/?period=2026",
    )

    def said(person: User) -> list[str]:
        client = signed_in(person)
        found = []
        for address in addresses:
            page = client.get(address).content.decode()
            page = re.sub(r"<time.*?</time>|csrf\w+|value=\"\w{64}\"|nonce=\"[^\"]+\"", "", page)
            found.append(re.sub(r"as_of[\",: ]+[0-9TZ:.-]+", "", page))
        return found

    before = said(people.max), said(people.bob)
    for number in range(4):
        completed(people.other_nano, f"foreign_{number}", people.otto, created_at=NOON)
    closed(people.other_team, people.otto)
    with acting_as(SYSTEM):
        Generation.objects.filter(external_id__startswith="foreign").update(credits_thousandths=1)
        completed(people.other_nano, "foreign_undated", people.otto, created_at=None)
    assert said(people.max) == before[0]
    for number in range(4):  # of the same team, and not bob's
        completed(people.nano, f"alices_{number}", people.alice, created_at=NOON)
    assert said(people.bob) == before[1]
    assert said(people.max) != before[0]
    assert month.seal.jobs == 12


@pytest.mark.usefixtures("month")
@pytest.mark.parametrize(("address", "pinned"), [(PAGE, 17), ("/reports/closed/?year=2026", 18)])
def test_they_take_few_queries(
    people: Cast, signed_in: SignedIn, queries: Queries, address: str, pinned: int
) -> None:
    manager: Client = signed_in(people.max)
    assert len(queries(manager, address)) == pinned
    with acting_as(SYSTEM):
        Generation.objects.filter(external_id__startswith="april").update(
            credits_thousandths=1, credits_basis="reported"
        )
    assert len(queries(manager, address)) == pinned
