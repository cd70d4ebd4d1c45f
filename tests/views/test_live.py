"""What a list on a screen asks by itself: one request for all that may change, within what one may see."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from auditing.models import Generation, Lookup
from tests.views.cast import Cast, completed, registered
from tests.views.conftest import Queries, SignedIn

PART = {"HX-Request": "true"}


@pytest.fixture
def alices(people: Cast, signed_in: SignedIn) -> Client:
    """Alice's browser; of her three records one is under way."""
    completed(people.nano, "vid_done", people.alice)
    completed(people.nano, "vid_waits", people.alice, status="processing")
    completed(people.nano, "vid_failed", people.alice, status="failed")
    return signed_in(people.alice)


def asked_by(client: Client, page: str = "/generations/") -> str:
    """The address that this page asks, which is one at most; empty where it asks nothing."""
    content = client.get(page).content.decode()
    addresses = re.findall(r'data-hx-get="(/generations/live/[^"]*)" data-hx-trigger="every', content)
    assert len(addresses) <= 1
    return unescape(addresses[0]) if addresses else ""


def part(client: Client, address: str) -> Any:
    """What the page's own question is answered."""
    return client.get(address, headers=PART)


def rows_in(response: Any) -> list[str]:
    return re.findall(r'data-copy="([^"]+)"', response.content.decode())


def looked_up(external_id: str, **said: Any) -> None:
    """What a worker leaves."""
    Generation.objects.filter(external_id=external_id).update(**said)
    now = timezone.now()
    Lookup.objects.filter(generation__external_id=external_id).update(looked_up_at=now, outcome="ok")


def test_a_row_that_is_not_finished_is_asked_for_until_it_is(alices: Client) -> None:
    """In one request with all others; nothing is sent while nothing has changed."""
    asked = asked_by(alices)
    assert asked.count("row=") == 1
    assert part(alices, asked).status_code == 204
    looked_up("vid_waits", title="Now at 50%")
    changed = part(alices, asked)
    assert rows_in(changed) == ["vid_waits"]
    assert b"Now at 50%" in changed.content
    assert b'data-hx-swap-oob="true"' in changed.content
    assert b'data-hx-trigger="every 5s' in changed.content
    looked_up("vid_waits", status="completed")
    done = part(alices, asked)
    assert rows_in(done) == ["vid_waits"]
    assert b"row=" not in done.content
    assert b"every 5s" not in done.content


def test_it_is_replaced_where_it_stands_even_if_it_matches_no_more(alices: Client) -> None:
    """Nothing goes from under the cursor."""
    asked = asked_by(alices, "/generations/?status=processing")
    looked_up("vid_waits", status="completed")
    assert rows_in(part(alices, asked)) == ["vid_waits"]


def test_an_id_whose_first_lookup_is_due_is_not_finished(people: Cast, signed_in: SignedIn) -> None:
    """One that rests, or was answered that it is another's, is."""
    soon = timezone.now() + timedelta(minutes=1)
    registered(people.nano, "vid_new", people.alice, outcome=None)
    registered(people.nano, "vid_denied", people.alice, outcome="denied")
    client = signed_in(people.alice)
    assert "row=" not in asked_by(client)
    Lookup.objects.filter(generation__external_id="vid_new").update(due_at=soon)
    assert asked_by(client).count("row=") == 1


@pytest.mark.parametrize("query", ["sort=credits_used", "sort=created_at", "q=nothing+matches"])
def test_a_finished_page_that_nothing_new_belongs_on_asks_nothing(alices: Client, query: str) -> None:
    """In another order what is new may belong anywhere."""
    Generation.objects.update(status="completed")
    assert asked_by(alices, f"/generations/?{query}") == ""


