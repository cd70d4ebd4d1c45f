"""The statements' pages: what is entered, told and given out, to whom, and that nothing is taken for 0."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from auditing.access import SightLost
from auditing.models import Generation, Statement, TrailEntry
from tests.views.cast import Cast, completed
from tests.views.conftest import Queries, SignedIn, text

OCTOBER = datetime(2026, 10, 15, 12, tzinfo=UTC)
LINES = "external_id,credits\nvid_same,7\nvid_other,9\nvid_nowhere,5\nvid_silent,3\nvid_blank,\nvid_early,2\n"


@pytest.fixture
def jobs(people: Cast) -> Cast:
    """One job of each class in October, and what is another team's under the same ids."""
    for name, thousandths in (
        ("same", 7000),
        ("other", 8000),
        ("silent", None),
        ("blank", 4000),
        ("alone", 6000),
    ):
        completed(people.nano, f"vid_{name}", people.alice, **at(OCTOBER, thousandths))
    completed(people.nano, "vid_early", people.bob, **at(OCTOBER.replace(month=9), 2000))
    for name in ("same", "nowhere", "alone", "more"):
        completed(people.other_nano, f"vid_{name}", people.otto, **at(OCTOBER, 99_000))
    return people


def at(created: datetime, thousandths: int | None) -> dict[str, Any]:
    basis = None if thousandths is None else "reported"
    return {
        "created_at": created,
        "credits_thousandths": thousandths,
        "credits_most_thousandths": thousandths and thousandths + 1000,
        "credits_basis": basis,
    }


def sent(client: Client, content: str | bytes | None = None, **fields: Any) -> Any:
    """The answer to a statement of October with these lines as a file, or with what the fields say."""
    if content is not None:
        data = content if isinstance(content, bytes) else content.encode()
        fields["file"] = SimpleUploadedFile("invoice.csv", data)
    days = {"first": "2026-10-01", "last": "2026-10-31"}
    return client.post("/reports/statements/", {"account": "north-nano", **days, **fields})


def entered(client: Client, *content: str, **fields: Any) -> str:
    """The address of the statement that was kept."""
    answer = sent(client, *content, **fields)
    assert answer.status_code == 302, words(answer)
    return str(answer.headers["Location"])


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode().partition("\r\n\r\n")[2])))


def test_the_classes_of_a_statement_and_its_total(jobs: Cast, signed_in: SignedIn) -> None:
    client = signed_in(jobs.max)
    said = text(client, entered(client, LINES, total="30", reference="INV-7"))
    assert "INV-7" in said
    assert "Theirs 30 as stated; 6 lines, 1 without a figure" in said
    assert "Ours, net 25 5 jobs created in the period; 1 unknown , in no sum" in said
    assert "Difference +5" in said
    assert "Different Both have a figure, and not the same. 1 9 8 +1" in said
    assert "Missing here On the statement, and not registered in the team. 1 5 +5" in said
    assert "Missing there Ours, with credits, and not on the statement. 1 6 −6" in said
    assert "1 2 2 elsewhere +2" in said
    assert "Matched Both have the same credits. 1 7 7 0" in said
    assert "does not add up to its own total: 1 of its lines has no figure. +4 +4" in said
    assert "All 30 25 +5" in said


def test_gross_counts_where_it_is_asked_for(jobs: Cast, signed_in: SignedIn) -> None:
    client = signed_in(jobs.max)
    address = entered(client, LINES)
    assert "Ours, gross 29 " in text(client, f"{address}?figure=gross")
    assert "Ours, net 25 " in text(client, f"{address}?figure=gross")
    assert "Matched Both have the same credits. 1 9 9 0" in text(client, f"{address}?figure=gross")
    assert "north-nano" in text(client, "/reports/statements/?figure=gross")


def test_each_job_of_ours_leads_to_its_record_and_each_total_to_its_rows(
    jobs: Cast, signed_in: SignedIn
) -> None:
    client = signed_in(jobs.max)
    page = client.get(entered(client, LINES) + "?class=different").content.decode()
    assert client.get("/generations/nanobanana/vid_other/?team=north").status_code == 200
    assert 'href="/generations/nanobanana/vid_other/?team=north"' in page
    links = [one.replace("&amp;", "&") for one in re.findall(r'href="(/generations/\?[^"]+)"', page)]
    listed, unknown = (set(re.findall(r"vid_\w+", text(client, link))) for link in links[:2])
    assert listed == {"vid_same", "vid_other", "vid_silent", "vid_blank", "vid_alone"}
    assert unknown == {"vid_silent"}


