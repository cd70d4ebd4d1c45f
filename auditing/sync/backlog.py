"""Which accounts have work that may be done now, which are kept from it, and which need an operator."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from auditing.access import SYSTEM, acting_as
from auditing.models import Account, Lease, Lookup
from auditing.records import FAILING


def accounts_with_work() -> list[int]:
    """Accounts with something due that nobody works on: not blocked, paused (unless a probe is due),
    quarantined or leased; whoever waited longest for a run comes first."""
    something_due = Lookup.objects.filter(account_id=OuterRef("pk"), due_at__lte=Now())
    held = Lease.objects.filter(account_id=OuterRef("pk"), expires_at__gt=Now())
    with acting_as(SYSTEM):
        waiting = Account.objects.filter(
            Q(blocked_until=None) | Q(blocked_until__lte=Now()),
            Q(paused_at=None) | Q(probe_at__lte=Now()),
            Exists(something_due),
            ~Exists(held),
            quarantined_at=None,
        ).order_by(F("last_run_at").asc(nulls_first=True), "pk")
        return list(waiting.values_list("pk", flat=True))


def accounts_in_trouble(since: datetime, account_ids: Sequence[int] | None = None) -> list[str]:
    """The labels of those of these accounts, by default of all, that need an operator.

    They are refused or quarantined, or without a good answer since then, while work has been due for longer
    or lookups fail. Unlike on the page, waiting for a reset is no excuse: a 429 after every reset brings
    nothing either.
    """
    lookups = Lookup.objects.filter(account_id=OuterRef("pk"))
    overdue = lookups.filter(due_at__lte=since)
    failing = lookups.filter(due_at__isnull=False, outcome__in=FAILING)
    unanswered = Q(last_ok_at=None) | Q(last_ok_at__lte=since)
    asked_in_vain = Q(Exists(failing), added_at__lte=since, last_run_at__gt=since)
    with acting_as(SYSTEM):
        accounts = Account.objects.filter(
            Q(paused_at__isnull=False)
            | Q(quarantined_at__isnull=False)
            | (unanswered & (Q(Exists(overdue)) | asked_in_vain))
        )
        if account_ids is not None:
            accounts = accounts.filter(pk__in=account_ids)
        return list(accounts.order_by("label").values_list("label", flat=True))


def quarantine(account_id: int, reason: str, at: datetime) -> None:
    """Leave this account out of the plan until a run by hand succeeds, and say why."""
    with acting_as(SYSTEM):
        Account.objects.filter(pk=account_id).update(quarantined_at=at, notice=reason[:500])
