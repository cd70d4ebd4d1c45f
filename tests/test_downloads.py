"""Links to finished videos: asked for with the account's key, within the provider's limit, kept nowhere."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from auditing.downloads import BODY_CAP_BYTES, MOST_AN_HOUR, download_link
from auditing.keys import store_key
from auditing.models import Account, DownloadRequest, Generation
from auditing.providers.declaration import Download, DownloadRefused
from tests.views.cast import Cast, assemble, completed

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
LINK = {"success": True, "downloadUrl": "https://s3.example/v.mp4?sig=1", "expiresAt": "2026-05-04T13:00:00Z"}

type Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def cast(db: None) -> Cast:  # noqa: ARG001 - the fixture opens the database
    """The people, with a key for ReelBot's account."""
    people = assemble()
    store_key(people.reel, "rb_live_0123456789")
    return people


@pytest.fixture
def video(cast: Cast) -> Generation:
    """A completed ReelBot video of Alice's, whose id wants quoting."""
    return completed(cast.reel, "a/b c", cast.alice)


def given(status: int, body: object) -> Answer:
    return lambda _: httpx.Response(status, json=body)


def ask(cast: Cast, video: Generation, answer: Answer, at: datetime = NOW) -> Download | DownloadRefused:
    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        return download_link(cast.alice, video, client, lambda: at)


def test_it_asks_with_the_accounts_key_and_returns_the_link(cast: Cast, video: Generation) -> None:
    """One GET, the id quoted as one segment."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json=LINK)

    assert ask(cast, video, answer) == Download(LINK["downloadUrl"], LINK["expiresAt"])  # type: ignore[arg-type]
    assert [str(request.url) for request in asked] == ["http://127.0.0.1:9/api/v1/video/download/a%2Fb%20c"]
    assert asked[0].headers["X-API-Key"] == "rb_live_0123456789"


def test_the_link_is_stored_nowhere(cast: Cast, video: Generation) -> None:
    """Only that it was asked for."""
    ask(cast, video, given(200, LINK))
    assert list(DownloadRequest.objects.values_list("account", "requested_at")) == [(cast.reel.pk, NOW)]
    video.refresh_from_db()
    assert "s3.example" not in json.dumps([str(value) for value in vars(video).values()])


def test_it_keeps_within_what_the_provider_gives_in_an_hour(cast: Cast, video: Generation) -> None:
    """Failed requests count, too; after the hour it goes on."""
    for _ in range(MOST_AN_HOUR):
        ask(cast, video, given(500, {"success": False}))
    refused = ask(cast, video, given(200, LINK), NOW + timedelta(minutes=59))
    assert isinstance(refused, DownloadRefused)
    assert (refused.http_status, "30 links in the last hour" in refused.reason) == (429, True)
    assert isinstance(ask(cast, video, given(200, LINK), NOW + timedelta(hours=1)), Download)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ({"paused_at": NOW, "notice": "the key was refused"}, 503),
        ({"blocked_until": NOW + timedelta(minutes=1)}, 429),
    ],
)
def test_nothing_is_sent_for_an_account_that_rests(
    cast: Cast, video: Generation, state: dict[str, object], status: int
) -> None:
    """Paused, or before the reset."""
    Account.objects.filter(pk=cast.reel.pk).update(**state)

    def answer(_: httpx.Request) -> httpx.Response:
        raise AssertionError("nothing may be sent")

    refused = ask(cast, video, answer)
    assert isinstance(refused, DownloadRefused)
    assert refused.http_status == status
    assert DownloadRequest.objects.count() == 0


def test_what_has_no_video_is_not_asked_for(cast: Cast) -> None:
    """A failed job, and a provider that gives no such links."""
    failed = completed(cast.reel, "failed", cast.alice, status="failed")
    other = completed(cast.nano, "vid_a", cast.alice)
    for generation in (failed, other):
        refused = ask(cast, generation, given(200, LINK))
        assert isinstance(refused, DownloadRefused)
        assert refused.http_status == 409


def test_a_refusal_comes_with_the_providers_reason(cast: Cast, video: Generation) -> None:
    """For the page."""
    body = {"success": False, "message": "Project not found", "code": "NOT_FOUND"}
    refused = ask(cast, video, given(404, body))
    assert isinstance(refused, DownloadRefused)
    assert (refused.http_status, "Project not found" in refused.reason) == (404, True)


def test_a_redirect_is_not_followed(cast: Cast, video: Generation) -> None:
    """The key would travel with it."""
    refused = ask(cast, video, lambda _: httpx.Response(302, headers={"Location": "http://127.0.0.1:9/else"}))
    assert isinstance(refused, DownloadRefused)
    assert refused.http_status == 302


def test_what_cannot_be_reached_is_said(cast: Cast, video: Generation) -> None:
    """Without the address, which is nobody's business on a page."""

    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    refused = ask(cast, video, answer)
    assert refused == DownloadRefused(502, "The provider could not be reached (ConnectError).")


def test_a_body_without_end_is_given_up(cast: Cast, video: Generation) -> None:
    """Past the cap."""
    refused = ask(cast, video, lambda _: httpx.Response(200, content=b"x" * (BODY_CAP_BYTES + 1)))
    assert isinstance(refused, DownloadRefused)
    assert "65,536 bytes" in refused.reason


def test_an_account_without_a_key_says_what_to_do(cast: Cast) -> None:
    """Instead of asking without one."""
    generation = completed(cast.other_reel, "x", cast.otto)
    refused = ask(cast, generation, given(200, LINK))
    assert isinstance(refused, DownloadRefused)
    assert "add_account" in refused.reason
