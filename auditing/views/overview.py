"""`/`: what matters now, for this person; each number leads to its rows."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from auditing.overview import Day, overview_of
from auditing.sync_health import last_runs
from auditing.views.pages import render_page, signed_in, zone_of


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The overview page."""
    person, now = signed_in(request), timezone.now()
    seen = overview_of(person, zone_of(request), now)
    context = {"overview": seen, "chart": _chart(seen.days), "runs": last_runs(person, 5, now)}
    return render_page(request, "auditing/overview.html", context, now=now)


def _chart(days: tuple[Day, ...]) -> dict[str, object]:
    """The days' table as the chart draws it: labels, and one series a status."""
    names = {"completed": "Completed", "failed": "Failed", "under_way": "Under way", "unknown": "Unknown"}
    series = [
        {"key": key, "label": label, "values": [getattr(day, key) for day in days]}
        for key, label in names.items()
    ]
    addresses = [f"{reverse('generation_list')}?{day.query}" for day in days]
    return {"labels": [day.day.isoformat() for day in days], "series": series, "addresses": addresses}
