"""What is done with rows chosen in a list: to whichever of them the person may, and said of the others."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from auditing.models import Account, Generation, Lookup, Note, Tagging, TrailEntry
from tests.views.cast import Cast, completed
from tests.views.conftest import SignedIn
from tests.views.queue import a_worker

SELECTED = "/generations/selected/"
PART = {"HX-Request": "true"}
PEOPLE = ("alice", "bob", "audrey", "max", "otto", "sid", "rita")


@pytest.fixture
def rows(people: Cast) -> list[int]:
    """Two records of Alice's, one of Bob's, one of another team's."""
    made = [
        completed(people.nano, "vid_a1", people.alice),
        completed(people.reel, "rb-a2", people.alice),
        completed(people.nano, "vid_b", people.bob),
        completed(people.other_nano, "vid_o", people.otto),
    ]
    return [generation.pk for generation in made]


def post(client: Client, action: str, rows: list[int], **more: Any) -> Any:
    """The answer to the list's form."""
    return client.post(SELECTED, {"action": action, "row": rows, **more})


def said(client: Client, response: Any) -> str:
    """What the list says after it."""
    assert response.status_code == 302
    page = client.get(response.headers["Location"]).content.decode()
    message = r'<div class="message message-good" role="status">.*?<div>(.*?)</div></div>'
    found = re.findall(message, page, re.DOTALL)
    return html.unescape(" ".join(found))


@pytest.mark.parametrize(
    ("person", "done"),
    [("alice", 2), ("bob", 1), ("audrey", 0), ("max", 3), ("otto", 1), ("sid", 0), ("rita", 4)],
)
def test_each_may_refresh_those_of_the_chosen_that_they_may_refresh(
    people: Cast, signed_in: SignedIn, rows: list[int], person: str, done: int
) -> None:
    """At once, one task an account; each is told to its own team."""
    client = signed_in(getattr(people, person))
    response = post(client, "refresh", rows)
    ids = [external_id for job in ProcrastinateJob.objects.all() for external_id in job.args["ids"]]
    assert len(ids) == done
    assert TrailEntry.objects.filter(act="refresh_asked").count() == done
    if not done:
        assert b"You may not do this to any of them" in response.content
        return
    words = said(client, response)
    assert f"Asked for a look at {done} generation" in words
    assert "No worker is running" in words


@pytest.mark.parametrize(
    ("person", "noted", "tagged"),
    [
        ("alice", 2, 0),
        ("bob", 1, 0),
        ("audrey", 3, 3),
        ("max", 3, 3),
        ("otto", 1, 1),
        ("sid", 0, 0),
        ("rita", 4, 4),
    ],
)
def test_each_may_note_and_tag_what_they_may_note_and_tag(
    people: Cast, signed_in: SignedIn, rows: list[int], person: str, noted: int, tagged: int
) -> None:
    """Whatever number they confirm, and whichever rows they name."""
    client = signed_in(getattr(people, person))
    post(client, "note", rows, text="Reshoot", confirmed="99")
    post(client, "tag", rows, tag="reshoot", confirmed="99")
    assert (Note.objects.count(), Tagging.objects.count()) == (noted, tagged)
    assert set(Note.objects.values_list("author__username", flat=True)) <= {person}


@pytest.mark.parametrize(
    ("person", "lines"),
    [("alice", 2), ("bob", 1), ("audrey", 3), ("max", 3), ("otto", 1), ("sid", 4), ("rita", 4)],
)
def test_each_may_export_what_they_see_of_the_chosen(
    people: Cast, signed_in: SignedIn, rows: list[int], person: str, lines: int
) -> None:
    """In the list's order, whether or not they match its filter any more; each is told of."""
    client = signed_in(getattr(people, person))
    response = client.post(SELECTED, {"format": "ndjson", "row": rows, "list": "status=failed"})
    assert isinstance(response, StreamingHttpResponse)
    assert len(response.getvalue().splitlines()) == lines
    assert "attachment" in response.headers["Content-Disposition"]
    told = TrailEntry.objects.filter(act="exported", result="ndjson")
    assert told.count() == lines
    assert set(told.values_list("external_id", flat=True)) <= {"vid_a1", "rb-a2", "vid_b", "vid_o"}


