"""The wish to have a record looked up at once: it goes into the queue, and its page follows it to the end."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from auditing.access import SYSTEM, acting_as
from auditing.models import Account, Lookup
from tests.views.cast import Cast, completed
from tests.views.conftest import HOUSEKEEPING, Queries, SignedIn
from tests.views.queue import a_worker, end_all, take_all

NANO = "/generations/nanobanana/vid_a/"
ASK = "/generations/refresh/?provider=nanobanana&external_id=vid_a&team=north"
PART = {"HX-Request": "true", "HX-Target": "refresh"}
BUTTON = "Refresh now</button></form>"


@pytest.fixture
def alices(people: Cast, signed_in: SignedIn) -> Client:
    """Alice's browser; her record was last looked up an hour ago, and rests."""
    completed(people.nano, "vid_a", people.alice)
    Lookup.objects.update(looked_up_at=timezone.now() - timedelta(hours=1))
    return signed_in(people.alice)


def asked(client: Client) -> str:
    """The page that follows the wish, which is made."""
    return client.post(ASK).headers["Location"]


def followed(client: Client, page: str, shown: str = "") -> Any:
    """What the page's part is answered."""
    return client.get(f"{page}&shown={shown}", headers=PART)


def looked_up() -> None:
    """What a worker leaves when it is done."""
    Lookup.objects.update(looked_up_at=timezone.now(), outcome="ok")
    end_all()


def test_a_wish_is_one_task_with_its_person_and_goes_before_the_plans(people: Cast, alices: Client) -> None:
    """Asked twice, it waits once."""
    page = urlsplit(asked(alices))
    asked(alices)
    job = ProcrastinateJob.objects.get()
    assert len(job.args.pop("request_id")) == 32
    assert job.args == {
        "account_id": people.nano.pk,
        "trigger": "page",
        "started_by": people.alice.pk,
        "ids": ["vid_a"],
    }
    assert job.priority > 0
    assert (page.path, parse_qs(page.query)["team"]) == (NANO, ["north"])
    assert parse_qs(page.query)["asked"][0].startswith(datetime.now(UTC).strftime("%Y-%m-%dT"))


def test_it_is_asked_of_the_account_that_looks_the_record_up(people: Cast, alices: Client) -> None:
    """Which need not be the one it was registered with."""
    other = Account.objects.create(
        provider="nanobanana", label="north-2", team=people.team, base_url="http://x"
    )
    Lookup.objects.update(account=other)
    asked(alices)
    assert ProcrastinateJob.objects.get().args["account_id"] == other.pk


def test_a_wish_is_followed_from_the_queue_to_its_answer(alices: Client) -> None:
    """Without scripts, page by page."""
    page = asked(alices)
    assert "No worker is running: the wish stays in the queue until one starts" in shown(alices, page)
    a_worker(seconds_silent=31)
    assert "No worker is running" in shown(alices, page)
    a_worker()
    assert "Asked for; waiting for a worker" in shown(alices, page)
    take_all()
    assert "It is being looked up" in shown(alices, page)
    looked_up()
    said = shown(alices, page)
    assert ">just now</time>: ok." in said
    assert BUTTON in said


def shown(client: Client, page: str) -> str:
    return " ".join(client.get(page).content.decode().split())


def test_without_a_worker_a_due_record_is_left_to_the_next_sync(alices: Client) -> None:
    """That is true of what is due only."""
    Lookup.objects.update(due_at=timezone.now())
    assert "it will be looked up by the next sync" in shown(alices, asked(alices))


def test_a_wish_behind_another_turn_says_so(people: Cast, alices: Client, signed_in: SignedIn) -> None:
    """One turn of an account goes at a time."""
    a_worker()
    signed_in(people.max).post("/sync/refresh/?account=north-nano")
    take_all()
    assert "another turn of its account is under way and goes first" in shown(alices, asked(alices))


def test_the_part_polls_only_while_it_waits(alices: Client) -> None:
    """Nothing is sent for what is shown already; the answer brings the whole record and no trigger."""
    a_worker()
    part = alices.post(ASK, headers=PART)
    assert part.headers["HX-Replace-Url"].startswith(f"{NANO}?team=north&asked=")
    assert b'data-hx-trigger="every 3s, click"' in part.content
    assert b"<html" not in part.content
    page = part.headers["HX-Replace-Url"]
    assert followed(alices, page, "waiting").status_code == 204
    take_all()
    moved = followed(alices, page, "waiting")
    assert b"It is being looked up" in moved.content
    assert b"data-hx-trigger" in moved.content
    assert b'id="said" data-hx-swap-oob' in moved.content
    looked_up()
    done = followed(alices, page, "under_way")
    assert done.headers["HX-Retarget"] == "#record"
    assert b'id="record"' in done.content
    assert b"data-hx-trigger" not in done.content


