"""`/sync/`: accounts' health and runs, for those who may see them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from auditing.models import Account, Lookup
from tests.views.cast import Cast, completed, ran, registered
from tests.views.conftest import Queries, SignedIn


def test_a_member_without_an_own_key_is_told_why_it_is_empty(people: Cast, signed_in: SignedIn) -> None:
    """Not left with a blank page."""
    ran(people.nano, requested=1, ok=1)
    page = signed_in(people.alice).get("/sync/").content.decode()
    assert "No accounts to show" in page
    assert "No runs to show" in page
    assert "north-nano" not in page


def test_a_member_sees_the_account_of_their_own_key(people: Cast, signed_in: SignedIn) -> None:
    """And no other."""
    Account.objects.filter(pk=people.reel.pk).update(owner=people.alice)
    page = signed_in(people.alice).get("/sync/").content.decode()
    assert "north-reel" in page
    assert "north-nano" not in page


def test_an_auditor_sees_their_teams_accounts_only(people: Cast, signed_in: SignedIn) -> None:
    """A site auditor all."""
    ran(people.nano, requested=2, ok=1, denied=1)
    page = signed_in(people.audrey).get("/sync/").content.decode()
    assert "north-nano" in page
    assert "south-nano" not in page
    assert "1 ok + 1 denied" in page
    assert "south-nano" in signed_in(people.sid).get("/sync/").content.decode()


def test_an_accounts_state_is_said(people: Cast, signed_in: SignedIn) -> None:
    """Paused with its notice; waiting for a reset; never a good answer."""
    now = timezone.now()
    Account.objects.filter(pk=people.nano.pk).update(paused_at=now, notice="401: look at the key")
    Account.objects.filter(pk=people.reel.pk).update(blocked_until=now + timedelta(minutes=9))
    Account.objects.filter(pk=people.other_nano.pk).update(last_ok_at=None)
    page = signed_in(people.sid).get("/sync/").content.decode()
    for words in ("Paused", "401: look at the key", "Waiting for a reset", "in 9 min", "No good answer yet"):
        assert words in page


def test_what_waits_is_counted_of_the_records_one_may_see(people: Cast, signed_in: SignedIn) -> None:
    """Due now, and never looked up."""
    due = registered(people.nano, "vid_due", people.alice, outcome=None)
    completed(people.nano, "vid_done", people.bob)
    Lookup.objects.filter(generation=due).update(due_at=timezone.now())
    page = signed_in(people.audrey).get("/sync/").content.decode()
    assert '<a href="/generations/?account=north-nano">2</a>' in page
    assert '<a href="/generations/?account=north-nano&amp;outcome=~none">1</a>' in page
    assert "<dt>Due now</dt><dd>1</dd>" in page


def test_a_run_that_ended_early_says_why(people: Cast, signed_in: SignedIn) -> None:
    """With what it did not reach."""
    ran(people.nano, requested=5, unreachable=2, not_reached=3, ended="20 answers in a row were unreachable")
    page = signed_in(people.max).get("/sync/").content.decode()
    assert "2 unreachable + 3 not reached" in page
    assert "20 answers in a row were unreachable" in page


@pytest.mark.parametrize(("person", "pinned"), [("alice", 11), ("audrey", 11), ("sid", 8), ("rita", 6)])
def test_it_takes_as_many_queries_with_many_runs_as_with_none(
    people: Cast, signed_in: SignedIn, queries: Queries, person: str, pinned: int
) -> None:
    """Whatever is in them."""
    client = signed_in(getattr(people, person))
    assert len(queries(client, "/sync/")) == pinned
    for _ in range(30):
        ran(people.nano, requested=1, ok=1)
    assert len(queries(client, "/sync/")) == pinned
