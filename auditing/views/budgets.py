"""`/budgets/`: how the budgets that a person may see stand; set by managers; notices are put away."""

from collections.abc import Callable

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from auditing.access import budgets_to_change, managed_teams, visible_budgets
from auditing.budgets import (
    NotSet,
    add_budget,
    change_budget,
    dismiss,
    end_budget,
    month_name,
    month_now,
    months_offered,
    open_notices,
    standings,
    subject_of,
    subjects_of,
    term_in,
)
from auditing.mailing import is_subscribed, unsent_to
from auditing.models import Budget, Team, User
from auditing.views.budget_forms import BudgetForm, EndForm, TermForm, as_typed
from auditing.views.pages import render_page, signed_in
from auditing.views.refusals import read_only_page
from auditing.views.totals import tells_totals

FORM = "auditing/budget_form.html"


@require_safe
@tells_totals
def budgets(request: HttpRequest) -> HttpResponseBase:
    """The page: each budget's month, its twelve last ones, and what this person is told by e-mail."""
    person, now = signed_in(request), timezone.now()
    context = {
        "standings": standings(person, now),
        "changeable": set(budgets_to_change(person).values_list("pk", flat=True)),
        "manages": managed_teams(person).exists(),
        "notices": open_notices(person, now),
        "month": month_name(month_now(now)),
        "report_zone": settings.REPORT_TIME_ZONE,
        "subscribed": is_subscribed(person),
        "unsent": unsent_to(person),
    }
    return render_page(request, "auditing/budgets.html", context, now=now)


@require_http_methods(["GET", "HEAD", "POST"])
def budget_add(request: HttpRequest) -> HttpResponse:
    """The form of a new budget in the team that `team` names; without one, the teams to choose from."""
    person, teams = signed_in(request), list(managed_teams(signed_in(request)))
    if not teams:
        return read_only_page(request, "budget")
    team = _team(request, teams)
    if team is None:
        return render_page(request, FORM, {"teams": teams})
    subjects, month = subjects_of(team), month_now(timezone.now())
    data = request.POST if request.method == "POST" else None
    form = BudgetForm(
        subjects, months_offered(month, is_new=True), data, initial={"from_month": f"{month:%Y-%m}"}
    )
    if form.is_valid() and _kept(form, lambda: add_budget(person, form.subject(), form.wanted(), month)):
        return redirect("budgets")
    return render_page(request, FORM, {"form": form, "team": team})


@require_http_methods(["GET", "HEAD", "POST"])
def budget_change(request: HttpRequest) -> HttpResponse:
    """The form of another amount from a month on; POST changes it, or ends it (`act`)."""
    person, month = signed_in(request), month_now(timezone.now())
    budget = _budget(request, person)
    if not budgets_to_change(person).filter(pk=budget.pk).exists():
        return read_only_page(request, "budget")
    months = months_offered(month, is_new=False)
    ending = EndForm(months, request.POST) if request.POST.get("act") == "end" else EndForm(months)
    data = request.POST if request.method == "POST" and not ending.is_bound else None
    form = TermForm(months, data, initial=as_typed(term_in(budget, month)))
    if form.is_valid() and _kept(form, lambda: change_budget(person, budget, form.wanted(), month)):
        return redirect("budgets")
    if ending.is_valid() and _kept(ending, lambda: end_budget(person, budget, ending.month(), month)):
        return redirect("budgets")
    context = {"form": form, "budget": budget, "subject": subject_of(budget), "ending": ending}
    return render_page(request, FORM, context)


@require_http_methods(["GET", "POST"])
def budget_notice(request: HttpRequest) -> HttpResponse:
    """POST puts a notice away for this person; both lead to the budgets, or back to the overview."""
    if request.method == "POST" and not dismiss(signed_in(request), _number(request.POST.get("notice", ""))):
        raise Http404
    return redirect("overview" if request.POST.get("back") == "overview" else "budgets")


def _kept(form: forms.Form, act: Callable[[], object]) -> bool:
    """Whether the act was done; where it can't be, its reason is said at the field."""
    try:
        act()
    except NotSet as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False
    return True


def _team(request: HttpRequest, teams: list[Team]) -> Team | None:
    """The managed team that is named; the only one needs no name."""
    named = [team for team in teams if team.slug == request.GET.get("team", "")]
    if named or len(teams) > 1:
        return named[0] if named else None
    return teams[0]


def _budget(request: HttpRequest, person: User) -> Budget:
    """A budget that this person sees, or 404."""
    rows = visible_budgets(person).select_related("team", "owner", "account").prefetch_related("terms")
    budget = rows.filter(pk=_number(request.GET.get("budget", ""))).first()
    if budget is None:
        raise Http404
    return budget


def _number(text: str) -> int:
    """A row's number; 0, which no row has, for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
