"""What pages show of "Refresh now": where it posts, why nothing would be sent, how far the wish is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from auditing.access import may_refresh
from auditing.models import Account, Generation
from auditing.records import iso_utc
from auditing.sync_health import Stage, Wish, obstacle_of, wish_for_account, wish_for_record
from auditing.views import addresses
from auditing.views.pages import signed_in

FOLLOWED_FOR = timedelta(hours=1)
CLOCKS_DIFFER_BY = timedelta(minutes=1)
SLOWLY, QUICKLY = 15, 3


@dataclass(frozen=True, slots=True)
class Refresh:
    """The button for one record or account, whose parts on the page are told apart by `name`.

    `obstacle` says why nothing would be sent now (`sync_health.obstacle_of`); `wish` is what was asked for
    last, if anything; `look` is the page that shows how far it is.
    """

    account: Account
    name: str
    action: str
    obstacle: str
    wish: Wish | None
    look: str

    @property
    def every(self) -> int:
        """The seconds between two looks while the wish is open."""
        return SLOWLY if self.wish and self.wish.stage is Stage.NO_WORKER else QUICKLY

    @property
    def poll(self) -> str:
        """The address that the part of the page is asked from: it says what is shown already."""
        return f"{self.look}&shown={stage_of(self.wish)}"


def asked_at_of(request: HttpRequest, now: datetime) -> datetime | None:
    """When the page's query string says that something was asked for; None where it says nothing that can
    be: no time with a zone, one to come, or one too long ago to be followed."""
    try:
        asked_at = parse_datetime(request.GET.get("asked", ""))
    except ValueError:
        return None
    if asked_at is None or timezone.is_naive(asked_at):
        return None
    can_be = now - FOLLOWED_FOR < asked_at < now + CLOCKS_DIFFER_BY
    return asked_at.astimezone(UTC) if can_be else None


def refresh_of_record(
    request: HttpRequest, generation: Generation, asked_at: datetime | None
) -> Refresh | None:
    """The button for a record that this person sees; None for who may not use it."""
    if not may_refresh(signed_in(request), generation):
        return None
    account = generation.lookup.account
    provider, external_id, team = generation.provider, generation.external_id, generation.team.slug
    wish = wish_for_record(generation, asked_at) if asked_at else None
    return Refresh(
        account=account,
        name="record",
        action=addresses.of_refresh(provider, external_id, team),
        obstacle=obstacle_of(account, timezone.now()),
        wish=wish,
        look=addresses.of_generation(provider, external_id, **{"team": team, **_asked(wish)}),
    )


def refresh_of_account(account: Account, asked_at: datetime | None) -> Refresh:
    """The button for an account; whether the person may use it, the caller has asked `access`."""
    wish = wish_for_account(account, asked_at) if asked_at else None
    return Refresh(
        account=account,
        name=f"account-{account.pk}",
        action=addresses.of_account_refresh(account.label),
        obstacle=obstacle_of(account, timezone.now()),
        wish=wish,
        look=addresses.of_sync(**({"account": account.label, **_asked(wish)} if wish else {})),
    )


def stage_of(wish: Wish | None) -> str:
    """The stage's word; empty without a wish."""
    return wish.stage.value if wish else ""


def _asked(wish: Wish | None) -> dict[str, str]:
    return {"asked": iso_utc(wish.asked_at) or ""} if wish else {}
