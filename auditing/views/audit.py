"""`/audit/`: who did what here and what they were refused, for managers and site auditors."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from auditing.access import visible_trail
from auditing.models import Act
from auditing.trail_reading import TrailFilter
from auditing.views.pages import render_page, signed_in, zone_of

TEMPLATE = "auditing/audit.html"


@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """The trail's page; for who may not read it, a 403 that says who may."""
    entries = visible_trail(signed_in(request))
    if entries is None:
        return render_page(request, "auditing/audit_refused.html", {}, status=403)
    wanted = TrailFilter.from_query(request.GET, zone_of(request))
    faults = [wanted.errors[key] for key in ("older", "newer") if key in wanted.errors]
    context = {"filter": wanted, "page": wanted.page(entries), "acts": Act.choices, "faults": faults}
    return render_page(request, TEMPLATE, context, now=timezone.now())
