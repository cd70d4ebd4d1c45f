"""Our own API's answers: JSON, kept by nobody on the way, and one shape for every error.

    {"success": false, "code": "invalid_token", "error": "A sentence for people."}

`code` never changes and is for programs; `error` may be worded better one day. Endpoints that stand in for a
provider's answer errors in the provider's shape instead: they pass a `Shape` of their own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase


@dataclass(frozen=True, slots=True)
class ApiRefusal:
    """Why a request is not answered; `headers` go with it whatever the shape."""

    http_status: int
    code: str
    error: str
    headers: Mapping[str, str] = field(default_factory=dict)


type Shape = Callable[[ApiRefusal], HttpResponseBase]
"""Writes a refusal's body: in our shape, or in a provider's."""


def own_shape(refusal: ApiRefusal) -> HttpResponseBase:
    """The refusal as our own API says it."""
    body = {"success": False, "code": refusal.code, "error": refusal.error}
    return JsonResponse(body, status=refusal.http_status)


def refused(refusal: ApiRefusal, shape: Shape = own_shape) -> HttpResponseBase:
    """The answer to a request that is refused."""
    response = shape(refusal)
    response.status_code = refusal.http_status
    for name, value in refusal.headers.items():
        response.headers[name] = value
    return unkept(response)


def unkept[Answer: HttpResponseBase](response: Answer) -> Answer:
    """The answer, which no cache may keep: it is meant for one bearer."""
    response.headers["Cache-Control"] = "no-store"
    return response


def by_method(
    *, shape: Shape = own_shape, **views: Callable[..., HttpResponseBase]
) -> Callable[..., HttpResponseBase]:
    """One address, one view a method: `by_method(GET=listing, POST=intake)`. Other methods are refused.

    The views are ones that `authentication` made; HEAD is what GET is.
    """
    allowed = ", ".join(sorted({*views, *(["HEAD"] if "GET" in views else [])}))
    refusal = ApiRefusal(405, "method_not_allowed", f"Here, only {allowed}.", {"Allow": allowed})

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        method = "GET" if request.method == "HEAD" else request.method
        view = views.get(method or "")
        return view(request, *args, **kwargs) if view else refused(refusal, shape)

    return for_programs(answer)


def for_programs(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Mark a view as one that no session opens: no sign-in page, no CSRF, and nobody acts but its bearer."""
    view.login_required = False  # type: ignore[attr-defined]  # SignInMiddleware
    view.csrf_exempt = True  # type: ignore[attr-defined]  # CsrfViewMiddleware
    view.acts_itself = True  # type: ignore[attr-defined]  # ActingMiddleware
    return view


@for_programs
def no_such_address(_request: HttpRequest) -> HttpResponseBase:
    """What is at no endpoint's address: a program is not shown a page."""
    return refused(
        ApiRefusal(404, "no_such_address", "The API has nothing at this address: see openapi.json.")
    )
