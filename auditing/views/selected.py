"""`/generations/selected/`: does something with the rows chosen in a list; asks first where it is much."""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from auditing import trail
from auditing.annotating import NotWritten
from auditing.exports import FORMATS
from auditing.exports.sources import Wanted
from auditing.filters import read_rows
from auditing.models import Act
from auditing.trail import Change, Of
from auditing.views import addresses
from auditing.views.choosing import MOST_AT_ONCE, Chosen, chosen_in
from auditing.views.doing import DEEDS, Deed, Done, counted
from auditing.views.exporting import sent
from auditing.views.pages import render_page, signed_in, wants_part
from auditing.views.watching import Watch

TEMPLATE = "auditing/selected.html"


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked before a deed is done: to how many rows, and for what has to be typed."""

    deed: Deed
    chosen: Chosen
    allowed: int
    typed: str = ""
    error: str = ""
    has_grown: bool = False

    @property
    def not_allowed(self) -> int:
        """To how many it is not done, since the person may not."""
        return self.chosen.number.number - self.allowed


@require_http_methods(["GET", "POST"])
def generation_selected(request: HttpRequest) -> HttpResponseBase:
    """POST with `action` (a deed's key) or `format` (a file of the rows); GET leads to the list."""
    if request.method == "GET":
        return redirect(addresses.of_list(""))
    chosen = chosen_in(request)
    if chosen.fault:
        return _back(request, chosen, Done(chosen.fault))
    if request.POST.get("format", "") in FORMATS:
        return _file(request, chosen, request.POST["format"])
    deed = DEEDS.get(request.POST.get("action", ""))
    if deed is None:
        return _back(request, chosen, Done("There is nothing of that kind to do."))
    return _deed(request, chosen, deed)


def _file(request: HttpRequest, chosen: Chosen, key: str) -> HttpResponseBase:
    """The rows as a file, told of before its first byte; all that match are the list's own export."""
    if chosen.is_every:
        query = chosen.listed.with_()
        return redirect(addresses.of_list(f"{query}&format={key}" if query else f"format={key}"))
    records = [Of(*parts) for parts in chosen.rows.values_list("team_id", "provider", "external_id")]
    trail.records_changed(Act.EXPORTED, signed_in(request), records, Change(key))
    wanted = Wanted.generations(chosen.listed, key)
    said = f"{len(records)} chosen of: {wanted.words}"
    return sent(signed_in(request), replace(wanted, words=said), chosen.sorted_rows())


def _deed(request: HttpRequest, chosen: Chosen, deed: Deed) -> HttpResponse:
    """Do it, or show the step before: where something has to be typed, or much is to be done."""
    person, typed = signed_in(request), deed.typed(request.POST)
    if chosen.is_too_many:
        return _step(request, Step(deed, chosen, 0))
    rows = deed.may(person).filter(pk__in=chosen.ids())
    allowed = rows.count()
    confirmed = request.POST.get("confirmed", "")
    needs_step = chosen.is_every or deed.field
    has_grown = bool(confirmed) and not _covers(confirmed, allowed)
    if not allowed or has_grown or (needs_step and not confirmed):
        return _step(request, Step(deed, chosen, allowed, typed, has_grown=has_grown))
    try:
        deed.check(typed)
    except NotWritten as refused:
        return _step(request, Step(deed, chosen, allowed, typed, str(refused)))
    done = deed.do(person, rows, typed)
    return _back(request, chosen, done, left_out=chosen.number.number - allowed)


def _covers(confirmed: str, allowed: int) -> bool:
    """Whether so many were confirmed; what is no number confirms none."""
    return confirmed.isascii() and confirmed.isdecimal() and int(confirmed[:9]) >= allowed


def _step(request: HttpRequest, step: Step) -> HttpResponse:
    context = {
        "step": step,
        "most": MOST_AT_ONCE,
        "back": addresses.of_list(step.chosen.listed.canonical()),
        "watching": request.POST.get("watch", ""),
    }
    return render_page(request, f"{TEMPLATE}#step" if wants_part(request) else TEMPLATE, context)


def _back(request: HttpRequest, chosen: Chosen, done: Done, left_out: int = 0) -> HttpResponse:
    """What came of it: said in the list, which a part leaves as it is, but for what it waits for now."""
    said = [done.said]
    if left_out:
        said.append(f"You may not do this to {counted(left_out)}: left as before.")
    if chosen.gone:
        said.append(f"{counted(chosen.gone).capitalize()} you chose are not to be seen any more.")
    words = " ".join(part for part in said if part)
    if not wants_part(request):
        messages.info(request, words)
        return redirect(addresses.of_list(chosen.listed.canonical()))
    context: dict[str, Any] = {"said": words, "is_oob": True}
    if done.wished and done.asked_at:
        watch = Watch.from_query(QueryDict(request.POST.get("watch", "")), chosen.listed)
        on_screen = chosen.rows.filter(pk__in=chosen.on_screen.intersection(done.wished))
        context["watch"] = watch.also(read_rows(on_screen.values_list("pk")), done.asked_at)
    answer = render_page(request, f"{TEMPLATE}#done", context)
    return trigger_client_event(answer, "selection:none") if not chosen.fault else answer
