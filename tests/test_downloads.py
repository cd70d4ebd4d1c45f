"""Links to finished videos: a person asks, a worker gets one with the account's key, within the limits."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from auditing.access import SYSTEM, acting_as
from auditing.downloads import HOUR, KEPT_FOR, LinkWish, ask_for_link
from auditing.keys.sealing import store_key
from auditing.models import Account, Credential, DownloadRequest, Generation
from auditing.providers.declaration import DownloadRefused
from auditing.sync.links import BODY_CAP_BYTES, MOST_AN_HOUR, forget_links, get_link
from tests.sync.scripted import Reply, ScriptedProvider, scripted
from tests.views.cast import Cast, assemble, completed
from tests.views.conftest import SignedIn
from tests.views.conftest import queries as queries
from tests.views.conftest import signed_in as signed_in
from tests.views.queue import a_worker, end_all, take_all

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
KEY = "rb_live_0123456789"
LINK = "https://s3.example/v.mp4?sig=1"
GIVEN = Reply(200, {"success": True, "downloadUrl": LINK, "expiresAt": "2099-05-04T13:00:00Z"})
ASK = "/generations/download/?provider=reelbot&external_id=a%2Fb%20c"
PART = {"HX-Request": "true", "HX-Target": "download"}


@pytest.fixture
def reelbot() -> Iterator[ScriptedProvider]:
    """ReelBot, which gives a link unless told otherwise."""
    with scripted(lambda _: GIVEN) as provider:
        yield provider


@pytest.fixture
def cast(committed_db: str, reelbot: ScriptedProvider) -> Cast:  # noqa: ARG001 - the fixture opens the database
    """The people, with a key for ReelBot's account."""
    with acting_as(SYSTEM):
        people = assemble()
        people.reel.base_url = reelbot.url
        people.reel.save()
        store_key(people.reel, KEY)
    return people


@pytest.fixture
def video(cast: Cast) -> Generation:
    """A completed ReelBot video of Alice's, whose id wants quoting."""
    return completed(cast.reel, "a/b c", cast.alice)


def asked(cast: Cast, video: Generation, at: datetime = NOW) -> LinkWish | DownloadRefused:
    with acting_as(cast.alice):
        return ask_for_link(cast.alice, video, at)


def worked(at: datetime | None = None) -> None:
    """What a worker does with the errands that wait."""
    for job in ProcrastinateJob.objects.filter(status__in=("todo", "doing")):
        async_to_sync(get_link)(job.args["request_id"], lambda: at or timezone.now())
    end_all()


def answered(cast: Cast, video: Generation) -> DownloadRequest:
    """The request, once it was asked for and a worker was there."""
    wish = asked(cast, video)
    assert isinstance(wish, LinkWish)
    worked(NOW)
    return DownloadRequest.objects.get(pk=wish.request.pk)


def test_a_worker_asks_with_the_accounts_key_and_keeps_the_link_for_who_asked(
    cast: Cast, video: Generation, reelbot: ScriptedProvider
) -> None:
    request = answered(cast, video)
    assert (request.url, request.expires_at, request.http_status) == (LINK, "2099-05-04T13:00:00Z", None)
    assert (request.asked_by, request.generation, request.answered_at) == (cast.alice, video, NOW)
    assert [(one.external_id, one.key) for one in reelbot.asked] == [("a/b c", KEY)]


def test_the_queue_holds_nothing_but_a_number(cast: Cast, video: Generation) -> None:
    answered(cast, video)
    (job,) = ProcrastinateJob.objects.all()
    assert job.args == {"request_id": DownloadRequest.objects.get().pk}