def test_a_total_alone_stands_beside_ours(jobs: Cast, signed_in: SignedIn) -> None:
    client = signed_in(jobs.max)
    said = text(client, entered(client, total="20.5"))
    assert "Theirs 20.5 as stated; a total only" in said
    assert "Ours, net 25 5 jobs created in the period; 1 unknown" in said
    assert "Difference −4.5" in said
    listed = text(client, "/reports/statements/")
    assert "1 Oct 2026 – 31 Oct 2026 Differs 20.5 total only 25 5 jobs, 1 unknown −4.5" in listed


def test_what_agrees_is_the_total_and_not_each_id(jobs: Cast, signed_in: SignedIn) -> None:
    """Here a credit too many and one too few."""
    client = signed_in(jobs.max)
    said = text(client, entered(client, "vid_same,8\nvid_other,7\nvid_blank,4\nvid_alone,6\n"))
    assert "Total agrees as far as known" in said
    assert "Different Both have a figure, and not the same. 2 15 15 0" in said
    Generation.objects.filter(external_id="vid_silent").update(created_at=OCTOBER.replace(month=9))
    assert "Total agrees 25 4 lines 25 4 jobs, none unknown 0" in text(client, "/reports/statements/")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Write the stated total, or choose a file, or paste lines."),
        ({"total": "12,480"}, "“12,480” is no number of credits"),
        ({"total": "1", "last": "2026-09-30"}, "The last day lies before the first."),
        ({"total": "1", "first": "soon"}, "Enter a valid date."),
        ({"total": "1", "account": "south-nano"}, "Select a valid choice"),
        ({"lines": "vid_keep,1", "content": "vid_b,1"}, "send one of the two"),
        ({"lines": "vid_keep,\n"}, "Neither a total nor a line with credits was given."),
        (
            {"lines": "external_id,price\nvid_keep,1\n"},
            "Line 1: the header has external_id, but no column credits.",
        ),
        ({"content": b"\n\n"}, "There is no line in it."),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field_and_nothing_is_kept(
    people: Cast, signed_in: SignedIn, fields: dict[str, Any], said: str
) -> None:
    answer = sent(signed_in(people.max), **fields)
    assert answer.status_code == 200
    assert said in words(answer).replace("&#x27;", "'")
    assert ("vid_keep" in answer.content.decode()) == ("vid_keep" in fields.get("lines", ""))
    assert not Statement.objects.exists()


def test_bad_lines_are_named_and_nothing_is_kept(people: Cast, signed_in: SignedIn) -> None:
    answer = sent(signed_in(people.max), "vid_a,7\nvid_b,x\n..,7\n" + "vid_c,?\n" * 120)
    said = words(answer).replace("&#x27;", "'")
    assert "122 lines can't be read, so nothing was kept" in said
    assert "line 2: credits: “x” is no number of credits" in said
    assert "line 3: external_id: '..' would reach another address" in said
    assert "and 22 more" in said
    assert not Statement.objects.exists()


def test_the_same_file_is_recognised_until_it_is_withdrawn(jobs: Cast, signed_in: SignedIn) -> None:
    client = signed_in(jobs.max)
    address = entered(client, LINES)
    number = address.split("/")[-2]
    again = sent(client, LINES)
    assert f"This very file is there already: statement {number} of 2026-10-01 to 2026-10-31" in words(again)
    assert f'href="{address}"' in again.content.decode()
    assert client.post(f"{address}withdraw/").status_code == 302
    assert "Withdrawn" in text(client, address)
    assert "Withdrawn" in text(client, "/reports/statements/")
    assert entered(client, LINES) != address
    assert [one.withdrawn_by for one in Statement.objects.order_by("pk")] == [jobs.max, None]


def test_missing_ids_are_registered_through_the_intake(jobs: Cast, signed_in: SignedIn) -> None:
    client = signed_in(jobs.max)
    address = entered(client, LINES)
    assert "Register 1 missing id" in text(client, address)
    report = client.post(f"{address}register/")
    assert "1 new 0 known already 0 rejected" in text(client, report.headers["Location"])
    assert Generation.objects.filter(team=jobs.team, external_id="vid_nowhere").count() == 1
    assert "Register" not in text(client, address)
    assert (
        "Unknown here On the statement with credits, and ours without a figure: not 0, but not known. 2 8"
        in text(client, address)
    )


