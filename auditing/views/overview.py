"""`/`: what matters now, for this person; each number leads to its rows."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from auditing.budgets import open_notices
from auditing.overview import Day, Month, overview_of
from auditing.sync_health import last_runs
from auditing.views.pages import render_page, signed_in, zone_of
from auditing.views.totals import tells_totals

WIDTH, HEIGHT = 310, 60


@require_safe
@tells_totals
def overview(request: HttpRequest) -> HttpResponse:
    """The overview page."""
    person, now = signed_in(request), timezone.now()
    seen = overview_of(person, zone_of(request), now)
    months = seen.this_month, seen.last_month
    context = {
        "overview": seen,
        "chart": _chart(seen.days),
        "lines": _lines(*months),
        "month_days": _side_by_side(*months),
        "notices": open_notices(person, now),
        "runs": last_runs(person, 5, now),
    }
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


def _lines(*months: Month) -> list[str]:
    """For each month, what was spent up to each day, as the points of a line in one common scale."""
    most = max((sum_ for month in months for sum_ in month.running), default=0) or 1
    return [
        " ".join(
            f"{place * WIDTH // 30},{HEIGHT - sum_ * (HEIGHT - 4) // most - 2}"
            for place, sum_ in enumerate(month.running)
        )
        for month in months
    ]


def _side_by_side(this: Month, last: Month) -> list[dict[str, object]]:
    """The days of both months by their number; a shorter month ends earlier."""
    return [
        {
            "number": place + 1,
            "this": this.days[place] if place < len(this.days) else None,
            "last": last.days[place] if place < len(last.days) else None,
        }
        for place in range(max(len(this.days), len(last.days)))
    ]
