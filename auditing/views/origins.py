"""Every request gets its origin: a number that its log lines, statements and answer carry, and an address."""

from collections.abc import Callable, Iterator
from typing import cast

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from auditing.origin import Origin, coming_from, origin_of


class OriginMiddleware:
    """The outermost: whatever happens to a request happens inside its origin, its stream included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and say the request's number in `X-Request-ID`."""
        origin = origin_of(request.META, settings.ALLAUTH_TRUSTED_PROXY_COUNT)
        with coming_from(origin):
            response = self.get_response(request)
        response.headers["X-Request-ID"] = origin.request_id
        if isinstance(response, StreamingHttpResponse):
            content = cast(Iterator[bytes], response.streaming_content)
            response.streaming_content = _stream_from(origin, content)
        return response


def _stream_from(origin: Origin, content: Iterator[bytes]) -> Iterator[bytes]:
    with coming_from(origin):
        yield from content
