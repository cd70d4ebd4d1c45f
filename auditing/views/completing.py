"""What a report's page asks for after its totals, since only the rows know it, which takes longer: how fresh
the totals are, and which jobs are remarkable.

Each part has the page's own address with one more key. Without scripts a link leads there, and the page then
has everything.
"""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from auditing.reports import Asked, Cell
from auditing.reports.asked import COMPLETE
from auditing.reports.extremes import extremes
from auditing.reports.freshness import freshness, freshness_of, unresolved
from auditing.views.pages import render_page, signed_in, wants_part

FRESHNESS, JOBS = "freshness", "jobs"


def part_asked_for(request: HttpRequest, asked: Asked) -> HttpResponse | None:
    """The part that a page asks for which has the totals already; None where the page is wanted."""
    part = request.GET.get(COMPLETE, "") if wants_part(request) else ""
    if part == FRESHNESS:
        fresh = freshness_of(signed_in(request), asked, _zone())
        return render_page(request, "auditing/_freshness.html", {"fresh": fresh})
    if part == JOBS:
        return render_page(request, "auditing/_extremes.html", jobs_context(request, asked))
    return None


def freshness_context(request: HttpRequest, asked: Asked, total: Cell) -> dict[str, Any]:
    """What the page says of its total at once; and where the rest is to be had, unless it was asked for."""
    if COMPLETE in request.GET:
        return {"fresh": freshness(signed_in(request), asked, total, _zone())}
    return {"fresh": unresolved(asked, total, _zone()), "fresh_later": _address(asked, FRESHNESS)}


def jobs_context(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """The remarkable jobs of the timing report, or where they are to be had."""
    if COMPLETE in request.GET:
        return {"extremes": extremes(signed_in(request), asked, _zone())}
    return {"jobs_later": _address(asked, JOBS)}


def _address(asked: Asked, part: str) -> str:
    """This report with the part, below its own path."""
    query = asked.canonical()
    return f"?{query}&{COMPLETE}={part}" if query else f"?{COMPLETE}={part}"


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.REPORT_TIME_ZONE)
