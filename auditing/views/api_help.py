"""`/help/api/`: the API, with the reader's own address in the examples."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from auditing.views.pages import render_page


@require_safe
def api_help(request: HttpRequest) -> HttpResponse:
    """The page; `site` is where the reader reaches Clipledger, as a script's base URL has it."""
    site = request.build_absolute_uri("/").rstrip("/")
    return render_page(request, "auditing/api_help.html", {"site": site})
