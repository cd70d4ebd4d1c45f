"""Accounts' health: what waits in each, what keeps it from being asked, and whether its sync is late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.db.models.functions import Now

from auditing.access import Person, refreshable_accounts, visible_accounts, visible_to
from auditing.filters import GenerationFilter
from auditing.models import Account, Lease
from auditing.providers import PROVIDERS
from auditing.records import FAILING

NOTHING: dict[str, Any] = {
    "records": 0,
    "due": 0,
    "never": 0,
    "failing": 0,
    "overdue_since": None,
    "next_due": None,
}


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """One account, and how many of its records (that the person may see) wait for what.

    `pace` is the requests a minute it keeps to, None without a limit. `state` is the one thing to know:
    `quarantined`, `paused`, `waiting` (for a reset), `flagged` (a notice), `never` (no good answer yet) or
    `well`. `obstacle` is what `obstacle_of` says. `late` is `no_run` where work has been due for longer than
    a run is expected to take to come and none came, `no_answer` where runs came but none got a good answer
    for that long, else empty. `next_due` is the earliest time to come at which something is due. The queries
    are the list's, for the records and those never looked up.
    """

    account: Account
    records: int
    due: int
    never_looked_up: int
    next_due: datetime | None
    pace: int | None
    state: str
    obstacle: str
    late: str
    is_under_way: bool
    may_refresh: bool
    query: str
    never_query: str


def accounts_of(person: Person, now: datetime, expected_every: timedelta) -> list[AccountHealth]:
    """The accounts this person may see, by label. Counts are of records that they may see."""
    counts = _counts(person, now)
    refreshable = set(refreshable_accounts(person).values_list("pk", flat=True))
    held = Lease.objects.filter(account_id=OuterRef("pk"), expires_at__gt=Now())
    accounts = visible_accounts(person).select_related("team", "owner").annotate(is_under_way=Exists(held))
    healths = []
    for account in accounts.order_by("label"):
        count = counts.get(account.pk, NOTHING)
        healths.append(
            AccountHealth(
                account=account,
                records=count["records"],
                due=count["due"],
                never_looked_up=count["never"],
                next_due=count["next_due"],
                pace=account.per_minute or PROVIDERS[account.provider].per_minute,
                state=_state(account, now),
                obstacle=obstacle_of(account, now),
                late="" if account.is_under_way else _late(account, count, now, now - expected_every),
                is_under_way=account.is_under_way,
                may_refresh=account.pk in refreshable,
                query=GenerationFilter(account=(account.label,)).canonical(),
                never_query=GenerationFilter(account=(account.label,), outcome=(None,)).canonical(),
            )
        )
    return healths


def _counts(person: Person, now: datetime) -> dict[int, dict[str, Any]]:
    due = Q(lookup__due_at__lte=now)
    rows = (
        visible_to(person)
        .order_by()
        .values("account_id")
        .annotate(
            records=Count("pk"),
            due=Count("pk", filter=due),
            never=Count("pk", filter=Q(lookup__outcome__isnull=True)),
            failing=Count("pk", filter=Q(lookup__outcome__in=FAILING)),
            overdue_since=Min("lookup__due_at", filter=due),
            next_due=Min("lookup__due_at", filter=Q(lookup__due_at__gt=now)),
        )
    )
    return {row["account_id"]: dict(row) for row in rows}


def obstacle_of(account: Account, now: datetime) -> str:
    """Why nothing would be sent for this account now: it is `quarantined`, `paused` (and its next probe is
    still to come) or `waiting` for a reset; empty when it may be asked."""
    if account.quarantined_at is not None:
        return "quarantined"
    if account.paused_at is not None and account.probe_at is not None and account.probe_at > now:
        return "paused"
    if account.blocked_until is not None and account.blocked_until > now:
        return "waiting"
    return ""


def _state(account: Account, now: datetime) -> str:
    if account.quarantined_at is not None:
        return "quarantined"
    if account.paused_at is not None:
        return "paused"
    if account.blocked_until is not None and account.blocked_until > now:
        return "waiting"
    if account.notice:
        return "flagged"
    return "never" if account.last_ok_at is None else "well"


def _late(account: Account, count: dict[str, Any], now: datetime, limit: datetime) -> str:
    """Whether its sync is late: nothing good came since `limit`. Accounts that may not be asked now are not:
    their state says why.

    What became due lately makes nothing late, however long ago the last run was: there was nothing to do.
    """
    good = account.last_ok_at is not None and account.last_ok_at > limit
    if good or account.paused_at is not None or obstacle_of(account, now):
        return ""
    ran = account.last_run_at is not None and account.last_run_at > limit
    if count["overdue_since"] is not None and count["overdue_since"] <= limit:
        return "no_answer" if ran else "no_run"
    return "no_answer" if ran and count["failing"] and account.added_at <= limit else ""
