"""`/help/`: what the words mean, what a number rests on, and the keys."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from auditing.records import Flag, Outcome, Status
from auditing.views.pages import render_page


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """The help page."""
    words = {"statuses": list(Status), "outcomes": list(Outcome), "flags": list(Flag)}
    context = {**words, "expected_milliseconds": settings.SYNC_EXPECTED_EVERY * 60_000}
    return render_page(request, "auditing/help.html", context)