def test_it_keeps_within_what_the_provider_gives_in_an_hour(cast: Cast, video: Generation) -> None:
    """Whatever came of them; after the hour it goes on."""
    for _ in range(MOST_AN_HOUR):
        assert isinstance(asked(cast, video), LinkWish)
    worked(NOW)
    for at, status in ((NOW + timedelta(minutes=59), 429), (NOW + timedelta(hours=1), None)):
        wish = asked(cast, video, at)
        assert isinstance(wish, LinkWish)
        worked(at)
        wish.request.refresh_from_db()
        assert (wish.request.http_status, "30 links in the last hour" in wish.request.reason) == (
            status,
            status is not None,
        )


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ({"paused_at": NOW, "notice": "the key was refused"}, 503),
        ({"blocked_until": NOW + timedelta(minutes=1)}, 429),
    ],
)
def test_nothing_is_sent_for_an_account_that_rests(
    cast: Cast, video: Generation, reelbot: ScriptedProvider, state: dict[str, object], status: int
) -> None:
    """When it is asked for, or when a worker comes to it."""
    wish = asked(cast, video)
    Account.objects.filter(pk=cast.reel.pk).update(**state)
    refused = asked(cast, video)
    assert isinstance(refused, DownloadRefused)
    assert refused.http_status == status
    worked(NOW)
    assert isinstance(wish, LinkWish)
    wish.request.refresh_from_db()
    assert (wish.request.http_status, reelbot.asked) == (status, [])


def test_what_has_no_video_is_not_asked_for(cast: Cast) -> None:
    """A failed job, and a provider that gives no such links."""
    failed = completed(cast.reel, "failed", cast.alice, status="failed")
    other = completed(cast.nano, "vid_a", cast.alice)
    for generation in (failed, other):
        refused = asked(cast, generation)
        assert isinstance(refused, DownloadRefused)
        assert refused.http_status == 409
    assert not ProcrastinateJob.objects.exists()


@pytest.mark.parametrize(
    ("reply", "status", "words"),
    [
        (Reply(404, {"success": False, "message": "Project not found"}), 404, "Project not found"),
        (Reply(302, b"", {"Location": "http://127.0.0.1:9/else"}), 302, "never followed"),
        (Reply(200, b"x" * (BODY_CAP_BYTES + 1)), 502, "65,536 bytes"),
        (Reply(400, {"success": False, "message": f"who is {KEY}?"}), 400, "who is [key]?"),
    ],
    ids=["refused", "redirect", "without end", "echo"],
)
def test_why_there_is_no_link_is_kept_instead(
    cast: Cast, video: Generation, reelbot: ScriptedProvider, reply: Reply, status: int, words: str
) -> None:
    reelbot.script = lambda _: reply
    request = answered(cast, video)
    assert (request.http_status, request.url) == (status, "")
    assert words in request.reason
    assert KEY not in request.reason


def test_what_cannot_be_reached_is_said(cast: Cast, video: Generation) -> None:
    """Without the address, which is nobody's business on a page."""
    Account.objects.filter(pk=cast.reel.pk).update(base_url="http://127.0.0.1:9")
    request = answered(cast, video)
    assert (request.http_status, request.reason) == (
        502,
        "The provider gave no full answer: no connection: Connection refused.",
    )


def test_an_account_without_a_key_says_what_to_do(cast: Cast, video: Generation) -> None:
    """Instead of asking without one."""
    Credential.objects.all().delete()
    request = answered(cast, video)
    assert (request.http_status, "add_account" in request.reason) == (503, True)


def test_links_are_forgotten_and_requests_go_with_their_hour(cast: Cast, video: Generation) -> None:
    request = answered(cast, video)
    forget_links(NOW + KEPT_FOR - timedelta(seconds=1))
    request.refresh_from_db()
    assert request.url == LINK
    forget_links(NOW + KEPT_FOR)
    request.refresh_from_db()
    assert request.url == ""
    forget_links(NOW + HOUR)
    assert not DownloadRequest.objects.exists()


def test_a_request_is_answered_once(cast: Cast, video: Generation, reelbot: ScriptedProvider) -> None:
    """A task that comes twice sends nothing the second time."""
    request = answered(cast, video)
    async_to_sync(get_link)(request.pk, lambda: NOW)
    assert len(reelbot.asked) == 1


def said(client: Client, page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(page).content.decode()).split())


