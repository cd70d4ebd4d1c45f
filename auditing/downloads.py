"""Links to finished videos: asked for when a person wants one, shown, and kept nowhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from auditing.access import Person, acting_as
from auditing.keys import KeyUnreadable, open_key
from auditing.models import Account, DownloadRequest, Generation
from auditing.providers import PROVIDERS
from auditing.providers.declaration import Download, DownloadRefused
from auditing.records import Response, Status

MOST_AN_HOUR = 30  # published by ReelBot, for each account
HOUR = timedelta(hours=1)
DEADLINE = timedelta(seconds=15)
BODY_CAP_BYTES = 65_536

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Request:
    """What is sent: an address at the account's provider, with its key in a header."""

    url: str
    headers: dict[str, str]


class _NoFullAnswer(Exception):
    """The body went on past the cap or the deadline; the message says which."""


def open_client() -> httpx.Client:
    """A client for one request: no redirects, no environment proxies, that a key could travel to."""
    return httpx.Client(follow_redirects=False, trust_env=False, timeout=DEADLINE.total_seconds())


def may_be_asked_for(generation: Generation) -> bool:
    """Whether this record's provider gives links, and this record is one that has a video."""
    return PROVIDERS[generation.provider].download_target is not None and (
        generation.status == Status.COMPLETED
    )


def download_link(
    person: Person, generation: Generation, client: httpx.Client, clock: Clock
) -> Download | DownloadRefused:
    """Ask the provider for a link to this video, or say why there is none.

    `generation` comes from `access`, with its account. Call it outside of any transaction: it opens a short
    one to count the request, and none is open while the provider answers.
    """
    with acting_as(person):
        wanted = _claim(generation, clock())
    if isinstance(wanted, DownloadRefused):
        return wanted
    parse = PROVIDERS[generation.provider].parse_download
    assert parse is not None  # noqa: S101 - declared together with download_target
    try:
        return parse(_ask(client, wanted, clock))
    except _NoFullAnswer as fault:
        return DownloadRefused(502, str(fault))
    except httpx.HTTPError as fault:
        return DownloadRefused(502, f"The provider could not be reached ({type(fault).__name__}).")


def _claim(generation: Generation, now: datetime) -> _Request | DownloadRefused:
    """Count this request against the account's hour and prepare it; the account's row settles races."""
    provider = PROVIDERS[generation.provider]
    if provider.download_target is None or not may_be_asked_for(generation):
        return DownloadRefused(409, "There is a link for completed videos only.")
    account = Account.objects.select_for_update(no_key=True).get(pk=generation.account_id)
    refused = _refused_here(account, now)
    if refused is not None:
        return refused
    try:
        key = open_key(account)
    except KeyUnreadable as fault:
        return DownloadRefused(503, str(fault))
    DownloadRequest.objects.create(account=account, team_id=account.team_id, requested_at=now)
    url = account.base_url.rstrip("/") + provider.download_target(generation.external_id)
    return _Request(url, {**provider.headers(key), "Accept": "application/json", "User-Agent": "Clipledger"})


def _refused_here(account: Account, now: datetime) -> DownloadRefused | None:
    """Why nothing may be sent for this account now, if so. Requests of past hours are forgotten."""
    if account.paused_at is not None:
        return DownloadRefused(503, f"Account {account.label} is paused. {account.notice}".strip())
    if account.blocked_until is not None and account.blocked_until > now:
        return DownloadRefused(429, f"The provider asked account {account.label} to wait a while.")
    requests = DownloadRequest.objects.filter(account=account)
    requests.filter(requested_at__lte=now - HOUR).delete()
    if requests.count() >= MOST_AN_HOUR:
        return DownloadRefused(
            429,
            f"Account {account.label} has asked for {MOST_AN_HOUR} links in the last hour, as many as the"
            " provider gives. Try again later.",
        )
    return None


def _ask(client: httpx.Client, wanted: _Request, clock: Clock) -> Response:
    """One request and its whole answer, up to the cap and the deadline; httpx.HTTPError when none came."""
    give_up_at = clock() + DEADLINE
    with client.stream("GET", wanted.url, headers=wanted.headers) as response:
        body = b""
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > BODY_CAP_BYTES:
                raise _NoFullAnswer(f"The provider's answer went on past {BODY_CAP_BYTES:,} bytes.")
            if clock() > give_up_at:
                raise _NoFullAnswer(f"No full answer came within {DEADLINE.seconds} seconds.")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Response(status=response.status_code, headers=headers, body=body, received_at=clock())
