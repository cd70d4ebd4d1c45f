"""`/sync/`: accounts' health and the last runs."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from auditing.sync_health import accounts_of, last_runs
from auditing.views.pages import render_page, signed_in

RUNS = 20


@require_safe
def sync(request: HttpRequest) -> HttpResponse:
    """The sync page."""
    person, now = signed_in(request), timezone.now()
    context = {"accounts": accounts_of(person, now), "runs": last_runs(person, RUNS), "most_runs": RUNS}
    return render_page(request, "auditing/sync.html", context, now=now)
