"""`/generations/<provider>/<external_id>/`: one record, and how what is known of it came to be known."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from auditing.access import Person, records_of_id
from auditing.changes import Change, changes
from auditing.downloads import may_be_asked_for
from auditing.models import Generation, Observation
from auditing.timing import timing_of
from auditing.views import addresses
from auditing.views.pages import render_page, signed_in
from auditing.views.refusals import refuses

TEMPLATE = "auditing/generation_detail.html"
RELATED = ("account", "owner", "project")
OBSERVATIONS = 50


@require_safe
@refuses
def generation_detail(request: HttpRequest, provider: str, external_id: str) -> HttpResponse:
    """A record's page; with `?team=slug` that team's record, where the person may see several."""
    records = seen(request, provider, external_id)
    return render_page(request, TEMPLATE, detail_context(records))


def seen(request: HttpRequest, provider: str, external_id: str) -> list[Generation]:
    """The records of this id that the person may see, the one to show first. Raises access.Refused."""
    person: Person = signed_in(request)
    records = records_of_id(person, provider, external_id, RELATED)
    team = request.GET.get("team")
    return sorted(records, key=lambda record: record.team.slug != team)


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation beside what changed since the one before.

    `changes` is None where there is nothing to compare: it `is_first`, or a payload was erased.
    """

    observation: Observation
    is_first: bool
    changes: tuple[Change, ...] | None


def detail_context(records: list[Generation]) -> dict[str, Any]:
    """What the page of the first record shows; the others are linked to."""
    generation = records[0]
    observations = history_of(generation)
    return {
        "generation": generation,
        "others": records[1:],
        "timing": timing_of(generation),
        "observations": observations[:OBSERVATIONS],
        "more_observations": len(observations) > OBSERVATIONS,
        "notes": list(generation.notes.select_related("author").order_by("-written_at", "-pk")),
        "taggings": list(generation.taggings.select_related("tag").order_by("tag__name")),
        "download_address": download_address(generation),
    }


def download_address(generation: Generation) -> str:
    """Where a link to the video is asked for; empty where there is none to get."""
    if not may_be_asked_for(generation):
        return ""
    return addresses.of_download(generation.provider, generation.external_id, generation.team.slug)


def history_of(generation: Generation) -> list[Seen]:
    """The newest observations, newest first, each compared with the one before it; one more than is shown."""
    rows = list(
        generation.observations.select_related("account").order_by("-observed_at", "-pk")[: OBSERVATIONS + 1]
    )
    return [_compared(row, before) for row, before in zip(rows, [*rows[1:], None], strict=False)]


def _compared(row: Observation, before: Observation | None) -> Seen:
    if before is None or before.payload is None or row.payload is None:
        return Seen(row, before is None, None)
    return Seen(row, is_first=False, changes=changes(before.payload, row.payload))
