"""`/generations/correct/`: a manager corrects whom a record is attributed to, and its project."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from auditing.access import rights_on
from auditing.correcting import NotCorrected, correct
from auditing.models import Generation
from auditing.views import addresses
from auditing.views.correction_form import correction_form
from auditing.views.detail import TEMPLATE, detail_context, seen, seen_with_wish
from auditing.views.pages import render_page, signed_in, wants_part
from auditing.views.refusals import read_only_page, refuses


@require_http_methods(["GET", "POST"])
@refuses
def generation_correct(request: HttpRequest) -> HttpResponse:
    """POST sets `owner` (a user name, or empty) and `project` (a name, or empty); GET leads to the record."""
    asked = request.GET.get("provider", ""), request.GET.get("external_id", "")
    if request.method == "GET":
        return redirect(addresses.of_generation(*asked))
    generation = seen(request, *asked)[0]
    if not rights_on(signed_in(request), generation).correct:
        return read_only_page(request, "correction")
    typed = request.POST.get("owner", ""), request.POST.get("project", "")
    try:
        changed = correct(signed_in(request), generation.pk, *typed)
    except NotCorrected as refused:
        return _shown(request, generation, typed, refused)
    if not wants_part(request):
        return redirect(f"{addresses.of_generation(*asked, team=generation.team.slug)}#facts")
    said = "Corrected; the trail of people tells of it." if changed else "Nothing was changed."
    return _part(request, seen(request, *asked)[0], said)


def _part(request: HttpRequest, generation: Generation, said: str) -> HttpResponse:
    context = {"generation": generation, "correction_form": correction_form(generation), "said": said}
    return render_page(request, f"{TEMPLATE}#facts_answer", context)


def _shown(
    request: HttpRequest, generation: Generation, typed: tuple[str, str], refused: NotCorrected
) -> HttpResponse:
    """What was typed, and why it can't be, at its field: in the part, without HTMX on the record's page."""
    form = {"correction_form": correction_form(generation, typed, refused), "is_correcting": True}
    if wants_part(request):
        return render_page(request, f"{TEMPLATE}#facts_answer", {"generation": generation, **form})
    records, refresh = seen_with_wish(request, generation.provider, generation.external_id)
    return render_page(request, TEMPLATE, {**detail_context(request, records, refresh), **form})
