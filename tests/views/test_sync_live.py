"""`/sync/` while something happens: runs under way, wishes for a turn, and when the page stops looking."""

import re
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from auditing.models import Account, Lease, Run, RunPart
from tests.views.cast import Cast, ran
from tests.views.conftest import HOUSEKEEPING, Queries, SignedIn, text
from tests.views.queue import a_worker, end_all, take_all

PART = {"HX-Request": "true", "HX-Target": "live"}


def under_way(account: Account, held_for: timedelta = timedelta(seconds=20), **counts: int) -> Run:
    """A run of this account that has a lease for so much longer."""
    now = timezone.now()
    run = Run.objects.create(
        trigger="schedule", started_at=now - timedelta(minutes=1), host="h", process_id=1
    )
    RunPart.objects.create(
        run=run, account=account, team=account.team, started_at=now - timedelta(seconds=20), **counts
    )
    Lease.objects.create(
        account=account, fence=1, host="secret-host", process="4711 1", expires_at=now + held_for, run=run
    )
    return run


def poll_of(page: str) -> str:
    """The address that a page polls, where it polls."""
    found = re.search(r'data-hx-get="([^"]+)" data-hx-trigger="every \d+s, click"', page)
    assert found is not None
    return found[1].replace("&amp;", "&")


def test_a_run_under_way_shows_how_far_it_is(people: Cast, signed_in: SignedIn) -> None:
    """Per account, as a bar with words; nobody is told which host and process it is."""
    under_way(people.nano, requested=200, ok=38, denied=2, not_reached=160)
    page = signed_in(people.audrey).get("/sync/").content.decode()
    assert 'value="40" max="200"' in page
    assert "40 of 200 looked up" in page
    assert "2.0/s" in page
    assert "A run is under way" in page
    assert "secret-host" not in page
    assert "4711" not in page
    assert 'value="40"' not in signed_in(people.otto).get("/sync/").content.decode()


def test_the_page_polls_only_while_there_is_something_to_wait_for(people: Cast, signed_in: SignedIn) -> None:
    """Progress alone as long as the same runs are under way; then the whole, and no more."""
    client = signed_in(people.audrey)
    assert "data-hx-trigger" not in client.get("/sync/").content.decode()
    run = under_way(people.nano, requested=200, ok=40, not_reached=160)
    poll = poll_of(client.get("/sync/").content.decode())
    RunPart.objects.update(ok=60, not_reached=140)
    part = client.get(poll, headers=PART)
    assert part.content.decode().strip().startswith('<div class="runs-live" id="live">')
    assert b"60 of 200" in part.content
    assert "HX-Retarget" not in part.headers
    Run.objects.filter(pk=run.pk).update(state="finished", finished_at=timezone.now())
    over = client.get(poll, headers=PART)
    assert over.headers["HX-Retarget"] == "#health"
    assert b"data-hx-trigger" not in over.content
    assert b"Finished" in over.content


def test_a_run_that_was_killed_does_not_look_alive(people: Cast, signed_in: SignedIn) -> None:
    """Its lease has lapsed, and no later run has closed it yet."""
    under_way(people.nano, timedelta(seconds=-1), requested=200, ok=40, not_reached=160)
    page = signed_in(people.audrey).get("/sync/").content.decode()
    assert "Interrupted" in page
    assert "the next run closes it" in page
    assert "= 40 ok + 160 not reached" in page
    assert "data-hx-trigger" not in page


def test_a_run_between_its_last_turn_and_its_end_is_under_way(people: Cast, signed_in: SignedIn) -> None:
    """It has given back every lease, but is not closed: the page must not stop looking there."""
    under_way(people.nano, timedelta(seconds=-1), requested=2, ok=2)
    RunPart.objects.update(finished_at=timezone.now())
    page = signed_in(people.audrey).get("/sync/").content.decode()
    assert "Interrupted" not in page
    assert "data-hx-trigger" in page


def test_a_runs_numbers_add_up_and_say_what_it_took(people: Cast, signed_in: SignedIn) -> None:
    """Who started it, how quick it was, what came over the wire, how long it held back."""
    run = ran(
        people.nano, requested=60, ok=40, missing=5, not_reached=15, bytes=20480, waited_milliseconds=2500
    )
    began = run.started_at - timedelta(seconds=10)
    Run.objects.update(trigger="page", started_by=people.max, started_at=began)
    said = text(signed_in(people.audrey))
    for words in (
        "Page by Max",
        "10 s 4.5/s",
        "60 = 40 ok + 5 missing + 15 not reached",
        "20.0 KB",
        "2.5 s",
    ):
        assert words in said
    assert "5 missing: confirmed three times, then rests" in said


