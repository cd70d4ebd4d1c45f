"""The list as a file: `?format=csv` beside the list's own query string, `&columns=title,credits_used` if only
these are wanted; streamed."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from auditing import trail
from auditing.access import sees_everything, visible_teams
from auditing.exports import FORMATS, GENERATIONS, Format, Table, UnknownColumns
from auditing.filters import GenerationFilter
from auditing.models import Generation
from auditing.views.pages import signed_in

LABELS = {key: FORMATS[key].label for key in ("csv", "ndjson", "xlsx")}


@dataclass(frozen=True, slots=True)
class FileAsked:
    """The file that a query string asks for; `fault` says what is wrong with it. No `format`: none."""

    key: str
    format: Format | None
    table: Table
    fault: str = ""

    @classmethod
    def of(cls, request: HttpRequest, table: Table) -> "FileAsked":
        """What this request asks for of this table."""
        key = request.GET.get("format", "")
        if "format" in request.GET and key not in FORMATS:
            return cls("", None, table, f"There is no such format; there are {', '.join(FORMATS)}.")
        try:
            chosen = table.with_columns(request.GET.get("columns", "")) if key else table
        except UnknownColumns as fault:
            return cls("", None, table, f"The columns of a file: {fault}.")
        return cls(key, FORMATS.get(key), chosen)


def format_fault(request: HttpRequest) -> str:
    """What is wrong with the file asked for; empty when it can be had, or none is asked for."""
    return FileAsked.of(request, GENERATIONS).fault


def export_of(
    request: HttpRequest, wanted: GenerationFilter, visible: QuerySet[Generation]
) -> StreamingHttpResponse | None:
    """The file asked for: every row that the filter selects, in its order.

    None where no file is asked for, or where a bad value would make it hold more than was meant: the page
    then says which.
    """
    asked = FileAsked.of(request, GENERATIONS)
    if asked.format is None or wanted.errors:
        return None
    return sent(asked.format, asked.table, wanted.ordered(visible))


def sent(written: Format, table: Table, rows: QuerySet[Generation]) -> StreamingHttpResponse:
    """These rows as a file of this format, streamed."""
    name = f"generations-{timezone.now():%Y-%m-%d-%H%M}.{written.ending}"
    return StreamingHttpResponse(
        written.write(rows, table),
        content_type=written.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def tell_of_export(request: HttpRequest, wanted: GenerationFilter) -> None:
    """Tell the trail of the file that is about to be sent, for each team whose rows may be in it.

    For who sees everything these are the teams that the filter names.
    """
    person = signed_in(request)
    teams, named = visible_teams(person), [slug for slug in wanted.team if slug]
    if named:
        teams = teams.filter(slug__in=named)
    elif sees_everything(person):
        teams = teams.none()
    trail.exported(person, request.GET["format"], wanted.canonical(), teams.values_list("pk", flat=True))
