"""`/generations/payload/`: a provider's answer as a file, just as the database holds it."""

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from auditing import trail
from auditing.models import Act
from auditing.trail import Change
from auditing.views.detail import seen
from auditing.views.observations import payload_text
from auditing.views.pages import signed_in
from auditing.views.refusals import refuses


@require_safe
@refuses
def generation_payload(request: HttpRequest) -> HttpResponse:
    """The last good answer of a record; with `&observation=NUMBER` that one. 404 where it was erased."""
    provider, external_id = request.GET.get("provider", ""), request.GET.get("external_id", "")
    generation = seen(request, provider, external_id)[0]
    number = request.GET.get("observation")
    text = payload_text(signed_in(request), generation, number)
    if text is None:
        raise Http404
    told = (Change("observation", None, number),) if number else ()
    trail.record_changed(Act.PAYLOAD_TAKEN, signed_in(request), generation, *told)
    name = "-".join(filter(None, (provider, re.sub(r"[^A-Za-z0-9._-]+", "_", external_id)[:100], number)))
    return HttpResponse(
        text.encode(),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.json"'},
    )
