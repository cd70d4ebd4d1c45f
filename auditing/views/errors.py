"""The page of an error that nobody foresaw: it gives the number by which the log knows the request."""

from django.http import HttpRequest, HttpResponse
from django.template import loader

from auditing.origin import current


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """500; rendered without the request, whose person or session may be what failed."""
    page = loader.get_template("500.html").render({"request_id": current().request_id})
    return HttpResponse(page, status=500)
