"""The list as a file: `?format=csv` beside the list's own query string, streamed."""

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from auditing.exports import FORMATS
from auditing.filters import GenerationFilter
from auditing.models import Generation

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
