"""`/audit/`: who did what here and what they were refused, for managers and site auditors; or as a file."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from auditing.access import managed_teams, sees_everything, visible_teams, visible_trail
from auditing.exports import TRAIL
from auditing.exports.sources import Wanted
from auditing.filters import PAGE_SIZES
from auditing.filters.fields import EXCLUDED
from auditing.models import TrailEntry
from auditing.trail_reading import DONE, TrailFilter, TrailPage, choices_of
from auditing.views import addresses
from auditing.views.exporting import LABELS, FileAsked, send
from auditing.views.filter_form import DaysField, Line, Pick, days_field
from auditing.views.pages import render_page, signed_in, wants_part, zone_of

TEMPLATE = "auditing/audit.html"
PICKS = {"person": "Person", "act": "Act", "team": "Team"}
WITHOUT_A_FIELD = ("per_page", "older", "newer")


@dataclass(frozen=True, slots=True)
class TrailForm:
    """The form's fields."""

    picks: tuple[Pick, ...]
    done: DaysField


@require_safe
def audit(request: HttpRequest) -> HttpResponseBase:
    """The trail's page, or all of its entries as a file; for who may not read it, a 403 that says who may."""
    entries = visible_trail(signed_in(request))
    if entries is None:
        return render_page(request, "auditing/audit_refused.html", {}, status=403)
    wanted, asked = TrailFilter.from_query(request.GET, zone_of(request)), FileAsked.of(request, TRAIL)
    if asked.format and not wanted.errors:
        file = Wanted.trail(wanted, asked.key, asked.table)
        return send(request, file, wanted.ordered(entries), _teams(request, wanted))
    context = _context(wanted, wanted.page(entries), entries, asked.fault)
    if not wants_part(request):
        return render_page(request, TEMPLATE, context, now=timezone.now())
    part = render_page(request, f"{TEMPLATE}#answer", context, now=timezone.now())
    return push_url(part, addresses.of_trail_query(wanted.canonical()))


def _teams(request: HttpRequest, wanted: TrailFilter) -> list[int]:
    """The teams that are told of a file: those of its entries; for who sees everything, those that the filter
    names."""
    person, named = signed_in(request), [slug for slug in wanted.values["team"] if slug]
    everything = sees_everything(person)
    if everything and not named:
        return []
    teams = visible_teams(person) if everything else managed_teams(person)
    return list((teams.filter(slug__in=named) if named else teams).values_list("pk", flat=True))


def _context(
    wanted: TrailFilter, page: TrailPage, entries: QuerySet[TrailEntry], fault: str
) -> dict[str, Any]:
    faults = [fault, *(wanted.errors.get(key, "") for key in WITHOUT_A_FIELD)]
    return {
        "filter": wanted,
        "page": page,
        "form": _form(wanted, entries),
        "faults": [fault for fault in faults if fault],
        "sizes": [(size, wanted.with_(per_page=str(size))) for size in PAGE_SIZES],
        "formats": LABELS,
    }


def _form(wanted: TrailFilter, entries: QuerySet[TrailEntry]) -> TrailForm:
    choices = choices_of(wanted, entries)
    picks = (
        Pick(key, label, tuple(map(Line, choices[key])), _errors(wanted, key)) for key, label in PICKS.items()
    )
    return TrailForm(tuple(picks), days_field(DONE, "Done", wanted.values, wanted.errors))


def _errors(wanted: TrailFilter, key: str) -> str:
    errors = (wanted.errors.get(name, "") for name in (key, f"{key}{EXCLUDED}"))
    return " ".join(error for error in errors if error)