def test_what_was_left_out_is_said_without_saying_whose_it_is(
    people: Cast, signed_in: SignedIn, rows: list[int]
) -> None:
    """A row of another team's and one that never was are the same."""
    client = signed_in(people.alice)
    with_anothers = said(client, post(client, "refresh", [rows[0], rows[3]]))
    with_none = said(client, post(client, "refresh", [rows[0], 10**9]))
    assert "1 generation you chose are not to be seen any more." in with_anothers
    assert with_anothers == with_none
    completed(people.nano, "vid_audrey", people.audrey)
    audreys = signed_in(people.audrey)
    assert "You may not do this to any" in post(audreys, "refresh", rows).content.decode()


def test_of_some_that_may_not_be_done_the_number_is_said(
    people: Cast, signed_in: SignedIn, rows: list[int]
) -> None:
    """Before, where there is a step, and after."""
    Generation.objects.filter(pk=rows[0]).update(owner=people.max)
    Lookup.objects.filter(pk=rows[0]).update(owner=people.max)
    people.max.memberships.update(role="member")
    people.max.user_permissions.set(people.sid.user_permissions.all())
    client = signed_in(people.max)
    step = post(client, "note", rows).content.decode()
    assert "You may do this to 1 of them; 3 are left as they are." in step
    done = said(client, post(client, "note", rows, text="Mine", confirmed="1"))
    assert "The note is on 1 generation. You may not do this to 3 generations: left as before." in done


def test_an_account_that_has_to_wait_is_not_asked(people: Cast, signed_in: SignedIn, rows: list[int]) -> None:
    """The others are; a worker that runs is not said to be missing."""
    a_worker()
    Account.objects.filter(pk=people.reel.pk).update(blocked_until=timezone.now() + timedelta(minutes=9))
    client = signed_in(people.alice)
    words = said(client, post(client, "refresh", rows[:2]))
    assert words.endswith(
        "Asked for a look at 1 generation, at 1 account."
        " Nothing would be sent now for 1 generation: north-reel has to wait."
    )
    assert ProcrastinateJob.objects.get().args["ids"] == ["vid_a1"]


def test_many_wishes_are_tasks_that_a_turn_can_end(people: Cast, signed_in: SignedIn) -> None:
    """Behind single wishes, and asked once however often: at 60 a minute, 480 ids are eight minutes."""
    rows = [completed(people.reel, f"rb-{number:04}", people.alice).pk for number in range(490)]
    client = signed_in(people.alice)
    for _ in range(2):
        post(client, "refresh", [], every="1", confirmed="490")
    jobs = ProcrastinateJob.objects.order_by("pk")
    assert [len(job.args["ids"]) for job in jobs] == [480, 10]
    assert {job.priority for job in jobs} == {0}
    assert len(rows) == 490


def test_all_that_match_are_asked_for_first(people: Cast, signed_in: SignedIn, rows: list[int]) -> None:
    """With their number; a page's rows do not matter, and never more is done than was confirmed."""
    client = signed_in(people.max)
    form = {"list": "provider=nanobanana", "every": "1"}
    step = post(client, "refresh", rows, **form).content.decode()
    assert "All 2 generations that match: NanoBanana" in step
    assert 'name="confirmed" value="2"' in step
    assert ProcrastinateJob.objects.count() == 0
    completed(people.nano, "vid_more", people.bob)
    grown = post(client, "refresh", rows, confirmed="2", **form).content.decode()
    assert "There are more of them by now" in grown
    assert 'name="confirmed" value="3"' in grown
    assert "3 generations" in said(client, post(client, "refresh", rows, confirmed="3", **form))
    assert len(ProcrastinateJob.objects.get().args["ids"]) == 3


