"""The list as a file: `?format=csv` beside the list's own query string, streamed."""

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from auditing import trail
from auditing.access import sees_everything, visible_teams
from auditing.exports import FORMATS
from auditing.filters import GenerationFilter
from auditing.models import Generation
from auditing.views.pages import signed_in

LABELS = {"csv": "CSV", "ndjson": "NDJSON", "xlsx": "XLSX"}


def format_fault(request: HttpRequest) -> str:
    """What is wrong with the format asked for; empty when one is known, or none is asked for."""
    asked = request.GET.get("format")
    return (
        ""
        if asked is None or asked in FORMATS
        else f"There is no such format; there are {', '.join(FORMATS)}."
    )


def export_of(
    request: HttpRequest, wanted: GenerationFilter, visible: QuerySet[Generation]
) -> StreamingHttpResponse | None:
    """The file asked for: every row that the filter selects, in its order.

    None where no file is asked for, or where a bad value would make it hold more than was meant: the page
    then says which.
    """
    written = FORMATS.get(request.GET.get("format", ""))
    if written is None or wanted.errors:
        return None
    name = f"generations-{timezone.now():%Y-%m-%d-%H%M}.{written.ending}"
    return StreamingHttpResponse(
        written.write(wanted.ordered(visible)),
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
