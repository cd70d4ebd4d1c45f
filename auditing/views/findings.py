"""`/findings/`: what was paid for and gave nothing, or looks odd; and the text to claim it back with."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from auditing import trail
from auditing.access import sees_everything, visible_teams, visible_to
from auditing.findings import claim_csv, claim_text, findings_of
from auditing.findings.looking import MOST_ROWS, charged_rows, rows_of
from auditing.models import User
from auditing.reports import FINDINGS, Asked
from auditing.views.pages import kept_nowhere, render_page, signed_in
from auditing.views.reports import form_of_report

MOST_CLAIMED = 10_000
CLAIMS = {
    "csv": (claim_csv, "text/csv; charset=utf-8; header=present"),
    "txt": (claim_text, "text/plain; charset=utf-8"),
}


@require_safe
def findings(request: HttpRequest) -> HttpResponseBase:
    """The page, or the claim as the file that `format` asks for."""
    person, now, zone = signed_in(request), timezone.now(), ZoneInfo(settings.REPORT_TIME_ZONE)
    asked = Asked.from_query(request.GET, now.astimezone(zone).date(), zone, FINDINGS)
    form = request.GET.get("format", "")
    if form in CLAIMS and not asked.errors:
        return _claim(person, asked, zone, form)
    wrong = f"There is no such format; there are {', '.join(CLAIMS)}." if form and form not in CLAIMS else ""
    found = findings_of(person, asked, now)
    context = {"report": found, "form": form_of_report(asked), "file_fault": wrong, "most_rows": MOST_ROWS}
    return render_page(request, "auditing/findings.html", context, now=now)


def _claim(person: User, asked: Asked, zone: ZoneInfo, form: str) -> HttpResponse:
    """All jobs to claim of what is asked for, oldest first, in one file."""
    write, media_type = CLAIMS[form]
    rows = charged_rows(rows_of(visible_to(person), asked, zone)).select_related("account", "lookup")
    text = write(list(rows.defer("payload").order_by("created_at", "pk")[:MOST_CLAIMED]))
    teams = () if sees_everything(person) else visible_teams(person).values_list("pk", flat=True)
    trail.exported(person, f"claim as {form}", asked.canonical(), teams)
    response = HttpResponse(text, content_type=media_type)
    name = f"claim-{asked.period_key}.{form}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return kept_nowhere(response)
