"""`/generations/<provider>/<external_id>/`: one record, and how what is known of it came to be known."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import retarget

from auditing import trail
from auditing.access import Person, records_of_id, rights_on, visible_trail
from auditing.models import Act, Generation
from auditing.sync_health import Stage
from auditing.timeline import picture_of
from auditing.timing import timing_of
from auditing.trail_reading import viewers_of
from auditing.views import addresses
from auditing.views.annotations import annotations_of
from auditing.views.asking import Refresh, asked_at_of, refresh_of_record, stage_of
from auditing.views.correction_form import correction_form
from auditing.views.linking import download_address, link_of
from auditing.views.neighbouring import list_of
from auditing.views.observations import observations_of
from auditing.views.pages import kept_nowhere, render_page, signed_in, wants_part
from auditing.views.previewing import preview_of
from auditing.views.refund_card import refund_card
from auditing.views.refusals import refuses

TEMPLATE = "auditing/generation_detail.html"
RELATED = ("account", "owner", "project", "lookup__account", "refund")


@require_safe
@refuses
def generation_detail(request: HttpRequest, provider: str, external_id: str) -> HttpResponse:
    """A record's page; with `?team=slug` that team's record, where the person may see several.

    With `?list=QUERY` it leads back to that list, and to the records before and after this one in it. With
    `?asked=TIME` it shows what became of the wish to look it up, which the page asks for as a part; with
    `?link=NUMBER` what became of the wish for a download link.
    """
    records, refresh = seen_with_wish(request, provider, external_id)
    is_part, is_panel = wants_part(request), request.headers.get("HX-Target") == "panel"
    if is_part and not is_panel:
        return _refresh_part(request, records, refresh)
    trail.viewed(signed_in(request), records[0])
    if is_part:
        return render_page(request, f"{TEMPLATE}#panel_answer", detail_context(request, records, refresh))
    link = link_of(request, records[0])
    beside = {"download": link, "list": list_of(request, records[0])}
    page = render_page(request, TEMPLATE, {**detail_context(request, records, refresh), **beside})
    return kept_nowhere(page) if link else page


def _refresh_part(request: HttpRequest, records: list[Generation], refresh: Refresh | None) -> HttpResponse:
    """Nothing (204) while what is shown still holds; the whole record once it was looked up."""
    stage = stage_of(refresh.wish if refresh else None)
    if stage == Stage.DONE:
        trail.viewed(signed_in(request), records[0])
        context = {**detail_context(request, records, refresh), "keeps_typed": True}
        page = render_page(request, f"{TEMPLATE}#record_answer", context)
        return retarget(page, "#record")
    if stage and stage == request.GET.get("shown"):
        return HttpResponse(status=204)
    return render_page(request, f"{TEMPLATE}#refresh_answer", {"generation": records[0], "refresh": refresh})


def seen_with_wish(
    request: HttpRequest, provider: str, external_id: str
) -> tuple[list[Generation], Refresh | None]:
    """The records that the person may see, and "Refresh now" for the first. Raises access.Refused."""
    asked_at = asked_at_of(request, timezone.now())
    records = seen(request, provider, external_id)
    refresh = refresh_of_record(request, records[0], asked_at)
    if refresh and stage_of(refresh.wish) == Stage.DROPPED:
        # Its task may have ended after the record was read: as it is now, it was looked up, or never will be.
        records = seen(request, provider, external_id)
        refresh = refresh_of_record(request, records[0], asked_at)
    return records, refresh


def seen(request: HttpRequest, provider: str, external_id: str) -> list[Generation]:
    """The records of this id that the person may see, the one to show first. Raises access.Refused."""
    person: Person = signed_in(request)
    records = records_of_id(person, provider, external_id, RELATED)
    team = request.GET.get("team")
    return sorted(records, key=lambda record: record.team.slug != team)


def detail_context(
    request: HttpRequest, records: list[Generation], refresh: Refresh | None
) -> dict[str, Any]:
    """What the page of the first record shows; the others are linked to. `refresh` is its button, if any."""
    generation = records[0]
    person, timing = signed_in(request), timing_of(generation)
    rights = rights_on(person, generation)
    return {
        **annotations_of(generation, rights),
        "correction_form": correction_form(generation) if rights.correct else None,
        "refund": refund_card(generation, rights),
        **observations_of(generation),
        "generation": generation,
        "refresh": refresh,
        "others": records[1:],
        "timing": timing,
        "picture": picture_of(generation, timing),
        "preview": preview_of(generation, timezone.now()),
        "viewers": viewers_of(visible_trail(person), generation),
        "viewers_trail": addresses.of_trail(
            q=f"{generation.provider}/{generation.external_id}", act=Act.VIEWED
        ),
        "download_address": download_address(generation),
    }
