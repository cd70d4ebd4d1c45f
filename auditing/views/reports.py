"""`/reports/credits/` and `/reports/timing/`, as pages and as files; each number leads to its rows.

A page answers with its totals, and what takes longer follows as parts of it; a file waits for everything.
"""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from auditing import trail
from auditing.access import sees_everything, visible_teams
from auditing.models import User
from auditing.reports import (
    CREDITS,
    PERIOD_WORDS,
    TIMING,
    Asked,
    Dimension,
    Kind,
    credit_report,
    group_words,
    timing_report,
)
from auditing.reports.asked import CUSTOM
from auditing.reports.closed_months import notes_on
from auditing.reports.credit_report import MOST_LINES
from auditing.reports.freshness import freshness
from auditing.reports.sheets import Sheet, credit_sheet, timing_sheet
from auditing.reports.written import FORMATS
from auditing.views.completing import freshness_context, jobs_context, part_asked_for
from auditing.views.pages import kept_nowhere, render_page, signed_in
from auditing.views.totals import tells_totals

FILES = ("csv", "json", "xlsx")


@require_safe
@tells_totals
def credits_report(request: HttpRequest) -> HttpResponseBase:
    """The credit report's page, or the file that `format` asks for."""
    person, now, asked = signed_in(request), timezone.now(), _asked(request, CREDITS)
    if part := part_asked_for(request, asked):
        return part
    form = _wanted_file(request, asked)
    report = credit_report(person, asked, now, None if form else MOST_LINES)
    if form:
        fresh = freshness(person, asked, report.total.cell, report.zone)
        return _file(person, asked, form, credit_sheet(report, fresh, person.username))
    context = {
        **_context(request, asked, report),
        **freshness_context(request, asked, report.total.cell),
        "notes": notes_on(person, asked),
    }
    return render_page(request, "auditing/report_credits.html", context, now=now)


@require_safe
@tells_totals
def times_report(request: HttpRequest) -> HttpResponseBase:
    """The timing report's page, or the file that `format` asks for."""
    person, now, asked = signed_in(request), timezone.now(), _asked(request, TIMING)
    if part := part_asked_for(request, asked):
        return part
    form = _wanted_file(request, asked)
    report = timing_report(person, asked, now, None if form else MOST_LINES)
    if form:
        fresh = freshness(person, asked, report.cell, report.zone)
        return _file(person, asked, form, timing_sheet(report, fresh, person.username))
    context = {
        **_context(request, asked, report),
        **freshness_context(request, asked, report.cell),
        **jobs_context(request, asked),
    }
    return render_page(request, "auditing/report_timing.html", context, now=now)


def _asked(request: HttpRequest, kind: Kind) -> Asked:
    zone = ZoneInfo(settings.REPORT_TIME_ZONE)
    return Asked.from_query(request.GET, timezone.now().astimezone(zone).date(), zone, kind)


def _wanted_file(request: HttpRequest, asked: Asked) -> str:
    """The file that is asked for; empty for none, and where a bad value would make it another report."""
    form = request.GET.get("format", "")
    return form if form in FILES and not asked.errors else ""


def _file(person: User, asked: Asked, form: str, sheet: Sheet) -> HttpResponse:
    written = FORMATS[form](sheet)
    teams = () if sees_everything(person) else visible_teams(person).values_list("pk", flat=True)
    trail.exported(person, f"{asked.kind.name} report as {form}", asked.canonical(), teams)
    response = HttpResponse(written.content, content_type=written.media_type)
    name = f"{asked.kind.name}-{asked.period_key}.{written.ending}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return kept_nowhere(response)


def _context(request: HttpRequest, asked: Asked, report: object) -> dict[str, Any]:
    form = request.GET.get("format", "")
    wrong = f"There is no such format; there are {', '.join(FILES)}." if form and form not in FILES else ""
    return {"report": report, "form": form_of_report(asked), "file_fault": wrong}


def form_of_report(asked: Asked) -> dict[str, Any]:
    """What the form offers, and what is chosen; the filter goes along as hidden fields."""
    periods = [(key, words, key == asked.period_key) for key, words in PERIOD_WORDS.items()]
    if asked.period_key not in PERIOD_WORDS:
        periods.insert(0, (asked.period_key, asked.period_words(), True))
    chosen: list[Dimension | None] = [*asked.group_by, None, None][:2]
    return {
        "periods": periods,
        "is_custom": asked.period_key == CUSTOM,
        "groups": [
            [(one.value, group_words(one).capitalize(), one is wanted) for one in asked.kind.groups]
            for wanted in (chosen if asked.kind.groups else ())
        ],
        "has_documented": asked.kind is CREDITS,
        "carried": asked.filter.pairs(),
        "chips": [(chip.words, asked.without(chip.key, chip.value)) for chip in asked.filter.chips()],
    }
