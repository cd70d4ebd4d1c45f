"""The page on which ids are uploaded or pasted: what it registers, says, keeps, and for whom."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from auditing.access import SYSTEM, acting_as, visible_to
from auditing.intake.uploads import MOST_REJECTIONS_KEPT
from auditing.models import Generation, Membership, Upload, User
from tests.views.cast import Cast
from tests.views.conftest import Queries, SignedIn, text


def sent(client: Client, content: str | bytes | None = None, **fields: Any) -> Any:
    """The answer to a file of this content, or to what `ids` pastes."""
    if content is not None:
        data = content if isinstance(content, bytes) else content.encode()
        fields["file"] = SimpleUploadedFile(fields.pop("name", "ids.txt"), data)
    return client.post("/intake/", {"account": "north-nano", "format": "auto", **fields})


def report(client: Client, answer: Any) -> str:
    """The words of the report that the answer leads to."""
    assert answer.status_code == 302, text_of(answer)
    assert re.fullmatch(r"/intake/\?report=\d+", answer.headers["Location"])
    return text(client, answer.headers["Location"])


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def owners() -> dict[str, User | None]:
    with acting_as(SYSTEM):
        rows: list[Generation] = list(visible_to(SYSTEM).select_related("owner"))
    return {row.external_id: row.owner for row in rows}


def test_a_file_is_registered_and_its_report_says_what_became_of_each_line(
    people: Cast, signed_in: SignedIn
) -> None:
    client = signed_in(people.max)
    content = "external_id,owner\nvid_a,bob\nvid_b,\nvid_a,\n..,\nvid_c,otto\n"
    said = report(client, sent(client, content, name="ids.csv"))
    assert "ids.csv for north-nano" in said
    assert "2 new 1 known already 2 rejected" in said
    assert "line 5: &#x27;..&#x27; would reach another address" in said
    assert "line 6: owner: nobody in team north is called &#x27;otto&#x27;" in said
    assert owners() == {"vid_a": people.bob, "vid_b": None}


def test_the_report_leads_to_the_new_rows(people: Cast, signed_in: SignedIn) -> None:
    client = signed_in(people.max)
    page = client.get(sent(client, ids="vid_a\r\nvid_b").headers["Location"]).content.decode()
    link = re.search(r'href="(/generations/\?[^"]+)"', page)
    assert link is not None
    listed = text(client, link[1].replace("&amp;", "&"))
    assert "vid_a" in listed
    assert "vid_b" in listed


def test_pasted_ids_are_registered_for_the_owner_that_a_manager_names(
    people: Cast, signed_in: SignedIn
) -> None:
    client = signed_in(people.max)
    assert "What you pasted" in report(client, sent(client, ids=" vid_a \r\n\r\nvid_b", owner="bob"))
    assert owners() == {"vid_a": people.bob, "vid_b": people.bob}


def test_what_a_member_adds_is_theirs(people: Cast, signed_in: SignedIn) -> None:
    """The page asks for no owner, and heeds none."""
    client = signed_in(people.alice)
    page = client.get("/intake/").content.decode()
    assert "attributed to you" in page
    assert 'name="owner"' not in page
    assert "bob" not in page
    said = report(client, sent(client, "external_id,owner\nvid_a,\nvid_b,bob\n", owner="bob"))
    assert "1 new 0 known already 1 rejected" in said
    assert "line 3: owner: a member registers ids as their own only" in said
    assert owners() == {"vid_a": people.alice}


def test_the_accounts_are_those_that_one_may_add_to(people: Cast, signed_in: SignedIn) -> None:
    """A member: the team's and their own; a manager all of the team's; another team's nobody."""
    people.nano.owner = people.bob
    people.nano.save()
    offered = {}
    for person in (people.alice, people.bob, people.max, people.otto, people.rita):
        page = signed_in(person).get("/intake/").content.decode()
        offered[person.username] = set(re.findall(r'<option value="((?:north|south)-\w+)"', page))
    north, south = {"north-nano", "north-reel"}, {"south-nano", "south-reel"}
    assert offered == {
        "alice": {"north-reel"},
        "bob": north,
        "max": north,
        "otto": south,
        "rita": north | south,
    }
    answer = sent(signed_in(people.alice), ids="vid_a")
    assert answer.status_code == 200
    assert "Select a valid choice" in answer.content.decode()
    assert owners() == {}


