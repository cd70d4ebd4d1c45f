"""The filter form's values and the counts beside them: asked for after the list, so that it never waits for
them; first the values, when somebody is about to choose, and then how many rows each of them has."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from auditing.filters import GenerationFilter, with_counted
from auditing.models import Generation
from auditing.views import addresses
from auditing.views.filter_form import Form, form_of
from auditing.views.pages import render_page, wants_part

LISTED, COUNTED = "values", "counts"
FORM = "filters"


def wants_values(request: HttpRequest) -> bool:
    """Whether only the form's values are asked for, by a page that has everything else."""
    return wants_part(request) and (LISTED in request.GET or COUNTED in request.GET)


def values_part(
    request: HttpRequest, wanted: GenerationFilter, visible: QuerySet[Generation]
) -> HttpResponse:
    """The form's values, with their counts where the address asks for them, else with their address."""
    context = {"form": form_for(request, wanted, visible), "counts_address": counts_address(wanted)}
    return render_page(request, "auditing/_filters.html#values", context)


def form_for(request: HttpRequest, wanted: GenerationFilter, visible: QuerySet[Generation]) -> Form:
    """The form, with the values and their counts where the address asks for them."""
    if COUNTED not in request.GET and not wants_values(request):
        return form_of(wanted)
    choices = wanted.choices(visible)
    if COUNTED not in request.GET:
        return form_of(wanted, choices)
    facets = wanted.facets(visible, choices)
    return form_of(wanted, with_counted(choices, facets), facets)


def values_address(wanted: GenerationFilter) -> str:
    """The list's own address, with the form's values: of all its pages and orders the same."""
    return _address(wanted, LISTED)


def counts_address(wanted: GenerationFilter) -> str:
    """The same, with the values and their counts."""
    return _address(wanted, COUNTED)


def _address(wanted: GenerationFilter, key: str) -> str:
    query = wanted.with_(sort=None, per_page=None)
    return addresses.of_list(f"{query}&{key}=1" if query else f"{key}=1")


def narrowed_by_form(request: HttpRequest) -> bool:
    """Whether this part was asked for by a change of the form, and not by a link to another page or order."""
    return bool(request.htmx) and request.htmx.trigger == FORM  # type: ignore[attr-defined]
