"""`/generations/`: the list, filtered by its query string; as a page, or as the part of it that changed."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import push_url, retarget

from auditing.access import chances_of, may_add_ids, visible_to
from auditing.filters import PAGE_SIZES, GenerationFilter, Page, available_sorts
from auditing.preferences import Layout, layout_of
from auditing.reports import report_on
from auditing.saved_views import pinned_shelf
from auditing.views import addresses
from auditing.views.counting import (
    counts_address,
    form_for,
    narrowed_by_form,
    values_address,
    values_part,
    wants_values,
)
from auditing.views.exporting import LABELS, export_of, format_fault
from auditing.views.pages import preference_of, render_page, signed_in, wants_part, zone_of
from auditing.views.table import table_of
from auditing.views.watching import watch_of

TEMPLATE = "auditing/generation_list.html"
WITHOUT_A_FIELD = ("sort", "per_page", "after", "before")


@require_safe
def generation_list(request: HttpRequest) -> HttpResponseBase:
    """The generations that the query string asks for; as a file when it names a format. Without a query
    string it leads to the view that the person's list begins with, if there is one."""
    person, preference = signed_in(request), preference_of(request)
    if not request.GET and not wants_part(request) and (view := pinned_shelf(person, preference).opened):
        return redirect(addresses.of_view(view.query))
    visible, layout = visible_to(person), layout_of(preference)
    blank = addresses.EVERYTHING if preference and preference.default_view else ""
    wanted = GenerationFilter.from_query(request.GET, zone_of(request), layout.per_page, blank=blank)
    if file := export_of(request, wanted, visible):
        return file
    if wants_values(request):
        return values_part(request, wanted, visible)
    page = wanted.page(visible, layout.needs)
    context = _context(request, page, layout)
    if wants_part(request) and not _form_changes(request, page.filter):
        return _part(request, "results", context)
    context["form"] = form_for(request, page.filter, visible)
    if wants_part(request):
        return retarget(_part(request, "browse", context), "#browse")
    context["may_add"] = may_add_ids(person)
    return render_page(request, TEMPLATE, context, now=timezone.now())


def _context(request: HttpRequest, page: Page, layout: Layout) -> dict[str, Any]:
    """What the results show; the form needs `form` beside it."""
    wanted, sorts = page.filter, available_sorts(page.filter, page.count)
    faults = [format_fault(request), *(wanted.errors.get(key, "") for key in WITHOUT_A_FIELD)]
    return {
        "filter": wanted,
        "page": page,
        "faults": [fault for fault in faults if fault],
        "sorts": sorts,
        "table": table_of(layout, sorts),
        "sizes": PAGE_SIZES,
        "formats": LABELS,
        "report": report_on(wanted),
        "watch": watch_of(page),
        "chances": chances_of(signed_in(request)),
        "counts_address": counts_address(wanted),
        "values_address": values_address(wanted),
        "recount": narrowed_by_form(request),
        "listed": replace(wanted, blank="").with_(per_page=None),
    }


def _form_changes(request: HttpRequest, wanted: GenerationFilter) -> bool:
    """Whether the form has to be shown anew, too: a chip was removed, or a field has a message."""
    target: str | None = request.htmx.target  # type: ignore[attr-defined]
    return target == "browse" or bool(wanted.errors)


def _part(request: HttpRequest, part: str, context: dict[str, Any]) -> HttpResponse:
    """The part, with the address of the page that it makes."""
    address = addresses.of_list(context["filter"].canonical())
    return push_url(render_page(request, f"{TEMPLATE}#{part}_answer", context), address)
