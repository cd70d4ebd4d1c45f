"""`/reports/statements/<number>/`: one statement against our jobs, as a page and as files; and what managers
do with it: withdraw it, or register the ids that it has and we have not."""

import tempfile
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from auditing import trail
from auditing.access import accounts_to_reconcile, acting_as, visible_statements
from auditing.intake import Format
from auditing.intake.uploads import Given, take_in
from auditing.models import Statement, User
from auditing.statements import (
    WORDS,
    Figure,
    Kind,
    Reconciliation,
    Totals,
    page_of,
    pairs_of,
    reconciled,
    totals_of,
    withdraw,
)
from auditing.statements.written import CSV_TYPE, MOST_IN_XLSX, XLSX_TYPE, FileWanted, csv_of, xlsx_of
from auditing.views.pages import kept_nowhere, render_page, signed_in
from auditing.views.refusals import read_only_page
from auditing.views.statements import StatementShown, figure_of
from auditing.views.totals import tells_totals

TEMPLATE = "auditing/statement.html"
FILES = ("csv", "xlsx")
IN_MEMORY = 1024 * 1024


@require_safe
@tells_totals
def statement(request: HttpRequest, number: int) -> HttpResponseBase:
    """The statement's page, or the file that `format` asks for: of the ids of `class`, or of all."""
    person = signed_in(request)
    found, figure = _statement(person, number), figure_of(request)
    result = reconciled(found, figure) if found.lines else None
    form = request.GET.get("format", "")
    fault = _file_fault(form, result, _kind(request)) if form else ""
    if form and not fault:
        return _file(request, found, figure, form)
    totals = result.totals if result else totals_of(person, [found], figure)[0]
    context = {"fault": fault, **_context(request, found, totals, result)}
    return kept_nowhere(render_page(request, TEMPLATE, context))


@require_POST
def statement_withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take the statement back; it stays to be read."""
    person = signed_in(request)
    found = _statement(person, number)
    if not _manages(person, found):
        return read_only_page(request, "statement")
    withdraw(person, found, timezone.now())
    return redirect("statement", number)


@require_POST
def statement_register(request: HttpRequest, number: int) -> HttpResponse:
    """Register the ids that are on the statement and not here; it leads to the report of the intake."""
    person = signed_in(request)
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as ids:
        with acting_as(person):
            found = _statement(person, number)
            if not _manages(person, found):
                return read_only_page(request, "statement")
            for pair in pairs_of(found, Figure.NET, Kind.MISSING_HERE):
                ids.write(f"{pair.external_id}\n".encode())
        ids.seek(0)
        name = f"missing here, statement {number}"
        given = Given(
            stream=cast(BinaryIO, ids), name=name, form=Format.TEXT, account=found.account, owner=None
        )
        upload = take_in(person, given, timezone.now())
    return redirect(f"{reverse('intake')}?report={upload.pk}")


statement_register.acts_itself = True  # type: ignore[attr-defined]  # a batch a transaction


def _statement(person: User, number: int) -> Statement:
    """The statement, of those this person reads; Http404 for any other."""
    rows = visible_statements(person)
    if rows is None:
        raise Http404
    return get_object_or_404(rows.select_related("account", "team", "person", "withdrawn_by"), pk=number)


def _manages(person: User, found: Statement) -> bool:
    return accounts_to_reconcile(person).filter(pk=found.account_id).exists()


def _kind(request: HttpRequest) -> Kind | None:
    asked = request.GET.get("class", "")
    return Kind(asked) if asked in list(Kind) else None


def _file_fault(form: str, result: Reconciliation | None, kind: Kind | None) -> str:
    """What is wrong with the file asked for; empty where it can be had."""
    if form not in FILES:
        return f"There is no such format; there are {', '.join(FILES)}."
    if result is None:
        return "A statement without lines has no rows to write."
    ids = sum(one.ids for one in result.kinds if kind in (None, one.kind))
    if form == "xlsx" and ids > MOST_IN_XLSX:
        return (
            f"XLSX holds up to {MOST_IN_XLSX:,} ids here, and these are {ids:,}: take one class, or the CSV."
        )
    return ""


def _file(request: HttpRequest, found: Statement, figure: Figure, form: str) -> HttpResponseBase:
    person, kind = signed_in(request), _kind(request)
    wanted = FileWanted(
        statement=found, figure=figure, kind=kind, asked_by=person.username, as_of=timezone.now()
    )
    response: HttpResponse | StreamingHttpResponse
    if request.method == "HEAD":
        response = HttpResponse()
    else:
        asked = f"figure={figure.value}" + (f"&class={kind.value}" if kind else "")
        trail.exported(person, f"statement {found.pk} as {form}", asked, [found.team_id])
        response = StreamingHttpResponse(csv_of(wanted)) if form == "csv" else HttpResponse(xlsx_of(wanted))
    response.headers["Content-Type"] = CSV_TYPE if form == "csv" else XLSX_TYPE
    name = f"statement-{found.pk}{f'-{kind.value}' if kind else ''}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _context(
    request: HttpRequest, found: Statement, totals: Totals, result: Reconciliation | None
) -> dict[str, Any]:
    person, figure = signed_in(request), figure_of(request)
    context = {
        "shown": StatementShown(found, totals),
        "statement": found,
        "totals": totals,
        "figure": figure.value,
        "other_figure": (Figure.GROSS if figure is Figure.NET else Figure.NET).value,
        "may_change": _manages(person, found) and not found.withdrawn_at,
        "report_zone": settings.REPORT_TIME_ZONE,
    }
    return {**context, **_of_lines(request, result, figure)} if result else context


def _of_lines(request: HttpRequest, result: Reconciliation, figure: Figure) -> dict[str, Any]:
    """The classes, and the ids of the one that is asked for, else of the first that has any."""
    kind = _kind(request) or next((one.kind for one in result.kinds if one.ids), Kind.MATCHED)
    after = request.GET.get("after", "").replace("\0", "")
    return {
        "result": result,
        "classes": [(sums, *WORDS[sums.kind]) for sums in result.kinds],
        "chosen": result.of(kind),
        "chosen_words": WORDS[kind],
        "page": page_of(result.statement, figure, kind, after),
        "is_later_page": bool(after),
        "missing_here": result.of(Kind.MISSING_HERE).ids,
    }
