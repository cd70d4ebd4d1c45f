"""Links to finished videos: a person asks, a worker gets one, and for a few minutes it can be shown."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from auditing import errands
from auditing.models import Account, DownloadRequest, Generation, User
from auditing.providers import PROVIDERS
from auditing.providers.declaration import DownloadRefused
from auditing.queue import Stage
from auditing.records import Status

HOUR = timedelta(hours=1)
KEPT_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class LinkWish:
    """A person's wish for a link and how far it is; once `done`, the request holds a link, or why there is
    none, or neither any more: it was forgotten."""

    request: DownloadRequest
    stage: Stage

    @property
    def shown(self) -> str:
        """What a page shows of it, in a word."""
        if self.stage is not Stage.DONE:
            return self.stage.value
        if self.request.http_status is not None:
            return "refused"
        return "link" if self.request.url else "forgotten"


def may_be_asked_for(generation: Generation) -> bool:
    """Whether this record's provider gives links, and this record is one that has a video."""
    return PROVIDERS[generation.provider].download_target is not None and (
        generation.status == Status.COMPLETED
    )


def ask_for_link(person: User, generation: Generation, now: datetime) -> LinkWish | DownloadRefused:
    """Have a worker ask the provider for a link to this video, or say why it would be of no use.

    `generation` comes from `access`. Whether the account's hour has room for it, the worker sees.
    """
    if not may_be_asked_for(generation):
        return DownloadRefused(409, "There is a link for completed videos only.")
    account = Account.objects.get(pk=generation.account_id)
    refused = refused_here(account, now)
    if refused is not None:
        return refused
    request = DownloadRequest.objects.create(
        account=account, team_id=account.team_id, generation=generation, asked_by=person, requested_at=now
    )
    errands.send(errands.GET_LINK, request_id=request.pk)
    return LinkWish(request, errands.stage_of(errands.GET_LINK, request_id=request.pk) or Stage.WAITING)


def refused_here(account: Account, now: datetime) -> DownloadRefused | None:
    """Why nothing may be sent for this account now, if so."""
    if account.paused_at is not None:
        return DownloadRefused(503, f"Account {account.label} is paused. {account.notice}".strip())
    if account.blocked_until is not None and account.blocked_until > now:
        return DownloadRefused(429, f"The provider asked account {account.label} to wait a while.")
    return None


def link_wish(person: User, generation: Generation, number: str, now: datetime) -> LinkWish | None:
    """What became of this person's own wish of that number for this record; None when they made no such."""
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    mine = DownloadRequest.objects.filter(pk=int(number), asked_by=person, generation=generation)
    # The queue is read first: an errand that has left it has written its answer.
    stage = errands.stage_of(errands.GET_LINK, request_id=int(number))
    request = mine.first()
    if request is None:
        return None
    if request.answered_at is None:
        return LinkWish(request, stage or Stage.DROPPED)
    if request.answered_at <= now - KEPT_FOR:
        request.url = ""
    return LinkWish(request, Stage.DONE)
