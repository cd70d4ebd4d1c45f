"""Every request gets its origin: a number that its log lines, statements and answer carry, and an address."""

import logging
import time
from collections.abc import Callable, Iterator
from typing import cast

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from auditing.origin import Origin, coming_from, origin_of

log = logging.getLogger("auditing.requests")


class OriginMiddleware:
    """The outermost: whatever happens to a request happens inside its origin, its stream included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and say the request's number in `X-Request-ID`."""
        began = time.monotonic()
        origin = origin_of(request.META, settings.ALLAUTH_TRUSTED_PROXY_COUNT)
        with coming_from(origin):
            response = self.get_response(request)
            _say(request, response, time.monotonic() - began)
        response.headers["X-Request-ID"] = origin.request_id
        if isinstance(response, StreamingHttpResponse):
            content = cast(Iterator[bytes], response.streaming_content)
            response.streaming_content = _stream_from(origin, content)
        return response


def _say(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    """A request's own line in the log; nobody needs one for each look at the server's health."""
    if request.path != "/healthz":
        milliseconds = round(seconds * 1000)
        what = (request.method, request.get_full_path(), response.status_code, milliseconds)
        log.info("%s %s: %s in %s ms", *what, extra={"status": what[2], "milliseconds": milliseconds})


def _stream_from(origin: Origin, content: Iterator[bytes]) -> Iterator[bytes]:
    with coming_from(origin):
        yield from content
