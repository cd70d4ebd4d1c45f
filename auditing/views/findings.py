"""`/findings/`: what was paid for nothing, what became of claims, what looks odd; and the claim to send."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from auditing import trail
from auditing.access import sees_everything, visible_teams, visible_to
from auditing.findings import (
    Choice,
    Stands,
    chosen_ids,
    claim_csv,
    claim_text,
    findings_of,
    in_order,
    rows_of,
)
from auditing.models import User
from auditing.reports import FINDINGS, Asked
from auditing.views.pages import kept_nowhere, render_page, signed_in
from auditing.views.refund_table import Marking, refund_table
from auditing.views.reports import form_of_report

CLAIMS = {
    "txt": (claim_text, "text/plain; charset=utf-8"),
    "csv": (claim_csv, "text/csv; charset=utf-8; header=present"),
}
LETTERS = (Stands.OPEN, Stands.CLAIMED)


@require_safe
def findings(request: HttpRequest) -> HttpResponseBase:
    """The page, or the claim as the file that `format` asks for."""
    asked, choice = asked_of(request, timezone.now())
    form = request.GET.get("format", "")
    if form in offered(choice) and not (asked.errors or choice.errors):
        return _claim(signed_in(request), asked, choice, form)
    return findings_page(request)


def findings_page(request: HttpRequest, marking: Marking | None = None) -> HttpResponse:
    """The page; `marking` is what came with its form and could not be done, to be put right there."""
    person, now = signed_in(request), timezone.now()
    asked, choice = asked_of(request, now)
    found, form = findings_of(person, asked, choice, now), request.GET.get("format", "")
    files = offered(choice)
    wrong = f"There is no such format; there are {', '.join(files)}." if form and form not in files else ""
    context = {
        "report": found,
        "form": form_of_report(asked),
        "file_fault": wrong,
        "refunds": refund_table(person, asked.canonical(), found.refunds, marking),
        "choice": choice,
        "files": [(key, choice.query(asked.canonical(), page=1)) for key in files],
    }
    return render_page(request, "auditing/findings.html", context, now=now)


def asked_of(request: HttpRequest, now: datetime) -> tuple[Asked, Choice]:
    """What the address asks for: which rows, and which of their refunds."""
    zone = report_zone()
    return Asked.from_query(request.GET, today(now), zone, FINDINGS), Choice.from_query(request.GET)


def report_zone() -> ZoneInfo:
    """The zone that days of reports are cut by."""
    return ZoneInfo(settings.REPORT_TIME_ZONE)


def today(now: datetime) -> date:
    """The day of the report zone."""
    return now.astimezone(report_zone()).date()


def offered(choice: Choice) -> tuple[str, ...]:
    """The files of what is chosen: a letter only where there is something to claim, or was claimed."""
    return tuple(key for key in CLAIMS if key != "txt" or choice.stands in LETTERS)


def _claim(person: User, asked: Asked, choice: Choice, form: str) -> HttpResponse:
    """All that is chosen, oldest first, in one file."""
    write, media_type = CLAIMS[form]
    rows = rows_of(visible_to(person), asked, report_zone())
    ids = chosen_ids(rows, choice, today(timezone.now()), report_zone())
    text = write(in_order(rows, ids), choice.stands)
    teams = () if sees_everything(person) else visible_teams(person).values_list("pk", flat=True)
    trail.exported(person, f"claim as {form}", choice.query(asked.canonical(), page=1), teams)
    response = HttpResponse(text, content_type=media_type)
    name = f"claim-{asked.period_key}-{choice.stands}.{form}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return kept_nowhere(response)
