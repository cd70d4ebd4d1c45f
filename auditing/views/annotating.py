"""`/generations/notes/` and `/generations/tags/`: write a note on a record, put on a tag or take it off."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from auditing.access import Rights, rights_on
from auditing.annotating import NotWritten, add_note, add_tag, remove_tag
from auditing.models import Generation
from auditing.views import addresses
from auditing.views.annotations import Refused, annotations_of
from auditing.views.detail import TEMPLATE, detail_context, seen, seen_with_wish
from auditing.views.pages import render_page, signed_in, wants_part
from auditing.views.refusals import read_only_page, refuses


@require_http_methods(["GET", "POST"])
@refuses
def generation_notes(request: HttpRequest) -> HttpResponse:
    """POST writes the note `text` on a record; GET leads to the record's page."""
    if request.method == "GET":
        return redirect(addresses.of_generation(*_asked(request)))
    generation, rights = _with_rights(request)
    if not rights.note:
        return read_only_page(request, "note")
    text = request.POST.get("text", "")
    try:
        add_note(signed_in(request), (generation.pk,), text)
    except NotWritten as refused:
        return _shown(request, generation, note=Refused(text, str(refused)))
    return _shown(request, generation, said="Your note is kept.")


@require_http_methods(["GET", "POST"])
@refuses
def generation_tags(request: HttpRequest) -> HttpResponse:
    """POST puts the tag `add` on a record, or takes `remove` off; GET leads to the record's page."""
    if request.method == "GET":
        return redirect(addresses.of_generation(*_asked(request)))
    generation, rights = _with_rights(request)
    if not rights.tag:
        return read_only_page(request, "tag")
    name = request.POST.get("remove") or request.POST.get("add", "")
    try:
        if "remove" in request.POST:
            remove_tag(signed_in(request), generation.pk, name)
            return _shown(request, generation, said=f"The tag {name} is off.")
        add_tag(signed_in(request), (generation.pk,), name)
    except NotWritten as refused:
        return _shown(request, generation, tag=Refused(name, str(refused)))
    return _shown(request, generation, said=f"The tag {name} is on.")


def _asked(request: HttpRequest) -> tuple[str, str]:
    return request.GET.get("provider", ""), request.GET.get("external_id", "")


def _with_rights(request: HttpRequest) -> tuple[Generation, Rights]:
    generation = seen(request, *_asked(request))[0]
    return generation, rights_on(signed_in(request), generation)


def _shown(
    request: HttpRequest,
    generation: Generation,
    *,
    said: str = "",
    note: Refused | None = None,
    tag: Refused | None = None,
) -> HttpResponse:
    """The part with notes and tags; without HTMX the record's page, with what was refused at its field."""
    annotations = annotations_of(generation, rights_on(signed_in(request), generation), note, tag)
    if wants_part(request):
        context = {"generation": generation, "said": said, **annotations}
        return render_page(request, f"{TEMPLATE}#notes_answer", context)
    if not (note or tag):
        asked = generation.provider, generation.external_id
        return redirect(f"{addresses.of_generation(*asked, team=generation.team.slug)}#notes")
    records, refresh = seen_with_wish(request, generation.provider, generation.external_id)
    return render_page(request, TEMPLATE, {**detail_context(request, records, refresh), **annotations})
