"""`/generations/download/`: asks the provider for a link to a finished video, and shows it once."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods

from auditing.access import acting_as
from auditing.downloads import download_link, open_client
from auditing.providers.declaration import Download, DownloadRefused
from auditing.views import addresses
from auditing.views.detail import TEMPLATE, detail_context, download_address, seen, seen_with_wish
from auditing.views.pages import render_page, signed_in, wants_part
from auditing.views.refusals import refuses


@require_http_methods(["GET", "POST"])
@refuses
def generation_download(request: HttpRequest) -> HttpResponse:
    """POST asks for the link and shows it, for an hour or so; GET leads to the record's page."""
    provider, external_id = request.GET.get("provider", ""), request.GET.get("external_id", "")
    if request.method == "GET":
        return redirect(addresses.of_generation(provider, external_id))
    person = signed_in(request)
    with acting_as(person):
        generation = seen(request, provider, external_id)[0]
    with open_client() as client:
        answer = download_link(person, generation, client, timezone.now)
    return _answered(request, provider, external_id, _shown(answer))


def _answered(request: HttpRequest, provider: str, external_id: str, shown: dict[str, Any]) -> HttpResponse:
    with acting_as(signed_in(request)):
        records, refresh = seen_with_wish(request, provider, external_id)
        if wants_part(request):
            context = {"generation": records[0], "download_address": download_address(records[0]), **shown}
            response = render_page(request, f"{TEMPLATE}#download", context)
        else:
            response = render_page(request, TEMPLATE, {**detail_context(records, refresh), **shown})
    response.headers["Cache-Control"] = "no-store"
    return response


def _shown(answer: Download | DownloadRefused) -> dict[str, Any]:
    if isinstance(answer, DownloadRefused):
        return {"download_refused": answer}
    return {"download": answer, "download_expires_at": parse_datetime(answer.expires_at)}


generation_download.acts_itself = True  # type: ignore[attr-defined]  # no transaction while the provider answers
