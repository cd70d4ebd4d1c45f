"""Pages travel compressed; files, streams and the API's answers go as they are."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class PageCompressionMiddleware(GZipMiddleware):
    """A list's page is a tenth as long for whoever reads it on a slow line.

    That the length of a compressed page could tell what stands in it (BREACH) is what Django's random bytes
    and masked tokens are against. A file keeps the length that it declares.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compressed where it is a page, whole, and its reader accepts that."""
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page and not response.streaming else response
