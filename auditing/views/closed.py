"""`/reports/closed/`: the months of one's teams, and each month's permanent page, where it is closed."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from auditing import trail
from auditing.access import managed_teams, may_close, visible_closed_months, visible_teams
from auditing.closing import NotClosed, close, is_over, month_named
from auditing.models import ClosedMonth, Team, User
from auditing.reports import group_words
from auditing.reports.adjustments import adjustments_of
from auditing.reports.closed_months import months_of, usual_year, years_of
from auditing.reports.closed_report import (
    CLOSED,
    ClosedReport,
    closed_asked,
    closed_report,
    today,
    undated_jobs,
)
from auditing.reports.closed_sheets import adjustments_sheet, closed_sheet
from auditing.reports.credit_report import MOST_LINES
from auditing.reports.naming import list_query
from auditing.reports.periods import UNDATED
from auditing.reports.written import FORMATS
from auditing.views.pages import kept_nowhere, render_page, signed_in
from auditing.views.refusals import read_only_page
from auditing.views.totals import tells_totals

FILES = ("csv", "xlsx", "json")


@require_safe
@tells_totals
def closed_months(request: HttpRequest) -> HttpResponse:
    """The months of one year, closed and open, of each team."""
    person, now = signed_in(request), timezone.now()
    years = years_of(person, now)
    wanted = request.GET.get("year", "")
    year = next((one for one in years if str(one) == wanted), usual_year(now))
    teams = months_of(person, year, now)
    closable = set(managed_teams(person).values_list("pk", flat=True))
    context = {"teams": teams, "years": years, "year": year, "closable": closable}
    return render_page(request, "auditing/closed_months.html", context, now=now)


@require_http_methods(["GET", "HEAD", "POST"])
@tells_totals
def closed_month(request: HttpRequest, slug: str, named: str) -> HttpResponse:
    """The report of a closed month, or the file that `format` asks for; of an open one, what closing it would
    freeze. POST closes it, once."""
    person, month = signed_in(request), month_named(named)
    if month is None:
        raise Http404
    team = get_object_or_404(visible_teams(person), slug=slug)
    if request.method == "POST":
        return _close(request, team, month)
    rows = visible_closed_months(person).select_related("team", "closed_by")
    closed = rows.filter(team=team, month=month).first()
    return _open(request, team, month) if closed is None else _closed(request, closed)


def _closed(request: HttpRequest, closed: ClosedMonth) -> HttpResponse:
    person = signed_in(request)
    report = closed_report(person, closed, request.GET, timezone.now())
    form = request.GET.get("format", "")
    if form in FILES and not report.asked.errors:
        return _file(person, report, form, _wants_adjustments(request))
    return render_page(request, "auditing/closed_month.html", _context(request, report), now=report.as_of)


def _close(request: HttpRequest, team: Team, month: date) -> HttpResponse:
    """To the closed month, also where it was closed already: a button that is pressed twice closes once."""
    person = signed_in(request)
    if not may_close(person, team):
        return read_only_page(request, "closing")
    try:
        close(team, month, person)
    except NotClosed as refused:
        return _open(request, team, month, str(refused))
    return redirect("closed_month", team.slug, f"{month:%Y-%m}")


def _open(request: HttpRequest, team: Team, month: date, refused: str = "") -> HttpResponse:
    """What closing this month would freeze, as of now."""
    person, now, zone = signed_in(request), timezone.now(), ZoneInfo(settings.REPORT_TIME_ZONE)
    asked = closed_asked(request.GET, team, month, zone)
    context = {
        "team": team,
        "month": month,
        "zone_of_reports": zone.key,
        "figures": today(person, team, month),
        "query": list_query(asked.filter, asked.period, (), zone),
        "undated": undated_jobs(person, team),
        "undated_query": list_query(asked.filter, UNDATED, (), zone),
        "is_over": is_over(month, now),
        "may_close": may_close(person, team),
        "refused": refused,
    }
    return render_page(request, "auditing/closed_open.html", context, now=now, status=409 if refused else 200)


def _wants_adjustments(request: HttpRequest) -> bool:
    return request.GET.get("of") == "adjustments"


def _file(person: User, report: ClosedReport, form: str, is_of_adjustments: bool) -> HttpResponse:
    closed = report.closed
    name, what = f"closed-{closed.team.slug}-{closed.month:%Y-%m}", "closed month"
    if is_of_adjustments:
        name, what = f"{name}-adjustments", "adjustments of a closed month"
        told = adjustments_of(person, closed, documented=report.asked.documented)
        sheet = adjustments_sheet(report, told, person.username)
    else:
        sheet = closed_sheet(report, person.username)
    written = FORMATS[form](sheet)
    trail.exported(person, f"{what} as {form}", report.asked.canonical(), [closed.team_id])
    response = HttpResponse(written.content, content_type=written.media_type)
    file = f"{name}.{written.ending}"
    response.headers["Content-Disposition"] = content_disposition_header(True, file) or "attachment"
    return kept_nowhere(response)


def _context(request: HttpRequest, report: ClosedReport) -> dict[str, Any]:
    form = request.GET.get("format", "")
    wrong = f"There is no such format; there are {', '.join(FILES)}." if form and form not in FILES else ""
    chosen = [*report.asked.group_by, None, None][:2]
    groups = [
        [(one.value, group_words(one).capitalize(), one is wanted) for one in CLOSED.groups]
        for wanted in chosen
    ]
    carried = [pair for pair in report.asked.pairs() if pair[0] in ("group", "documented")]
    return {
        "report": report,
        "groups": groups,
        "carried": "".join(f"{key}={value}&" for key, value in carried),
        "file_fault": wrong,
        "most_lines": MOST_LINES,
    }