def test_a_file_of_all_that_match_is_the_lists_own(people: Cast, signed_in: SignedIn) -> None:
    """With its filter, and its order."""
    form = {"format": "csv", "list": "status=failed&sort=credits_used&after=x", "every": "1"}
    completed(people.nano, "vid_a", people.alice, status="failed")
    response = signed_in(people.alice).post(SELECTED, {**form, "list": "status=failed&sort=credits_used"})
    assert response.headers["Location"] == "/generations/?status=failed&sort=credits_used&format=csv"
    told = signed_in(people.alice).post(SELECTED, form)
    assert told.headers["Location"].startswith("/generations/?status=failed")
    assert "format" not in told.headers["Location"]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"action": "refresh"}, "Choose rows first."),
        ({"action": "refresh", "row": ["x", "-1", "9" * 30]}, "Choose rows first."),
        ({"action": "refresh", "row": ["999999999"]}, "What you chose is not there any more."),
        ({"action": "refresh", "every": "1", "list": "status=nonsense"}, "has a bad value"),
        ({"action": "refresh", "every": "1", "list": "q=nothing+has+this"}, "Nothing matches the filter"),
        ({"action": "erase", "every": "1"}, "nothing of that kind"),
        ({"every": "1"}, "nothing of that kind"),
    ],
)  # fmt: skip
def test_what_can_not_be_done_is_said(
    people: Cast, signed_in: SignedIn, rows: list[int], form: dict[str, Any], words: str
) -> None:
    """And nothing is."""
    client = signed_in(people.alice)
    assert words in said(client, client.post(SELECTED, form))
    assert len(rows) == 4
    assert ProcrastinateJob.objects.count() == 0


def test_a_note_that_can_not_be_kept_is_asked_for_again(
    people: Cast, signed_in: SignedIn, rows: list[int]
) -> None:
    """With what was typed, at its field."""
    client = signed_in(people.alice)
    step = post(client, "note", rows[:2], text="x" * 10_001, confirmed="2").content.decode()
    assert "a note has at most 10,000" in step
    assert "x" * 10_001 in step
    assert Note.objects.count() == 0


def test_a_part_says_what_came_of_it_and_follows_the_rows(
    people: Cast, signed_in: SignedIn, rows: list[int]
) -> None:
    """Rows that a look was asked for are watched until they were looked up, finished or not."""
    client = signed_in(people.alice)
    step = client.post(SELECTED, {"action": "note", "row": rows[:1]}, headers=PART)
    assert b"<html" not in step.content
    done = client.post(SELECTED, {"action": "refresh", "row": rows[:1]}, headers=PART)
    assert done.headers["HX-Trigger"] == '{"selection:none": {}}'
    content = done.content.decode()
    assert 'id="selection-said" data-hx-swap-oob="innerHTML"' in content
    asked = html.unescape(re.findall(r'data-hx-get="([^"]+)"', content)[0])
    assert client.get(asked, headers=PART).status_code == 204
    Lookup.objects.filter(pk=rows[0]).update(looked_up_at=timezone.now() + timedelta(seconds=1))
    answer = client.get(asked, headers=PART).content.decode()
    assert f'id="generation-{rows[0]}"' in answer
    assert "wished=" not in answer


@pytest.mark.parametrize("person", PEOPLE)
def test_the_list_offers_what_its_person_may_do(people: Cast, signed_in: SignedIn, person: str) -> None:
    """At all; with which rows, the answer says."""
    completed(people.nano, "vid_a", people.alice)
    completed(people.nano, "vid_b", people.bob)
    completed(people.other_nano, "vid_o", people.otto)
    page = signed_in(getattr(people, person)).get("/generations/").content.decode()
    offered = set(re.findall(r'name="action" value="(\w+)"', page))
    expected = {
        "alice": {"refresh", "note"},
        "bob": {"refresh", "note"},
        "audrey": {"note", "tag"},
        "sid": set(),
    }
    assert offered == expected.get(person, {"refresh", "note", "tag"})


def test_another_sites_form_does_nothing(people: Cast, rows: list[int]) -> None:
    """It has no token."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.alice)
    assert strict.post(SELECTED, {"action": "refresh", "row": rows}).status_code == 403
    assert ProcrastinateJob.objects.count() == 0