def test_what_is_new_is_told_of_and_not_put_in(people: Cast, alices: Client) -> None:
    """Once; what does not match or came in before is not counted."""
    Generation.objects.update(status="failed")
    asked = asked_by(alices, "/generations/?status=failed")
    assert part(alices, asked).status_code == 204
    now = timezone.now()
    completed(people.nano, "vid_ok", people.alice, created_at=now)
    completed(people.nano, "vid_old", people.alice, status="failed", created_at=now - timedelta(days=9))
    assert part(alices, asked).status_code == 204
    completed(people.nano, "vid_1", people.alice, status="failed", created_at=now)
    told = part(alices, asked)
    assert rows_in(told) == []
    assert "1 new generation matches: show it" in told.content.decode()
    further = unescape(re.findall(r'data-hx-get="(/generations/live/[^"]*)"', told.content.decode())[0])
    assert part(alices, further).status_code == 204
    completed(people.nano, "vid_2", people.alice, status="failed", created_at=now)
    assert "2 new generations match: show them" in part(alices, further).content.decode()


def test_a_search_is_told_of_what_it_would_find(people: Cast, alices: Client) -> None:
    """Also by a text that no index serves."""
    for text in ("vid", "id_d"):
        asked = asked_by(alices, f"/generations/?q={text}")
        completed(people.nano, f"vid_d_{text}", people.alice, created_at=timezone.now())
        completed(people.reel, f"rb-{text[:1]}", people.alice, created_at=timezone.now())
        assert "1 new generation matches" in part(alices, asked).content.decode()


@pytest.mark.parametrize(
    ("person", "rows", "told"),
    [
        ("alice", 1, "1 new"),
        ("bob", 1, "1 new"),
        ("audrey", 2, "2 new"),
        ("otto", 0, ""),
        ("sid", 2, "2 new"),
    ],
)
def test_each_person_is_answered_what_they_may_see(
    people: Cast, signed_in: SignedIn, person: str, rows: int, told: str
) -> None:
    """Whosever numbers and places they ask for; the same address, of Alice's and Bob's rows."""
    now = timezone.now().replace(microsecond=0)
    for name in ("alice", "bob"):
        completed(people.nano, f"vid_{name}", getattr(people, name), status="processing", created_at=now)
    asked = asked_by(signed_in(people.max))
    for name in ("alice", "bob"):
        looked_up(f"vid_{name}", status="completed")
        later = now + timedelta(seconds=1)
        completed(people.nano, f"vid_{name}_new", getattr(people, name), created_at=later)
    answer = part(signed_in(getattr(people, person)), asked)
    assert len(rows_in(answer)) == rows
    assert (f"{told} generation" in answer.content.decode()) is bool(told)


def test_who_asks_for_it_as_a_page_gets_the_list(alices: Client) -> None:
    """With its filter."""
    response = alices.get("/generations/live/?status=failed&row=1.0&beginning=x")
    assert response.headers["Location"] == "/generations/?status=failed"


@pytest.mark.parametrize(
    "query",
    ["row=x", "row=1", "row=1.x", "row=99999999999999999999.1", "row=9223372036854775808.1", "row=-1.1",
     "beginning=x&told=x", "row=1.1&" * 200, "row=%C2%B2.1", "status=nonsense&beginning="],
)  # fmt: skip
def test_an_address_made_up_is_answered_too(alices: Client, query: str) -> None:
    """With nothing, or that there is nothing to wait for."""
    assert part(alices, f"/generations/live/?{query}").status_code in (200, 204)


def test_it_takes_two_queries_of_its_own(people: Cast, alices: Client, queries: Queries) -> None:
    """One for the rows, one for what is new, however many they are; the rest is every request's."""
    made: datetime = timezone.now()
    for number in range(20):
        completed(people.nano, f"vid_{number}", people.alice, status="pending", created_at=made)
    asked = asked_by(alices)
    assert asked.count("row=") == 21
    alices.defaults["HTTP_HX_REQUEST"] = "true"
    taken = [sql for sql in queries(alices, asked) if "auditing_generation" in sql]
    assert len(taken) == 2
