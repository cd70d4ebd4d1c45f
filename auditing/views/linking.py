"""What pages show of "Get download link": where it posts, how far the wish is, the link."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from auditing.downloads import LinkWish, link_wish, may_be_asked_for
from auditing.models import Generation
from auditing.queue import Stage
from auditing.views import addresses
from auditing.views.asking import QUICKLY, SLOWLY
from auditing.views.pages import signed_in


@dataclass(frozen=True, slots=True)
class LinkShown:
    """One wish for a link to a record's video; `look` is the page that shows how far it is."""

    wish: LinkWish
    look: str
    poll: str

    @property
    def every(self) -> int:
        """The seconds between two looks while the wish is open."""
        return SLOWLY if self.wish.stage is Stage.NO_WORKER else QUICKLY

    @property
    def expires_at(self) -> datetime | None:
        """When the link expires, where the provider's time can be read."""
        return parse_datetime(self.wish.request.expires_at)


def download_address(generation: Generation) -> str:
    """Where a link to the video is asked for; empty where there is none to get."""
    if not may_be_asked_for(generation):
        return ""
    return addresses.of_download(generation.provider, generation.external_id, generation.team.slug)


def link_of(request: HttpRequest, generation: Generation) -> LinkShown | None:
    """What became of the wish that the query string names; None where it names none of this person's."""
    number = request.GET.get("link")
    wish = number and link_wish(signed_in(request), generation, number, timezone.now())
    return shown(generation, wish) if wish else None


def shown(generation: Generation, wish: LinkWish) -> LinkShown:
    """The wish for this record as a page shows it."""
    record = generation.provider, generation.external_id, generation.team.slug
    number = wish.request.pk
    poll = f"{addresses.of_download(*record)}&link={number}&shown={wish.shown}"
    return LinkShown(wish, addresses.of_link(*record, number), poll)
