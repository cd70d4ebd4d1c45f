"""Pages travel compressed, and static files; exports, streams and the API's answers go as they are."""

import gzip
from functools import lru_cache

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

TEXTS = (".css", ".js", ".svg")


class PageCompressionMiddleware(GZipMiddleware):
    """A list's page is a tenth as long for whoever reads it on a slow line.

    That the length of a compressed page could tell what stands in it (BREACH) is what Django's random bytes
    and masked tokens are against. A file keeps the length that it declares.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compressed where it is a page, whole, and its reader accepts that."""
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page and not response.streaming else response


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # it declares no types
    """Whitenoise, which serves files compressed that were so when they were collected. Where they are served
    as they lie, as in the demo, texts are compressed when they are asked for; their `ETag` stays the file's
    own, as whitenoise has it for both forms."""

    def serve(self, static_file: StaticFile, request: HttpRequest) -> HttpResponseBase:
        """A static file, or the word that the reader has it already."""
        response: FileResponse = super().serve(static_file, request)
        if self.use_finders and request.path_info.endswith(TEXTS):
            patch_vary_headers(response, ["Accept-Encoding"])
            accepts = "gzip" in request.headers.get("Accept-Encoding", "")
            if accepts and request.method == "GET" and response.status_code == 200:
                _compress(response)
        return response


def _compress(response: FileResponse) -> None:
    """Let it be the file's bytes compressed, in one piece."""
    content = _squeezed(b"".join(response))
    response.streaming_content = [content]
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(content))


@lru_cache(maxsize=128)
def _squeezed(content: bytes) -> bytes:
    """The same bytes compressed; once for each file of the pages, whoever asks for it."""
    return gzip.compress(content, mtime=0)