def test_its_page_follows_the_wish_to_the_link(cast: Cast, video: Generation, signed_in: SignedIn) -> None:
    """Without scripts, page by page; no cache keeps the link."""
    alice = signed_in(cast.alice)
    page = alice.post(ASK).headers["Location"]
    assert page.startswith("/generations/reelbot/a%2Fb%20c/?team=north&link=")
    assert video.external_id in said(alice, page)
    assert "the link is asked for as soon as one starts" in said(alice, page)
    a_worker()
    assert "waiting for a worker" in said(alice, page)
    take_all()
    assert "The provider is being asked" in said(alice, page)
    worked()
    response = alice.get(page)
    assert f'href="{LINK}" rel="noreferrer noopener"' in response.content.decode()
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("video")
def test_the_part_polls_only_while_it_waits(cast: Cast, signed_in: SignedIn) -> None:
    alice = signed_in(cast.alice)
    a_worker()
    part = alice.post(ASK, headers=PART).content.decode()
    poll = re.search(r'data-hx-get="([^"]+)" data-hx-trigger="every 3s, click"', part)
    assert poll is not None
    assert "<html" not in part
    address = poll[1].replace("&amp;", "&")
    assert alice.get(address, headers=PART).status_code == 204
    worked()
    done = alice.get(address, headers=PART).content.decode()
    assert LINK in done
    assert "data-hx-trigger" not in done


@pytest.mark.usefixtures("video")
@pytest.mark.parametrize("person", ["max", "audrey", "sid", "rita"])
def test_nobody_but_who_asked_sees_the_link(cast: Cast, signed_in: SignedIn, person: str) -> None:
    """Others who see the record ask for their own."""
    page = signed_in(cast.alice).post(ASK).headers["Location"]
    worked()
    other = signed_in(getattr(cast, person))
    assert LINK not in other.get(page).content.decode()
    number = page.rpartition("=")[2]
    assert LINK not in other.get(f"{ASK}&link={number}", headers=PART).content.decode()


@pytest.mark.usefixtures("video")
def test_a_forgotten_link_and_an_errand_that_died_are_said(cast: Cast, signed_in: SignedIn) -> None:
    alice = signed_in(cast.alice)
    page = alice.post(ASK).headers["Location"]
    end_all()
    assert "No link came of it" in said(alice, page)
    page = alice.post(ASK).headers["Location"]
    worked()
    DownloadRequest.objects.update(answered_at=timezone.now() - KEPT_FOR)
    assert "is forgotten" in said(alice, page)
    assert LINK not in alice.get(page).content.decode()


@pytest.mark.usefixtures("video")
@pytest.mark.parametrize("number", ["", "x", "-1", "²", "9" * 30, "0"])
def test_a_number_that_names_no_wish_shows_none(cast: Cast, signed_in: SignedIn, number: str) -> None:
    alice = signed_in(cast.alice)
    page = alice.get("/generations/reelbot/a%2Fb%20c/", {"link": number})
    assert b"Get download link" in page.content


@pytest.mark.usefixtures("video")
def test_a_refusal_at_once_is_shown_in_its_place(cast: Cast, signed_in: SignedIn) -> None:
    Account.objects.filter(pk=cast.reel.pk).update(paused_at=NOW)
    alice = signed_in(cast.alice)
    for headers in ({}, PART):
        response: Any = alice.post(ASK, headers=headers)
        assert "is paused" in response.content.decode()
    assert not DownloadRequest.objects.exists()


def test_the_part_takes_few_queries(
    cast: Cast, video: Generation, signed_in: SignedIn, queries: Callable[[Client, str], list[str]]
) -> None:
    """Looking again costs the record, the queue, the workers and the wish."""
    alice = signed_in(cast.alice)
    page = alice.post(ASK).headers["Location"]
    without = len(queries(alice, f"/generations/reelbot/{video.external_id.replace('/', '%2F')}/?team=north"))
    assert len(queries(alice, page)) == without + 3
