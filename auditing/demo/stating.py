"""A provider's statement about the sample jobs of last month: mostly as they are, and here and there not."""

from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count

from auditing.access import SYSTEM, acting_as, visible_to
from auditing.models import Account, Statement
from auditing.reports import Period, month_of
from auditing.reports.periods import ONE_DAY
from auditing.statements import StatementWanted, enter

type Charges = list[tuple[str, int]]

LEFT_OUT, TOO_DEAR = 2, 3
NOWHERE: Charges = [("vid_not_ours_1", 7000), ("vid_not_ours_2", 7000)]


def state_last_month(now: datetime) -> Statement | None:
    """Enter a statement of the NanoBanana account with the most jobs, with what they cost at their most:
    without some of them, with other figures for some, and with ids that are not here. None without jobs."""
    last = now.astimezone(ZoneInfo(settings.REPORT_TIME_ZONE)).date().replace(day=1) - ONE_DAY
    first = last.replace(day=1)
    account, charges = _charged(month_of(last))
    if account is None:
        return None
    dear = charges[LEFT_OUT : LEFT_OUT + TOO_DEAR]
    stated = [*((name, cost + 1000) for name, cost in dear), *charges[LEFT_OUT + TOO_DEAR :], *NOWHERE]
    lines = "".join(f"{name},{cost / 1000:.3f}\n" for name, cost in stated)
    wanted = StatementWanted(
        account=account,
        first=first,
        last=last,
        reference=f"Sample invoice {first:%Y-%m}",
        stream=BytesIO(f"external_id,credits\n{lines}".encode()),
        file=f"invoice-{first:%Y-%m}.csv",
    )
    return enter(SYSTEM, wanted)


def _charged(month: Period) -> tuple[Account | None, Charges]:
    """The account with the most jobs of this month that cost something, and what each cost at its most."""
    begins, ends = month.moments(ZoneInfo(settings.REPORT_TIME_ZONE))
    with acting_as(SYSTEM):
        rows = visible_to(SYSTEM).filter(
            provider="nanobanana", created_at__gte=begins, created_at__lt=ends, credits_thousandths__gt=0
        )
        by_account = rows.values("account").annotate(jobs=Count("pk")).order_by("-jobs", "account")
        if not (most := by_account.first()):
            return None, []
        account = Account.objects.select_related("team").get(pk=most["account"])
        jobs = rows.filter(account=account).order_by("created_at", "pk")
        said = jobs.values_list("external_id", "credits_most_thousandths")
        return account, [(name, cost) for name, cost in said if cost]