@pytest.mark.parametrize("name", ["audrey", "sid"])
def test_auditors_add_nothing(people: Cast, signed_in: SignedIn, name: str) -> None:
    answer = sent(signed_in(getattr(people, name)), ids="vid_a")
    assert answer.status_code == 403
    assert "Auditors read" in answer.content.decode()
    assert owners() == {}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose a file, or paste ids."),
        ({"ids": " \r\n "}, "Choose a file, or paste ids."),
        ({"ids": "vid_keep", "content": "vid_b"}, "send one of the two"),
        ({"content": ""}, "The submitted file is empty."),
        ({"ids": "vid_keep", "account": ""}, "This field is required."),
        ({"ids": "vid_keep", "account": "south-nano"}, "Select a valid choice"),
        ({"ids": "vid_keep", "format": "xml"}, "Select a valid choice"),
        (
            {"ids": "vid_keep", "format": "csv"},
            "Line 1: a CSV header with the column external_id was expected",
        ),
        ({"ids": "vid_keep", "owner": "otto"}, "Owner: nobody in team north is called"),
        ({"ids": "vid_keep\x00" + "x" * 500_001}, "at most 500000 characters"),
    ],
)
def test_a_form_that_cannot_be_used_registers_nothing_and_keeps_what_was_pasted(
    people: Cast, signed_in: SignedIn, fields: dict[str, str], said: str
) -> None:
    answer = sent(signed_in(people.max), **fields)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Nothing was registered" in page
    assert said in page.replace("&#x27;", "'")
    assert ("vid_keep" in page) == ("ids" in fields and "vid_keep" in fields["ids"])
    assert owners() == {}
    assert not Upload.objects.exists()


def test_a_file_that_is_too_large_is_refused(people: Cast, signed_in: SignedIn) -> None:
    answer = sent(signed_in(people.max), b"x" * (10 * 1024 * 1024 + 1))
    assert "too large for the page" in answer.content.decode()


def test_a_report_shows_the_first_rejections_and_gives_all_as_text(people: Cast, signed_in: SignedIn) -> None:
    client = signed_in(people.max)
    answer = sent(client, "vid_a\n" + "..\n" * 60)
    said = report(client, answer)
    assert "line 21: " in said
    assert "line 22: " not in said
    assert "and 40 more" in said
    file = client.get(answer.headers["Location"] + "&format=text")
    assert file.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert file.headers["Content-Disposition"].startswith('attachment; filename="rejected-')
    lines = file.content.decode().splitlines()
    assert lines == [f"line {number}: '..' would reach another address" for number in range(2, 62)]


def test_rejections_are_kept_up_to_a_cap_and_counted_beyond(people: Cast, signed_in: SignedIn) -> None:
    client = signed_in(people.max)
    answer = sent(client, "..\n" * (MOST_REJECTIONS_KEPT + 5))
    assert "100,005 rejected" in report(client, answer)
    lines = client.get(answer.headers["Location"] + "&format=text").content.decode().splitlines()
    assert len(lines) == MOST_REJECTIONS_KEPT + 1
    assert lines[-1] == "and 5 more, which are not kept"


def test_a_report_is_its_persons_own(people: Cast, signed_in: SignedIn) -> None:
    """Not even a superuser's to read; and the last ones are listed."""
    client = signed_in(people.max)
    address = sent(client, "vid_a", name="mine.txt").headers["Location"]
    assert "mine.txt" in text(client, "/intake/")
    for person in (people.alice, people.rita):
        assert signed_in(person).get(address).status_code == 404
        assert "mine.txt" not in text(signed_in(person), "/intake/")
    for bad in ("x", "-1", "9" * 30, "", "²"):
        assert client.get("/intake/", {"report": bad}).status_code == 404


def test_reports_are_forgotten_after_thirty_days(people: Cast, signed_in: SignedIn) -> None:
    client = signed_in(people.max)
    sent(client, ids="vid_a")
    Upload.objects.update(registered_at=timezone.now() - timedelta(days=31))
    sent(client, ids="vid_b")
    assert [upload.new for upload in Upload.objects.all()] == [1]


def test_without_an_account_the_page_says_what_is_missing(people: Cast, signed_in: SignedIn) -> None:
    people.nano.delete()
    people.reel.delete()
    assert "No account to add ids for" in text(signed_in(people.max), "/intake/")


def test_the_list_leads_here_those_who_may_add(people: Cast, signed_in: SignedIn) -> None:
    newcomer = User.objects.create(username="newcomer")
    leads = {
        person.username: ">Add ids" in signed_in(person).get("/generations/").content.decode()
        for person in (people.alice, people.audrey, people.max, people.sid, people.rita, newcomer)
    }
    assert leads == {
        "alice": True,
        "audrey": False,
        "max": True,
        "sid": False,
        "rita": True,
        "newcomer": False,
    }


@pytest.mark.parametrize(("person", "pinned"), [("alice", 10), ("max", 10), ("rita", 8)])
def test_the_page_takes_as_many_queries_whatever_there_is(
    people: Cast, signed_in: SignedIn, queries: Queries, person: str, pinned: int
) -> None:
    client = signed_in(getattr(people, person))
    assert len(queries(client, "/intake/")) == pinned
    for number in range(7):
        sent(client, ids=f"vid_{number}\n..")
        Membership.objects.create(team=people.team, user=User.objects.create(username=f"p{number}"))
    assert len(queries(client, "/intake/")) == pinned
    newest = Upload.objects.latest("pk")
    assert len(queries(client, f"/intake/?report={newest.pk}")) == pinned + 1