def test_files_say_what_they_are_and_add_up(jobs: Cast, signed_in: SignedIn) -> None:
    client = signed_in(jobs.audrey)
    address = entered(signed_in(jobs.max), LINES, total="30")
    file = client.get(f"{address}?format=csv")
    content = file.getvalue()
    assert b"asked_by,audrey" in content
    assert b"period_from,2026-10-01" in content
    rows = rows_of(content)
    ids = [row for row in rows if row["ids"] == "1" and row["external_id"]]
    assert [(row["class"], row["external_id"], row["credits_there"], row["credits_here"]) for row in ids] == [
        ("missing-there", "vid_alone", "", "6"),
        ("unknown-there", "vid_blank", "", "4"),
        ("outside", "vid_early", "2", ""),
        ("missing-here", "vid_nowhere", "5", ""),
        ("different", "vid_other", "9", "8"),
        ("matched", "vid_same", "7", "7"),
        ("unknown-here", "vid_silent", "3", ""),
    ]
    assert [rows[-2]["class"], rows[-2]["difference"]] == ["Stated total less its lines", "4"]
    total = rows[-1]
    assert (total["class"], total["credits_there"], total["credits_here"], total["difference"]) == (
        "Total",
        "30",
        "25",
        "5",
    )
    one = rows_of(client.get(f"{address}?format=csv&class=matched").getvalue())
    assert [row["class"] for row in one] == ["matched", "Total: Matched"]
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{address}?format=xlsx").content))
    sheet = book["Reconciliation"]
    assert [cell.value for cell in next(sheet.iter_rows(min_row=sheet.max_row))][:2] == ["Total", 7]
    assert client.get(f"{address}?format=pdf").status_code == 200
    assert "There is no such format" in text(client, f"{address}?format=pdf")


def test_the_trail_is_told(jobs: Cast, signed_in: SignedIn) -> None:
    client = signed_in(jobs.max)
    address = entered(client, LINES)
    number = address.split("/")[-2]
    client.get(f"{address}?format=csv&class=matched").getvalue()
    client.post(f"{address}withdraw/")
    client.post(f"{address}withdraw/")
    told = TrailEntry.objects.filter(
        act__in=("statement_entered", "statement_withdrawn", "exported")
    ).order_by("pk")
    what = f"statement {number} of north-nano, 2026-10-01 to 2026-10-31"
    assert [(one.act, one.asked, one.result, one.team, one.owner) for one in told] == [
        ("statement_entered", what, "total: none → 26; lines: none → 6", jobs.team, jobs.max),
        ("exported", f"statement {number} as csv?figure=net&class=matched", "", jobs.team, jobs.max),
        ("statement_withdrawn", what, "total: none → 26; lines: none → 6", jobs.team, jobs.max),
    ]


def test_members_see_nothing_of_statements_and_auditors_read(jobs: Cast, signed_in: SignedIn) -> None:
    address = entered(signed_in(jobs.max), LINES)
    got = {}
    for name in ("alice", "audrey", "max", "otto", "sid", "rita"):
        client = signed_in(getattr(jobs, name))
        has_link = 'href="/reports/statements/"' in client.get("/").content.decode()
        asked = (client.get("/reports/statements/"), client.get(address), client.get(f"{address}?format=csv"))
        acts = (
            client.post("/reports/statements/"),
            client.post(f"{address}withdraw/"),
            client.post(f"{address}register/"),
        )
        got[name] = (
            has_link,
            *(answer.status_code for answer in asked),
            *(answer.status_code for answer in acts),
        )
        Statement.objects.update(withdrawn_at=None, withdrawn_by=None)
    assert got == {
        "alice": (False, 404, 404, 404, 404, 404, 404),
        "audrey": (True, 200, 200, 200, 403, 403, 403),
        "max": (True, 200, 200, 200, 200, 302, 302),
        "otto": (True, 200, 404, 404, 200, 404, 404),
        "sid": (True, 200, 200, 200, 403, 403, 403),
        "rita": (True, 200, 200, 200, 200, 302, 302),
    }
    assert "north" not in text(signed_in(jobs.otto), "/reports/statements/")


