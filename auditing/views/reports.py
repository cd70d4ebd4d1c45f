"""`/reports/credits/`: what jobs cost, as a page and as a file; each number leads to its rows."""

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
from auditing.reports import PERIOD_WORDS, Asked, CreditReport, Dimension, credit_report, group_words
from auditing.reports.asked import CUSTOM, GROUPS
from auditing.reports.credit_report import MOST_LINES
from auditing.reports.written import FORMATS
from auditing.views.pages import kept_nowhere, render_page, signed_in

FILES = ("csv", "json", "xlsx")


@require_safe
def credits_report(request: HttpRequest) -> HttpResponseBase:
    """The credit report's page, or the file that `format` asks for."""
    person, now = signed_in(request), timezone.now()
    zone = ZoneInfo(settings.REPORT_TIME_ZONE)
    asked = Asked.from_query(request.GET, now.astimezone(zone).date(), zone)
    report = credit_report(person, asked, now)
    form = request.GET.get("format", "")
    if form in FILES and not asked.errors:
        return _file(person, report, form)
    wrong = f"There is no such format; there are {', '.join(FILES)}." if form and form not in FILES else ""
    context = {"report": report, "form": _form(asked), "file_fault": wrong, "most_lines": MOST_LINES}
    return render_page(request, "auditing/report_credits.html", context, now=now)


def _file(person: User, report: CreditReport, form: str) -> HttpResponse:
    written = FORMATS[form](report, person.username)
    teams = () if sees_everything(person) else visible_teams(person).values_list("pk", flat=True)
    trail.exported(person, f"credit report as {form}", report.asked.canonical(), teams)
    response = HttpResponse(written.content, content_type=written.media_type)
    name = f"credits-{report.asked.period_key}.{written.ending}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return kept_nowhere(response)


def _form(asked: Asked) -> dict[str, Any]:
    """What the form offers, and what is chosen; the filter goes along as hidden fields."""
    periods = [(key, words, key == asked.period_key) for key, words in PERIOD_WORDS.items()]
    if asked.period_key not in PERIOD_WORDS:
        periods.insert(0, (asked.period_key, asked.period_words(), True))
    chosen: list[Dimension | None] = [*asked.group_by, None, None][:2]
    return {
        "periods": periods,
        "is_custom": asked.period_key == CUSTOM,
        "groups": [
            [(one.value, group_words(one).capitalize(), one is wanted) for one in GROUPS] for wanted in chosen
        ],
        "carried": asked.filter.pairs(),
        "chips": [(chip.words, asked.without(chip.key, chip.value)) for chip in asked.filter.chips()],
    }
