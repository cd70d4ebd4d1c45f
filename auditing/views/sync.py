"""`/sync/`: accounts' health, the runs under way and the last ones; as a page, or the part that changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import retarget

from auditing.access import managed_teams, refreshable_accounts, visible_accounts
from auditing.sync_health import (
    AccountHealth,
    RunSummary,
    accounts_of,
    last_runs,
    runs_under_way,
    turn_is_near,
    workers_running,
)
from auditing.views import addresses
from auditing.views.asking import QUICKLY, Refresh, asked_at_of, refresh_of_account, stage_of
from auditing.views.pages import render_page, signed_in, wants_part

TEMPLATE = "auditing/sync.html"
RUNS = 20


@dataclass(frozen=True, slots=True)
class Wished:
    """The account that a turn was asked for, by its label, and when."""

    label: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Live:
    """What changes while somebody looks: runs under way, a turn that is near, and the wish for one."""

    runs: Sequence[RunSummary]
    is_near: bool
    wished: Refresh | None

    @property
    def is_open(self) -> bool:
        """Whether there is anything to wait for."""
        wish = self.wished.wish if self.wished else None
        return bool(self.runs) or self.is_near or bool(wish and wish.is_open)

    @property
    def shown(self) -> str:
        """What the rest of the page rests on: where it differs, more than the progress is shown anew."""
        runs = "-".join(str(summary.run.pk) for summary in self.runs)
        return (
            f"{runs}.{'near' if self.is_near else ''}.{stage_of(self.wished.wish if self.wished else None)}"
        )

    @property
    def look(self) -> str:
        """The page that shows how it stands."""
        return self.wished.look if self.wished else addresses.of_sync()

    @property
    def poll(self) -> str:
        """The address that the part of the page is asked from: it says what is shown already."""
        return f"{self.look}{'&' if self.wished else '?'}shown={self.shown}"

    @property
    def every(self) -> int:
        """The seconds between two looks."""
        return self.wished.every if self.wished and not self.runs and not self.is_near else QUICKLY


@require_safe
def sync(request: HttpRequest) -> HttpResponse:
    """The sync page; with `?account=LABEL&asked=TIME` it shows what became of the wish for a turn."""
    now = timezone.now()
    wished = wished_of(request, now)
    if not wants_part(request):
        return render_page(request, TEMPLATE, _context(request, wished, now), now=now)
    accounts = visible_accounts(signed_in(request)).values_list("pk", flat=True)
    live = _live(request, wished, now, list(accounts))
    if live.shown != request.GET.get("shown"):
        return health_part(request, wished, now)
    if not live.runs:
        return HttpResponse(status=204)
    return render_page(request, f"{TEMPLATE}#live", {"live": live}, now=now)


def wished_of(request: HttpRequest, now: datetime) -> Wished | None:
    """The wish that the query string tells of."""
    asked_at = asked_at_of(request, now)
    return Wished(request.GET.get("account", ""), asked_at) if asked_at else None


def health_part(request: HttpRequest, wished: Wished | None, now: datetime) -> HttpResponse:
    """The whole page below its head, as a part."""
    part = render_page(request, f"{TEMPLATE}#health_answer", _context(request, wished, now), now=now)
    return retarget(part, "#health")


def _context(request: HttpRequest, wished: Wished | None, now: datetime) -> dict[str, Any]:
    person, expected = signed_in(request), timedelta(minutes=settings.SYNC_EXPECTED_EVERY)
    accounts = accounts_of(person, now, expected)
    live = _live(request, wished, now, [health.account.pk for health in accounts])
    return {
        "accounts": [(health, _button(health, live)) for health in accounts],
        "may_add": managed_teams(person).exists(),
        "live": live,
        "late": [health for health in accounts if health.late == "no_run"],
        "unanswered": [health for health in accounts if health.late == "no_answer"],
        "expected_milliseconds": expected // timedelta(milliseconds=1),
        "runs": [summary for summary in last_runs(person, RUNS, now) if not summary.is_alive],
        "most_runs": RUNS,
        "workers": workers_running() if accounts else None,
    }


def _button(health: AccountHealth, live: Live) -> Refresh | None:
    if not health.may_refresh:
        return None
    if live.wished and live.wished.account == health.account:
        return live.wished
    return refresh_of_account(health.account, None)


def _live(request: HttpRequest, wished: Wished | None, now: datetime, account_ids: Sequence[int]) -> Live:
    person = signed_in(request)
    account = refreshable_accounts(person).filter(label=wished.label).first() if wished else None
    refresh = refresh_of_account(account, wished.asked_at) if wished and account else None
    near = turn_is_near(account_ids)
    # The runs are read last: what left the queue before them is among them, or over.
    return Live(runs_under_way(person, now), near, refresh)
