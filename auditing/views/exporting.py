"""The list as a file: `?format=csv` beside the list's own query string, `&columns=title,credits_used` if
only these are wanted. A large one is made by a worker; `&how=stream` and `&how=job` say which is wanted
whatever its size."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from auditing import trail
from auditing.access import sees_everything, visible_teams
from auditing.exports import FORMATS, GENERATIONS, Format, Table, UnknownColumns
from auditing.exports.jobs import TooMany, ask_for_file
from auditing.exports.recording import begin, recorded
from auditing.exports.sources import Wanted
from auditing.filters import GenerationFilter
from auditing.filters.paging import has_more_than
from auditing.models import Generation, User
from auditing.views import addresses
from auditing.views.pages import signed_in

LABELS = tuple((key, FORMATS[key].label) for key in ("csv", "ndjson", "xlsx"))
STREAM, JOB = "stream", "job"
WAYS = (STREAM, JOB)


@dataclass(frozen=True, slots=True)
class FileAsked:
    """The file that a query string asks for, if any (no `format`: none): in which columns, and `how` it is
    to be made, empty where its size decides. `fault` says what is wrong."""

    key: str
    format: Format | None
    table: Table
    how: str = ""
    fault: str = ""

    @classmethod
    def of(cls, request: HttpRequest, table: Table) -> "FileAsked":
        """What this request asks for of this table."""
        key, how = request.GET.get("format", ""), request.GET.get("how", "")
        if "format" in request.GET and key not in FORMATS:
            return cls("", None, table, fault=f"There is no such format; there are {', '.join(FORMATS)}.")
        if how and how not in WAYS:
            return cls("", None, table, fault=f"There is no such way; there are {', '.join(WAYS)}.")
        try:
            chosen = table.with_columns(request.GET.get("columns", "")) if key else table
        except UnknownColumns as fault:
            return cls("", None, table, fault=f"The columns of a file: {fault}.")
        return cls(key, FORMATS.get(key), chosen, how)


def format_fault(request: HttpRequest) -> str:
    """What is wrong with the file asked for; empty when it can be had, or none is asked for."""
    return FileAsked.of(request, GENERATIONS).fault


def export_of(
    request: HttpRequest, wanted: GenerationFilter, visible: QuerySet[Generation]
) -> HttpResponseBase | None:
    """The file asked for: every row that the filter selects, in its order; or the way to where it is made.

    None where no file is asked for, or where a bad value would make it hold more than was meant: the page
    then says which.
    """
    asked = FileAsked.of(request, GENERATIONS)
    if asked.format is None or wanted.errors:
        return None
    file, rows = Wanted.generations(wanted, asked.key, asked.table), wanted.ordered(visible)
    person, most = signed_in(request), asked.format.most_at_once
    is_for_worker = asked.how == JOB or (asked.how != STREAM and has_more_than(rows, most))
    teams = _teams(person, [slug for slug in wanted.team if slug])
    if is_for_worker and request.method != "HEAD":
        return _in_background(person, file, teams)
    return send(request, file, rows, teams)


def _teams(person: User, named: list[str]) -> list[int]:
    """The teams whose rows may be in a file; for who sees everything, those that the filter names."""
    if not named and sees_everything(person):
        return []
    teams = visible_teams(person)
    return list((teams.filter(slug__in=named) if named else teams).values_list("pk", flat=True))


def _in_background(person: User, wanted: Wanted, teams: list[int]) -> HttpResponseBase:
    try:
        export, is_new = ask_for_file(person, wanted, timezone.now())
    except TooMany:
        return redirect(addresses.of_exports(full="yes"))
    if is_new:
        trail.exported(person, wanted.said_format, wanted.said_query, teams)
    return redirect(addresses.of_export(export.pk))


def send(
    request: HttpRequest, wanted: Wanted, rows: QuerySet[Any], teams: list[int]
) -> StreamingHttpResponse:
    """Send the file with these rows, once the trail is told, for these teams; of HEAD, what it would be."""
    if request.method == "HEAD":
        return _headed(StreamingHttpResponse(()), FORMATS[wanted.format], "")
    person = signed_in(request)
    trail.exported(person, wanted.said_format, wanted.said_query, teams)
    return sent(person, wanted, rows)


def sent(person: User, wanted: Wanted, rows: QuerySet[Any]) -> StreamingHttpResponse:
    """These rows as the file that is wanted, streamed, and in its person's list; the trail was told."""
    written, export = FORMATS[wanted.format], begin(person, wanted, timezone.now())
    file = recorded(export, written.write(rows, wanted.table))
    return _headed(StreamingHttpResponse(file), written, export.name)


def _headed(response: StreamingHttpResponse, written: Format, name: str) -> StreamingHttpResponse:
    response.headers["Content-Type"] = written.media_type
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"' if name else "attachment"
    response.headers["Cache-Control"] = "no-store"
    return response