def test_without_a_worker_it_polls_slowly(alices: Client) -> None:
    """Nothing will happen before one starts."""
    assert b'data-hx-trigger="every 15s, click"' in alices.post(ASK, headers=PART).content


def test_a_task_that_ended_without_a_look_is_said_and_ends_the_polling(alices: Client) -> None:
    """Another run held the account, say."""
    page = asked(alices)
    end_all()
    part = followed(alices, page, "waiting").content
    assert b"nothing was looked up" in part
    assert b"data-hx-trigger" not in part
    assert BUTTON.encode() in part


def test_a_look_that_ends_between_two_reads_is_no_dropped_wish(alices: Client) -> None:
    """The record is read before the queue; an end in between is found by reading it again."""
    page = asked(alices)
    ended: list[bool] = []

    def end_before_the_queue_is_read(execute: Any, sql: str, *rest: Any) -> Any:
        if "procrastinate_jobs" in sql and not ended:
            ended.append(True)
            with acting_as(SYSTEM):
                looked_up()
        return execute(sql, *rest)

    with connection.execute_wrapper(end_before_the_queue_is_read):
        answer = followed(alices, page, "under_way")
    assert answer.headers["HX-Retarget"] == "#record"


@pytest.mark.parametrize(
    "asked_at",
    [
        "soon",
        "",
        "2026-13-01T00:00:00Z",
        "2026-01-01T00:00:00",
        "0001-01-01T00:00:00%2B14:00",
        "9999-12-31T23:59:59Z",
    ],
)
def test_a_time_that_cannot_be_is_no_wish(alices: Client, asked_at: str) -> None:
    """Not a time, without a zone, long ago, or still to come."""
    page = alices.get(f"{NANO}?asked={asked_at}").content.decode()
    assert BUTTON in page
    assert "data-hx-trigger" not in page


@pytest.mark.parametrize(
    ("kept_back", "words"),
    [
        (
            {"paused_at": timezone.now(), "probe_at": timezone.now() + timedelta(hours=9)},
            "the account is paused",
        ),
        ({"blocked_until": timezone.now() + timedelta(hours=9)}, "the provider asked to wait"),
        ({"quarantined_at": timezone.now()}, "manage.py sync --account north-nano"),
    ],
    ids=["paused", "blocked", "quarantined"],
)
def test_an_account_that_may_not_be_asked_says_why_and_takes_no_wish(
    alices: Client, kept_back: dict[str, datetime], words: str
) -> None:
    """On the page, for whoever sends the form all the same, and in its part."""
    Account.objects.update(**kept_back, notice="401: the key of north-nano")
    page = alices.get(NANO).content.decode()
    assert words in page
    assert BUTTON not in page
    assert "401" not in page
    assert alices.post(ASK).headers["Location"] == f"{NANO}?team=north"
    assert words in alices.post(ASK, headers=PART).content.decode()
    assert ProcrastinateJob.objects.count() == 0


def test_a_paused_account_whose_probe_is_due_may_be_asked(alices: Client) -> None:
    """The wish is its probe."""
    Account.objects.update(paused_at=timezone.now(), probe_at=timezone.now())
    assert BUTTON in alices.get(NANO).content.decode()


@pytest.mark.parametrize("person", ["audrey", "sid"])
def test_who_may_only_read_has_no_button_and_no_progress(
    people: Cast, alices: Client, signed_in: SignedIn, person: str
) -> None:
    """Whatever their query string says."""
    page = asked(alices)
    seen = signed_in(getattr(people, person)).get(page).content
    assert b"Refresh now" not in seen
    assert b"No worker is running" not in seen


def test_ids_with_slashes_are_asked_for_too(people: Cast, signed_in: SignedIn) -> None:
    """Ids are opaque."""
    completed(people.reel, "a/../b?#&", people.alice)
    client = signed_in(people.alice)
    page = client.post("/generations/refresh/?provider=reelbot&external_id=a%2F..%2Fb%3F%23%26")
    assert ProcrastinateJob.objects.get().args["ids"] == ["a/../b?#&"]
    assert b"No worker is running" in client.get(page.headers["Location"]).content


def test_a_wish_needs_its_forms_token(people: Cast, alices: Client) -> None:
    """Another site's form puts nothing into the queue."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.alice)
    assert strict.post(ASK).status_code == 403
    assert b"csrfmiddlewaretoken" in alices.get(NANO).content
    assert ProcrastinateJob.objects.count() == 0


def test_following_a_wish_takes_few_queries(alices: Client, queries: Queries) -> None:
    """The page's own three for whoever signed in; what they are; the record; the queue and the workers."""
    page = asked(alices)
    a_worker()
    assert len(queries(alices, page)) == 12
    with CaptureQueriesContext(connection) as captured:
        assert followed(alices, page, "waiting").status_code == 204
    assert len([query for query in captured if not query["sql"].startswith(HOUSEKEEPING)]) == 7
