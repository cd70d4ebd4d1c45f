"""`/generations/live/`: what a list on a screen asks by itself: what became of its rows, and what is new."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from auditing.access import visible_to
from auditing.filters import GenerationFilter, arrived_before, read_rows
from auditing.preferences import layout_of
from auditing.views import addresses
from auditing.views.generations import TEMPLATE
from auditing.views.pages import preference_of, render_page, signed_in, wants_part, zone_of
from auditing.views.table import table_of
from auditing.views.watching import Watch, seen_of


@require_safe
def generation_live(request: HttpRequest) -> HttpResponse:
    """Rows that were looked up since, and how many new ones match; nothing (204) where all is as it was.

    Rows are replaced where they stand, whether or not they still match; new ones are only told of. Who asks
    for it as a page gets the list.
    """
    person = signed_in(request)
    layout = layout_of(preference_of(request))
    wanted = GenerationFilter.from_query(request.GET, zone_of(request), layout.per_page)
    if not wants_part(request):
        return redirect(addresses.of_list(wanted.canonical()))
    visible, watch = visible_to(person), Watch.from_query(request.GET, wanted)
    ids = visible.filter(pk__in=watch.rows).values_list("pk")
    rows = read_rows(ids, needs=layout.needs) if watch.rows else []
    changed = [row for row in rows if seen_of(row) != watch.rows[row.pk]]
    arrived = arrived_before(watch.beginning, wanted, visible) if watch.beginning else None
    left = watch.left(rows, str(arrived or 0))
    if left == watch:
        return HttpResponse(status=204)
    context = {
        "filter": wanted,
        "table": table_of(layout),
        "changed": changed,
        "arrived": None if left.told == watch.told else arrived,  # what was said is not said again
        "watch": left,
        "is_oob": True,
    }
    return render_page(request, f"{TEMPLATE}#live_answer", context)
