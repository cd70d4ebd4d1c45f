"""`/sync/`: accounts' health and runs, for those who may see them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from auditing.models import Account, Lookup, Run
from tests.views.cast import Cast, completed, ran, registered
from tests.views.conftest import Queries, SignedIn, text
from tests.views.queue import a_worker


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
    assert "= 2 unreachable + 3 not reached" in page
    assert "2 unreachable: tried again, less often each time" in page
    assert "20 answers in a row were unreachable" in page


@pytest.mark.parametrize(("person", "pinned"), [("alice", 11), ("audrey", 13), ("sid", 13), ("rita", 12)])
def test_it_takes_as_many_queries_with_many_runs_as_with_none(
    people: Cast, signed_in: SignedIn, queries: Queries, person: str, pinned: int
) -> None:
    """Whatever is in them."""
    client = signed_in(getattr(people, person))
    assert len(queries(client, "/sync/")) == pinned
    for _ in range(30):
        ran(people.nano, requested=1, ok=1)
    assert len(queries(client, "/sync/")) == pinned


@pytest.fixture
def overdue(people: Cast) -> Account:
    """An account with a record that has been due for two hours, and no run for as long."""
    generation = completed(people.nano, "vid_a", people.alice)
    long_ago = timezone.now() - timedelta(hours=2)
    Lookup.objects.filter(generation=generation).update(due_at=long_ago)
    Account.objects.update(last_ok_at=long_ago, last_run_at=long_ago, added_at=long_ago)
    return people.nano


@pytest.mark.usefixtures("overdue")
def test_a_sync_that_does_not_come_is_late_and_says_what_to_do(people: Cast, signed_in: SignedIn) -> None:
    """Of this account only: nothing is due in the others."""
    said = text(signed_in(people.audrey))
    assert "The sync is late No run has come within 1 h for north-nano, and" in said
    assert "procrastinate worker" in said
    assert "*/5 * * * *" in said
    assert said.count("Late") == 1


def test_runs_that_get_no_good_answer_are_late_too(
    overdue: Account, signed_in: SignedIn, people: Cast
) -> None:
    """The provider is away: what failed is put off, so hardly anything is due."""
    Account.objects.filter(pk=overdue.pk).update(last_run_at=timezone.now())
    Lookup.objects.update(outcome="unreachable", due_at=timezone.now() + timedelta(hours=1))
    assert "none has had a good answer for north-nano" in text(signed_in(people.audrey))


@pytest.mark.parametrize(
    "changed",
    [
        {"last_ok_at": timezone.now()},
        {"paused_at": timezone.now()},
        {"blocked_until": timezone.now() + timedelta(hours=1)},
        {"quarantined_at": timezone.now()},
    ],
    ids=["good", "paused", "blocked", "quarantined"],
)
def test_what_has_another_reason_is_not_late(
    overdue: Account, signed_in: SignedIn, people: Cast, changed: dict[str, object]
) -> None:
    """Its state says it."""
    Account.objects.filter(pk=overdue.pk).update(**changed)
    assert "The sync is late" not in text(signed_in(people.audrey))


def test_work_that_became_due_just_now_is_not_late(
    overdue: Account, signed_in: SignedIn, people: Cast
) -> None:
    """However long ago the last run was: there was nothing to do."""
    Lookup.objects.filter(account=overdue).update(due_at=timezone.now() - timedelta(minutes=5))
    assert "The sync is late" not in text(signed_in(people.audrey))


def test_the_expected_period_is_a_setting(
    overdue: Account, signed_in: SignedIn, people: Cast, settings: Any
) -> None:
    """In minutes."""
    settings.SYNC_EXPECTED_EVERY = 180
    assert overdue.label in text(signed_in(people.audrey))
    assert "The sync is late" not in text(signed_in(people.audrey))


def test_an_accounts_next_due_is_said(people: Cast, signed_in: SignedIn) -> None:
    """The earliest to come."""
    for number, hours in enumerate((5, 3)):
        generation = completed(people.nano, f"vid_{number}", people.alice)
        Lookup.objects.filter(generation=generation).update(due_at=timezone.now() + timedelta(hours=hours))
    assert "Next due in 3 h" in text(signed_in(people.audrey))


@pytest.mark.parametrize(
    ("silent", "said"),
    [
        ([], "No worker is running: runs come from cron, or by hand"),
        ([31], "No worker is running"),
        ([3, 31], "1 worker running"),
        ([3, 4], "2 workers running"),
    ],
)
def test_only_workers_that_were_heard_of_just_now_are_running(
    people: Cast, signed_in: SignedIn, silent: list[int], said: str
) -> None:
    """One that died says nothing any more."""
    for seconds in silent:
        a_worker(seconds)
    assert said in text(signed_in(people.audrey))
    assert "worker" not in text(signed_in(people.alice))


def test_a_run_says_when_it_finished_and_how_long_it_took(people: Cast, signed_in: SignedIn) -> None:
    """One that was killed only when a later one closed it: its end, and so its rate, nobody knows."""
    run = ran(people.nano, requested=2, ok=2)
    run.started_at -= timedelta(seconds=4)
    run.save()
    said = text(signed_in(people.max))
    assert "finished" in said
    assert "0.5/s" in said
    run.state = Run.State.INTERRUPTED
    run.save()
    said = text(signed_in(people.max))
    assert "closed" in said
    assert "not known" in said
    assert "/s" not in said
