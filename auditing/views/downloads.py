"""`/generations/download/`: has a worker ask for a link to a finished video, and shows it to who asked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from auditing import trail
from auditing.downloads import ask_for_link
from auditing.models import Generation
from auditing.providers.declaration import DownloadRefused
from auditing.views import addresses
from auditing.views.detail import TEMPLATE, detail_context, seen, seen_with_wish
from auditing.views.linking import LinkShown, download_address, link_of, shown
from auditing.views.pages import kept_nowhere, render_page, signed_in, wants_part
from auditing.views.refusals import refuses


@require_http_methods(["GET", "POST"])
@refuses
def generation_download(request: HttpRequest) -> HttpResponse:
    """POST asks for a link; GET gives the part of the page that says how far it is, or leads to the page."""
    provider, external_id = request.GET.get("provider", ""), request.GET.get("external_id", "")
    if request.method == "POST":
        return _asked(request, provider, external_id)
    if not wants_part(request):
        return redirect(addresses.of_generation(provider, external_id))
    generation = seen(request, provider, external_id)[0]
    link = link_of(request, generation)
    if link and link.wish.shown == request.GET.get("shown"):
        return HttpResponse(status=204)
    return _part(request, generation, link)


def _asked(request: HttpRequest, provider: str, external_id: str) -> HttpResponse:
    generation = seen(request, provider, external_id)[0]
    trail.download_asked(signed_in(request), generation)
    answer = ask_for_link(signed_in(request), generation, timezone.now())
    refused = answer if isinstance(answer, DownloadRefused) else None
    link = None if isinstance(answer, DownloadRefused) else shown(generation, answer)
    if wants_part(request):
        return _part(request, generation, link, refused)
    if link:
        return redirect(link.look)
    records, refresh = seen_with_wish(request, provider, external_id)
    context = {**detail_context(request, records, refresh), "download_refused": refused}
    return kept_nowhere(render_page(request, TEMPLATE, context))


def _part(
    request: HttpRequest,
    generation: Generation,
    link: LinkShown | None,
    refused: DownloadRefused | None = None,
) -> HttpResponse:
    context = {
        "generation": generation,
        "download_address": download_address(generation),
        "download": link,
        "download_refused": refused,
    }
    return kept_nowhere(render_page(request, f"{TEMPLATE}#download", context))
