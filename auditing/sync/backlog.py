"""Which accounts have work that may be done now, and which are kept from it."""

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from auditing.access import SYSTEM, acting_as
from auditing.models import Account, Lease, Lookup


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


def quarantine(account_id: int, reason: str, at: datetime) -> None:
    """Leave this account out of the plan until a run by hand succeeds, and say why."""
    with acting_as(SYSTEM):
        Account.objects.filter(pk=account_id).update(quarantined_at=at, notice=reason[:500])
