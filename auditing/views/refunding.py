"""`/findings/refunds/` and `/generations/refund/`: a manager marks how refunds stand, many or one."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from auditing.access import managed_teams, rights_on, visible_to
from auditing.findings import chosen_ids, rows_of
from auditing.models import RefundState
from auditing.refunding import Marked, NotMarked, mark
from auditing.views import addresses
from auditing.views.detail import TEMPLATE, detail_context, seen, seen_with_wish
from auditing.views.findings import asked_of, findings_page, report_zone, today
from auditing.views.pages import render_page, signed_in
from auditing.views.refund_card import refund_card
from auditing.views.refund_table import Marking
from auditing.views.refund_words import marked_words
from auditing.views.refusals import read_only_page, refuses


@require_http_methods(["GET", "POST"])
def findings_mark(request: HttpRequest) -> HttpResponse:
    """POST marks the rows that were chosen on the page of findings as `state`; GET leads there."""
    query = request.GET.urlencode()
    if request.method == "GET":
        return redirect(addresses.of_findings(query))
    if not managed_teams(signed_in(request)).exists():
        return read_only_page(request, "refund")
    sent = _with_every(request, Marking.from_form(request.POST))
    if sent.errors:
        return findings_page(request, sent)
    done = _marked(request, sent)
    if done.errors or done.left or done.empty:
        return findings_page(request, done)
    messages.info(request, done.done)
    return redirect(addresses.of_findings(query))


def _with_every(request: HttpRequest, sent: Marking) -> Marking:
    """What was chosen: where all were meant, all that are there now, if they are no more than was said."""
    if sent.state is None:
        return replace(sent, errors={"state": "Choose what to mark them as."})
    if sent.every is None:
        return sent if sent.seen else replace(sent, errors={"row": "Choose rows first."})
    asked, choice = asked_of(request, timezone.now())
    rows = rows_of(visible_to(signed_in(request)), asked, report_zone())
    if asked.errors or choice.errors:
        return replace(sent, errors={"row": "The filter has a bad value: nothing was marked."})
    ids = chosen_ids(rows, choice, today(timezone.now()), report_zone())
    if len(ids) > sent.every:
        return replace(sent, errors={"row": "There are more of them by now: nothing was marked yet."})
    versions = rows.filter(pk__in=ids).values_list("pk", "refund__version")
    found = {pk: version or 0 for pk, version in versions}
    return replace(sent, seen=found, errors={} if found else {"row": "There is nothing to mark any more."})


def _marked(request: HttpRequest, sent: Marking) -> Marking:
    """Mark them; what was left, and what was typed, stays in the form."""
    state = sent.state or RefundState.OPEN
    try:
        marked: Marked = mark(signed_in(request), sent.seen, state, sent.note)
    except NotMarked as refused:
        return replace(sent, errors={refused.field: str(refused)})
    return replace(
        sent,
        seen={row.pk: 0 for row in (*marked.overtaken, *marked.empty)},
        every=None,
        left=tuple(marked.overtaken),
        empty=tuple(marked.empty),
        done=marked_words(marked, state, len(sent.seen)),
    )


@require_http_methods(["GET", "POST"])
@refuses
def generation_refund(request: HttpRequest) -> HttpResponse:
    """POST marks the refund of one record as `state`; GET leads to the record's page."""
    asked = request.GET.get("provider", ""), request.GET.get("external_id", "")
    if request.method == "GET":
        return redirect(addresses.of_generation(*asked))
    generation = seen(request, *asked)[0]
    if not rights_on(signed_in(request), generation).claim:
        return read_only_page(request, "refund")
    sent = Marking.from_form(request.POST)
    version = sent.seen.get(generation.pk)
    if version is None or sent.state is None:
        done = replace(sent, errors={"state": "Choose what to mark it as."})
    else:
        done = _marked(request, replace(sent, seen={generation.pk: version}))
    if done.errors or done.left or done.empty:
        return _refused(request, asked, done)
    messages.info(request, done.done)
    return redirect(addresses.of_generation(*asked, team=generation.team.slug))


def _refused(request: HttpRequest, asked: tuple[str, str], sent: Marking) -> HttpResponse:
    """The record's page as it stands now, with what was typed and why it was not done at the form."""
    records, refresh = seen_with_wish(request, *asked)
    rights = rights_on(signed_in(request), records[0])
    context = {**detail_context(request, records, refresh), "refund": refund_card(records[0], rights, sent)}
    return render_page(request, TEMPLATE, context)
