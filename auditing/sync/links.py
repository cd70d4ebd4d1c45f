"""Asks a provider for the link that a person wants, with the account's key, and keeps it for that person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from asgiref.sync import sync_to_async

from auditing.access import SYSTEM, acting_as
from auditing.downloads import HOUR, KEPT_FOR, refused_here
from auditing.keys.opening import KeyUnreadable, OpenKey, open_key
from auditing.models import Account, DownloadRequest
from auditing.providers import PROVIDERS
from auditing.providers.declaration import Download, DownloadRefused
from auditing.sync.connections import open_transport
from auditing.sync.fetch import Fetcher, Unusable

MOST_AN_HOUR = 30  # published by ReelBot, for each account
DEADLINE_SECONDS = 15.0
BODY_CAP_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be sent: for this account, with its key, a question for this id."""

    account: Account
    key: OpenKey
    external_id: str


async def get_link(request_id: int, clock: Callable[[], datetime]) -> None:
    """Answer this request, once: with the provider's link, or why there is none. No transaction is open
    while the provider answers."""
    wanted = await sync_to_async(_prepared)(request_id, clock())
    if wanted is None:
        return
    answer = wanted if isinstance(wanted, DownloadRefused) else await _asked(wanted, clock)
    await sync_to_async(_keep)(request_id, answer, clock())


def forget_links(now: datetime) -> None:
    """Empty the links that were to be had for long enough, and drop requests whose hour is over."""
    with acting_as(SYSTEM):
        DownloadRequest.objects.filter(answered_at__lte=now - KEPT_FOR).exclude(url="").update(url="")
        over = DownloadRequest.objects.filter(requested_at__lte=now - HOUR)
        over.exclude(sent_at__gt=now - HOUR).delete()


def _prepared(request_id: int, now: datetime) -> _Wanted | DownloadRefused | None:
    """What is to be sent, counted against the account's hour; the account's row settles races."""
    with acting_as(SYSTEM):
        requests = DownloadRequest.objects.select_related("generation")
        request = requests.filter(pk=request_id, sent_at=None, answered_at=None).first()
        if request is None:
            return None
        account = Account.objects.select_for_update(no_key=True).get(pk=request.account_id)
        if refused := refused_here(account, now) or _full_hour(account, now):
            return refused
        try:
            wanted = _Wanted(account, open_key(account), request.generation.external_id)
        except KeyUnreadable as fault:
            return DownloadRefused(503, str(fault))
        requests.filter(pk=request_id).update(sent_at=now)
    return wanted


def _full_hour(account: Account, now: datetime) -> DownloadRefused | None:
    """Why nothing more may be asked for in this hour, if so."""
    sent = DownloadRequest.objects.filter(account=account, sent_at__gt=now - HOUR)
    if sent.count() < MOST_AN_HOUR:
        return None
    return DownloadRefused(
        429,
        f"Account {account.label} has asked for {MOST_AN_HOUR} links in the last hour, as many as the"
        " provider gives. Try again later.",
    )


async def _asked(wanted: _Wanted, clock: Callable[[], datetime]) -> Download | DownloadRefused:
    provider, account = PROVIDERS[wanted.account.provider], wanted.account
    target, parse = provider.download_target, provider.parse_download
    if target is None or parse is None:
        return DownloadRefused(409, f"{provider.name} gives no links.")
    async with open_transport() as transport:
        fetcher = Fetcher(
            provider, account.base_url, wanted.key, transport, clock, DEADLINE_SECONDS, BODY_CAP_BYTES
        )
        try:
            return parse(await fetcher.get(target(wanted.external_id)))
        except Unusable as fault:
            return DownloadRefused(502, f"The provider gave no full answer: {fault}.")


def _keep(request_id: int, answer: Download | DownloadRefused, now: datetime) -> None:
    values = (
        {"url": answer.url, "expires_at": answer.expires_at[:64]}
        if isinstance(answer, Download)
        else {"http_status": answer.http_status, "reason": answer.reason[:500]}
    )
    with acting_as(SYSTEM):
        DownloadRequest.objects.filter(pk=request_id, answered_at=None).update(answered_at=now, **values)
