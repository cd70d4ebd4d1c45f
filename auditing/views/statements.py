"""`/reports/statements/`: what providers say that they charged, against ours; managers enter statements."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from auditing.access import accounts_to_reconcile, acting_as, visible_statements
from auditing.filters.fields import UNKNOWN, to_text
from auditing.models import Statement, User
from auditing.statements import Figure, Totals, totals_of
from auditing.views.pages import kept_nowhere, render_page, signed_in
from auditing.views.refusals import read_only_page
from auditing.views.statement_form import StatementForm
from auditing.views.totals import tells_totals

ON_A_PAGE = 25


@dataclass(frozen=True, slots=True)
class StatementShown:
    """A statement beside what ours come to in its account and period."""

    statement: Statement
    totals: Totals

    @property
    def state(self) -> str:
        """The one thing to know about it (`words.STATEMENT_LOOKS`)."""
        if self.statement.withdrawn_at:
            return "withdrawn"
        if self.totals.difference:
            return "differs"
        return "unknown" if self.totals.unknown or self.statement.lines_unknown else "agrees"

    @property
    def jobs_query(self) -> str:
        """The list's query string for our jobs of the account and period."""
        of = self.statement
        days = {"created_from": of.first, "created_to": of.last, "zone": settings.REPORT_TIME_ZONE}
        return urlencode({"account": to_text(of.account.label), **days})

    @property
    def unknown_query(self) -> str:
        """The same for those without a figure."""
        return f"{self.jobs_query}&{urlencode({'credits_basis': UNKNOWN})}"


@require_http_methods(["GET", "HEAD", "POST"])
@tells_totals
def statements(request: HttpRequest) -> HttpResponse:
    """The statements, newest first, and the form for another; POST keeps it and leads to it."""
    person = signed_in(request)
    with acting_as(person):
        found, form = visible_statements(person), form_for(request, person)
    if found is None:
        raise Http404
    if request.method == "POST" and form is None:
        return read_only_page(request, "statement")
    entered = form.entered(person) if form and form.is_bound else None
    if entered:
        return redirect("statement", entered.pk)
    with acting_as(person):
        page = {"form": form, **_page(request, person, found)}
        return kept_nowhere(render_page(request, "auditing/statements.html", page))


statements.acts_itself = True  # type: ignore[attr-defined]  # no transaction while a file comes in


def form_for(request: HttpRequest, person: User) -> StatementForm | None:
    """The form with the accounts whose statements this person enters; None for who only reads."""
    accounts = list(accounts_to_reconcile(person).select_related("team"))
    return StatementForm(request, accounts, today()) if accounts else None


def today() -> date:
    """The report zone's day."""
    return timezone.now().astimezone(ZoneInfo(settings.REPORT_TIME_ZONE)).date()


def _page(request: HttpRequest, person: User, found: QuerySet[Statement]) -> dict[str, Any]:
    asked, figure = request.GET.get("before", ""), figure_of(request)
    before = int(asked) if asked.isdecimal() and len(asked) < 19 else None
    rows = found if before is None else found.filter(pk__lt=before)
    page = list(rows.select_related("account", "team").order_by("-pk")[: ON_A_PAGE + 1])
    shown = page[:ON_A_PAGE]
    totals = totals_of(person, shown, figure)
    return {
        "shown": [StatementShown(one, sums) for one, sums in zip(shown, totals, strict=True)],
        "older": shown[-1].pk if len(page) > ON_A_PAGE else None,
        "is_later_page": before is not None,
        "figure": figure,
        "report_zone": settings.REPORT_TIME_ZONE,
    }


def figure_of(request: HttpRequest) -> Figure:
    """Which of our figures counts: net, unless the query string says gross."""
    return Figure.GROSS if request.GET.get("figure") == Figure.GROSS else Figure.NET
