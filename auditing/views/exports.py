"""`/exports/`: a person's own exports: how each stands, its manifest, and for a day the file that a worker
made."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import retarget

from auditing import trail
from auditing.access import Sight, sight_of
from auditing.exports import FORMATS, Totals
from auditing.exports.jobs import MOST_OPEN, stage_of
from auditing.exports.recording import State, exports_of, manifest_of, states_of, totals_of, wanted_by
from auditing.exports.shelf import is_there, pieces_of
from auditing.models import Export, ExportFile, User
from auditing.queue import Stage
from auditing.views import addresses
from auditing.views.asking import QUICKLY, SLOWLY
from auditing.views.pages import render_page, signed_in, wants_part

TEMPLATE = "auditing/exports.html"
ON_A_PAGE = 30
LIST_OF = {"generations": "generation_list", "trail": "audit"}


@dataclass(frozen=True, slots=True)
class ExportShown:
    """One export as the page shows it. `stage` is how far a worker is that makes its file; None for a file
    that was sent at once. `can_be_fetched`: the file is there."""

    export: Export
    label: str
    state: State
    stage: Stage | None
    file: ExportFile | None
    can_be_fetched: bool

    @property
    def totals(self) -> Totals | None:
        """What its rows come to."""
        return totals_of(self.export)

    @property
    def list_route(self) -> str:
        """The page whose rows are in it."""
        return LIST_OF[self.export.table]

    @property
    def is_open(self) -> bool:
        """Whether there is something to wait for."""
        return self.state is State.UNDER_WAY

    @property
    def every(self) -> int:
        """The seconds between two looks."""
        return SLOWLY if self.stage is Stage.NO_WORKER else QUICKLY

    @property
    def sent_at_once(self) -> str:
        """The query string that has the same file sent at once."""
        wanted = wanted_by(self.export)
        return "&".join(filter(None, (wanted.said_query, f"format={wanted.format}", "how=stream")))


@require_safe
def exports(request: HttpRequest) -> HttpResponse:
    """The list, newest first; `?before=NUMBER` goes on behind that one."""
    return render_page(request, TEMPLATE, _page(request, timezone.now()))


@require_safe
def export_standing(request: HttpRequest, number: int) -> HttpResponse:
    """How one stands, as a part of the list; all of the list when it is over. As a page: the list."""
    person, now = signed_in(request), timezone.now()
    export = _own(person, number)
    if not wants_part(request):
        return redirect(addresses.of_export(number))
    shown = _shown([export], person, now)[0]
    if shown.is_open:
        return render_page(request, f"{TEMPLATE}#standing", {"one": shown}, now=now)
    return retarget(render_page(request, f"{TEMPLATE}#list", _page(request, now), now=now), "#exports")


@require_safe
def export_manifest(request: HttpRequest, number: int) -> HttpResponse:
    """What is said beside its file, as a JSON file."""
    export = _own(signed_in(request), number)
    state = _shown([export], export.person, timezone.now())[0].state
    return HttpResponse(
        manifest_of(export, state).as_json(),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{export.name}.manifest.json"'},
    )


@require_safe
def export_file(request: HttpRequest, number: int) -> HttpResponseBase:
    """The archive that a worker made: to who had it made, until it expires, while they see all that is in
    it."""
    person, now = signed_in(request), timezone.now()
    export = _own(person, number)
    file: ExportFile | None = getattr(export, "file", None)
    if file is None or not is_there(file, sight_of(person), now):
        return render_page(request, "auditing/export_gone.html", {"export": export}, status=410)
    response = StreamingHttpResponse(pieces_of(file), content_type="application/zip")
    response.headers["Content-Length"] = str(file.size)
    response.headers["Content-Disposition"] = f'attachment; filename="{export.name}.zip"'
    if request.method != "HEAD":
        trail.export_fetched(person, f"{export.name}.zip", (*file.whole_teams, *file.own_teams))
    return response


def _own(person: User, number: int) -> Export:
    export = exports_of(person).select_related("person").filter(pk=number).first() if number < 2**63 else None
    if export is None:
        raise Http404
    return export


def _page(request: HttpRequest, now: datetime) -> dict[str, Any]:
    person, before = signed_in(request), request.GET.get("before", "")
    found = exports_of(person)
    if before.isascii() and before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    some = list(found[: ON_A_PAGE + 1])
    shown = _shown(some[:ON_A_PAGE], person, now)
    return {
        "shown": shown,
        "is_later_page": bool(before),
        "older": shown[-1].export.pk if len(some) > ON_A_PAGE else None,
        "most_open": MOST_OPEN if "full" in request.GET else None,
    }


def _shown(found: list[Export], person: User, now: datetime) -> list[ExportShown]:
    states, sight = states_of(found, now) if found else {}, sight_of(person)
    return [_one_shown(export, states[export.pk], sight, now) for export in found]


def _one_shown(export: Export, state: State, sight: Sight, now: datetime) -> ExportShown:
    file: ExportFile | None = getattr(export, "file", None)
    stage = stage_of(export) if file else None
    if stage is not None:
        state = _STATES.get(stage, State.UNDER_WAY)
    can_be_fetched = file is not None and is_there(file, sight, now)
    return ExportShown(export, FORMATS[export.format].label, state, stage, file, can_be_fetched)


_STATES = {Stage.DONE: State.WHOLE, Stage.DROPPED: State.BROKEN_OFF}
