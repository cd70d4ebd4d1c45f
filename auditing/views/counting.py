"""The counts beside the filter form's values: asked for after the list, so that it never waits for them."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from auditing.filters import GenerationFilter
from auditing.models import Generation
from auditing.views import addresses
from auditing.views.filter_form import Form, form_of
from auditing.views.pages import render_page, wants_part

COUNTED = "counts"
FORM = "filters"


def wants_counts(request: HttpRequest) -> bool:
    """Whether only the counts are asked for, by a page that has everything else."""
    return wants_part(request) and COUNTED in request.GET


def counts_part(
    request: HttpRequest, wanted: GenerationFilter, visible: QuerySet[Generation]
) -> HttpResponse:
    """The form's values with their counts."""
    return render_page(request, "auditing/_filters.html#picks", {"form": form_for(request, wanted, visible)})


def form_for(request: HttpRequest, wanted: GenerationFilter, visible: QuerySet[Generation]) -> Form:
    """The form, with counts where the address asks for them."""
    choices = wanted.choices(visible)
    return form_of(wanted, choices, wanted.facets(visible, choices) if COUNTED in request.GET else None)


def counts_address(wanted: GenerationFilter) -> str:
    """The list's own address, with counts: of all its pages and orders the same."""
    query = wanted.with_(sort=None, per_page=None)
    return addresses.of_list(f"{query}&{COUNTED}=1" if query else f"{COUNTED}=1")


def narrowed_by_form(request: HttpRequest) -> bool:
    """Whether this part was asked for by a change of the form, and not by a link to another page or order."""
    return bool(request.htmx) and request.htmx.trigger == FORM  # type: ignore[attr-defined]