def test_a_managers_wish_is_followed_on_the_page(people: Cast, signed_in: SignedIn) -> None:
    """From the queue to the end of its turn; others of the team's accounts keep their buttons."""
    client = signed_in(people.max)
    a_worker()
    page = client.post("/sync/refresh/?account=north-nano").headers["Location"]
    assert "Asked for; waiting for a worker" in text(client, page)
    assert client.get(page).content.count(b"Refresh now<span") == 1
    take_all()
    assert "What is due is being looked up" in text(client, page)
    end_all()
    assert "nothing was looked up" in text(client, page)
    Account.objects.filter(pk=people.nano.pk).update(last_run_at=timezone.now())
    assert "Its turn is over, begun just now" in text(client, page)
    assert b"data-hx-trigger" not in client.get(page).content


def test_the_wishs_part_polls_until_its_turn_is_over(people: Cast, signed_in: SignedIn) -> None:
    """And sends nothing while nothing has changed."""
    client = signed_in(people.max)
    a_worker()
    part = client.post("/sync/refresh/?account=north-nano", headers=PART)
    assert part.headers["HX-Retarget"] == "#health"
    assert part.headers["HX-Replace-Url"].startswith("/sync/?account=north-nano&asked=")
    poll = poll_of(part.content.decode())
    assert client.get(poll, headers=PART).status_code == 204
    Account.objects.filter(pk=people.nano.pk).update(last_run_at=timezone.now())
    end_all()
    assert b"data-hx-trigger" not in client.get(poll, headers=PART).content


def test_a_scheduled_turn_in_the_queue_is_waited_for(people: Cast, signed_in: SignedIn) -> None:
    """By whoever sees the account, as long as there is a worker to take it; nobody else learns of it."""
    signed_in(people.max).post("/sync/refresh/?account=north-nano")
    auditor = signed_in(people.audrey)
    assert "a worker takes it next" not in text(auditor)
    a_worker()
    assert "a worker takes it next" in text(auditor)
    assert "a worker takes it next" not in text(signed_in(people.otto))
    assert "a worker takes it next" not in text(signed_in(people.bob))


def test_only_who_may_ask_has_buttons(people: Cast, signed_in: SignedIn) -> None:
    """An auditor, a site auditor and a member with a key of their own read."""
    Account.objects.filter(pk=people.reel.pk).update(owner=people.alice)
    for reader in (people.audrey, people.sid, people.alice):
        assert "Refresh now" not in text(signed_in(reader))
    assert text(signed_in(people.max)).count("Refresh now") == 2
    assert text(signed_in(people.rita)).count("Refresh now") == 4


def test_an_account_that_may_not_be_asked_says_why_and_takes_no_wish(
    people: Cast, signed_in: SignedIn
) -> None:
    """In its card, and for whoever sends the form all the same."""
    Account.objects.filter(pk=people.nano.pk).update(quarantined_at=timezone.now(), notice="It died")
    client = signed_in(people.max)
    said = text(client)
    assert "Put aside" in said
    assert "manage.py sync --account north-nano" in said
    assert client.post("/sync/refresh/?account=north-nano").headers["Location"] == "/sync/"
    assert client.post("/sync/refresh/?account=north-nano", headers=PART).status_code == 200
    assert ProcrastinateJob.objects.count() == 0


def test_polling_takes_few_queries_whatever_is_under_way(
    people: Cast, signed_in: SignedIn, queries: Queries
) -> None:
    """The accounts' counts are not among them."""
    client = signed_in(people.max)
    client.post("/sync/refresh/?account=north-nano")
    a_worker()
    under_way(people.nano, requested=200, ok=40, not_reached=160)
    poll = poll_of(client.get("/sync/").content.decode())
    with CaptureQueriesContext(connection) as captured:
        assert client.get(poll, headers=PART).status_code == 200
    taken = [query["sql"] for query in captured if not query["sql"].startswith(HOUSEKEEPING)]
    assert len(taken) == 7
    assert not [sql for sql in taken if "auditing_generation" in sql]
    assert len(queries(client, "/sync/")) == 13
