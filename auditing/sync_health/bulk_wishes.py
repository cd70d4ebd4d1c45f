"""Wishes for many records at once: few tasks an account, each of as many ids as one turn can do."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from django.db.models import QuerySet
from django.utils import timezone

from auditing import trail
from auditing.models import Account, Act, Generation, Run, User
from auditing.providers import PROVIDERS
from auditing.queue import database_now, live_workers
from auditing.sync_health.accounts import obstacle_of
from auditing.trail import Of
from auditing.turns import ask_for_turn

# A turn ends after ten minutes, and what it did not reach of certain ids is left to no other.
MINUTES_OF_A_TURN = 8
# A task's log line names its ids.
MOST_IN_A_TASK = 500


@dataclass(frozen=True, slots=True)
class Wishes:
    """What became of wishes for many records, made at `asked_at` by the database's clock.

    A look was asked for at the records of `asked`. For `kept_back` nothing would be sent now, since their
    accounts (`labels`) are paused, put aside or wait for a reset.
    """

    asked_at: datetime
    asked: tuple[int, ...]
    accounts: int
    kept_back: int
    labels: tuple[str, ...]
    has_worker: bool


def ask_for_records(person: User, rows: QuerySet[Generation]) -> Wishes:
    """Have workers look these records up, due or not; that this person may, the caller has seen to.

    Single records' wishes go before these, and accounts' turns take their place among them.
    """
    asked_at, now = database_now(), timezone.now()
    wanted = _of_accounts(rows)
    accounts = Account.objects.in_bulk(wanted)
    free = [pk for pk in wanted if not obstacle_of(accounts[pk], now)]
    for pk in free:
        ids = sorted(of.external_id for _, of in wanted[pk])
        for some in batched(ids, _at_once(accounts[pk]), strict=False):
            ask_for_turn(pk, Run.Trigger.PAGE, started_by=person, ids=some, is_urgent=False)
    trail.records_changed(Act.REFRESH_ASKED, person, [of for pk in free for _, of in wanted[pk]])
    held = [pk for pk in wanted if pk not in free]
    return Wishes(
        asked_at=asked_at,
        asked=tuple(generation_id for pk in free for generation_id, _ in wanted[pk]),
        accounts=len(free),
        kept_back=sum(len(wanted[pk]) for pk in held),
        labels=tuple(sorted(accounts[pk].label for pk in held)),
        has_worker=live_workers().exists(),
    )


def _of_accounts(rows: QuerySet[Generation]) -> dict[int, list[tuple[int, Of]]]:
    """The records by the account that is asked next for each."""
    found: dict[int, list[tuple[int, Of]]] = defaultdict(list)
    columns = ("lookup__account_id", "pk", "team_id", "provider", "external_id")
    for account_id, pk, team_id, provider, external_id in rows.order_by("pk").values_list(*columns):
        found[account_id].append((pk, Of(team_id, provider, external_id)))
    return found


def _at_once(account: Account) -> int:
    """How many ids one turn of this account gets done."""
    per_minute = account.per_minute or PROVIDERS[account.provider].per_minute
    return min(MOST_IN_A_TASK, per_minute * MINUTES_OF_A_TURN) if per_minute else MOST_IN_A_TASK