def test_rows_of_others_change_no_byte(jobs: Cast, signed_in: SignedIn) -> None:
    """Neither of the page, nor of the list, nor of a file; and nobody's 99 credits are on any."""
    client = signed_in(jobs.audrey)
    address = entered(signed_in(jobs.max), LINES)
    pages = [f"{address}?class={kind}" for kind in ("missing-here", "matched", "missing-there")]

    def said() -> list[str]:
        files = [without_moments(client.get(f"{address}?format=csv").getvalue().decode())]
        return files + [
            without_moments(client.get(page).content.decode()) for page in (*pages, "/reports/statements/")
        ]

    before = said()
    Generation.objects.filter(team=jobs.other_team).update(credits_thousandths=1000)
    for name in ("other", "silent", "blank", "early", "new"):
        completed(jobs.other_nano, f"vid_{name}", jobs.otto, **at(OCTOBER, 5000))
    entered(signed_in(jobs.otto), LINES, account="south-nano")
    assert said() == before
    assert not [page for page in before if ">99<" in page or ",99," in page]


def without_moments(page: str) -> str:
    page = re.sub(
        r'<time class="(?:relative|second)".*?</time>|name="csrfmiddlewaretoken" value="\w+"', "", page
    )
    return re.sub(r"as_of,\S+", "", page)


@pytest.mark.parametrize(("person", "of_list", "of_one"), [("audrey", 11, 9), ("max", 11, 9), ("rita", 9, 8)])
def test_the_pages_take_as_many_queries_whatever_there_is(
    jobs: Cast, signed_in: SignedIn, queries: Queries, person: str, of_list: int, of_one: int
) -> None:
    client, manager = signed_in(getattr(jobs, person)), signed_in(jobs.max)
    address = entered(manager, LINES)
    for number in range(4):
        entered(manager, total=str(number))
    assert len(queries(client, "/reports/statements/")) == of_list
    assert len(queries(client, address)) == of_one


def test_statements_are_paged(people: Cast, signed_in: SignedIn) -> None:
    client = signed_in(people.max)
    for number in range(27):
        entered(client, total=str(number))
    page = client.get("/reports/statements/").content.decode()
    older = re.search(r'href="(/reports/statements/\?before=\d+)"', page)
    assert older is not None
    assert page.count('<th scope="row">') == 25
    assert client.get(older[1]).content.decode().count('<th scope="row">') == 2
    assert "Nothing older" in text(client, "/reports/statements/?before=1")


def test_a_page_of_ids_leads_to_the_next(people: Cast, signed_in: SignedIn) -> None:
    client = signed_in(people.max)
    address = entered(client, "".join(f"a/é&{number:03},1\n" for number in range(60)))
    page = client.get(address).content.decode()
    following = re.search(r'href="([^"]+after=[^"]+)#rows"', page)
    assert following is not None
    assert "a/é&amp;049" in page
    assert "a/é&amp;050" not in page
    rest = client.get(following[1].replace("&amp;", "&")).content.decode()
    assert rest.count('<span class="id">') == 10
    assert ">First<" in rest
    for bad in ("after=%00", "class=luck", "figure=luck", "after=zzz"):
        assert client.get(f"{address}?{bad}").status_code == 200


def test_a_persons_file_ends_when_they_lose_the_team(people: Cast, signed_in: SignedIn) -> None:
    address = entered(signed_in(people.max), "".join(f"vid_{number:05},1\n" for number in range(4500)))
    response = signed_in(people.audrey).get(f"{address}?format=csv")
    content = bytearray()
    with pytest.raises(SightLost):
        read_until_lost(response.streaming_content, content)  # type: ignore[attr-defined]
    assert content.count(b"\n") < 4000
    assert content.endswith(b"This file is incomplete: it was broken off.,,,,,,,,,,,,,,,\r\n")


def read_until_lost(parts: Iterable[bytes], into: bytearray) -> None:
    """All that arrives of a file whose person becomes a member after its first part."""
    for number, part in enumerate(parts):
        into += part
        if number == 0:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SET LOCAL ROLE clipledger_owner; UPDATE auditing_membership SET role = 'member';"
                    " SET LOCAL ROLE clipledger_web"
                )
