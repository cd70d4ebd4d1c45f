"""Who asks: the bearer of the personal token in a request's header. A session's cookie is never looked at.

    @with_token(Scope.READ)
    def listing(request, bearer): …          # runs inside acting_as(bearer), streams included

    @with_token(Scope.INTAKE, acting=itself)
    def intake(request, bearer): …           # opens acting_as(bearer) around each of its own transactions

A token that gives no access, whatever the reason, is one and the same 401; one that was made for other things
is 403, and says for which scope to make one.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.db import transaction
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from auditing import trail
from auditing.access import Bearer, acting_as, stream_as
from auditing.api.answers import ApiRefusal, Shape, for_programs, own_shape, refused, unkept
from auditing.models import Scope
from auditing.redaction import redact
from auditing.tokens import TokenRefused, Why, bearer_of
from auditing.trail import Asked

REALM = 'Bearer realm="clipledger"'
NO_TOKEN = ApiRefusal(
    401,
    "token_required",
    "Send a personal token as 'Authorization: Bearer clip_…'; people make theirs on the page /tokens/.",
    {"WWW-Authenticate": REALM},
)
INVALID_TOKEN = ApiRefusal(
    401,
    "invalid_token",
    "This token gives no access: it is mistyped, unknown, expired or revoked, or its person has left.",
    {"WWW-Authenticate": f'{REALM}, error="invalid_token"'},
)

_BEARER = re.compile(r"bearer[ ]+(\S+)[ ]*", re.IGNORECASE)

type Read = Callable[[HttpRequest], str | None]
"""Finds the token's text in a request; None where there is none."""

type Ask = Callable[[], HttpResponseBase]
type Acting = Callable[[Bearer, Ask], HttpResponseBase]
"""Runs a view for a bearer: in a transaction that this opens, or in the view's own."""


def from_authorization(request: HttpRequest) -> str | None:
    """The token in `Authorization: Bearer …`."""
    found = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    return found[1] if found else None


def from_header(name: str) -> Read:
    """Reads the token from a header of its own, such as `X-API-Key`."""
    return lambda request: request.headers.get(name, "").strip() or None


def in_one_transaction(bearer: Bearer, ask: Ask) -> HttpResponseBase:
    """As `ActingMiddleware` does: one transaction, undone by an answer of 5xx; streams have their own."""
    with acting_as(bearer):
        response = ask()
        if response.status_code >= 500:
            transaction.set_rollback(True)
    if isinstance(response, StreamingHttpResponse):
        stream_as(bearer, response)
    return response


def itself(_bearer: Bearer, ask: Ask) -> HttpResponseBase:
    """The view opens `acting_as(bearer)` around each of its transactions."""
    return ask()


def with_token[**Given](
    scope: Scope,
    *,
    acting: Acting = in_one_transaction,
    read: Read = from_authorization,
    shape: Shape = own_shape,
) -> Callable[
    [Callable[Concatenate[HttpRequest, Bearer, Given], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, Given], HttpResponseBase],
]:
    """Let a view be asked with a token of this scope, and by nobody else; it is given the bearer."""

    def decorated(
        view: Callable[Concatenate[HttpRequest, Bearer, Given], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, Given], HttpResponseBase]:
        @wraps(view)
        def answer(request: HttpRequest, /, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponseBase:
            bearer = bearer_or_refusal(read(request), scope)
            if isinstance(bearer, ApiRefusal):
                return refused(bearer, shape)
            response = unkept(acting(bearer, lambda: view(request, bearer, *args, **kwargs)))
            if response.status_code in (403, 404):
                _tell_of_refusal(request, bearer)
            return response

        return for_programs(answer)

    return decorated


def _tell_of_refusal(request: HttpRequest, bearer: Bearer) -> None:
    """Tell the trail of people what was asked for: the same words whether it exists or not."""
    match = request.resolver_match
    named = {**request.GET.dict(), **(match.kwargs if match else {})}
    provider, external_id = str(named.get("provider", "")), str(named.get("external_id", ""))
    asked = Asked(words=redact(request.get_full_path()))
    if provider and external_id:
        asked = Asked.record(provider, external_id)
    with acting_as(bearer):
        trail.refused(bearer.user, asked, token=bearer.prefix)


def bearer_or_refusal(text: str | None, scope: Scope) -> Bearer | ApiRefusal:
    """Who acts with this text now; else what is said to them."""
    if text is None:
        return NO_TOKEN
    bearer = bearer_of(text, scope, timezone.now())
    if not isinstance(bearer, TokenRefused):
        return bearer
    return _without(scope) if bearer.why is Why.MISSING_SCOPE else INVALID_TOKEN


def _without(scope: Scope) -> ApiRefusal:
    challenge = f'{REALM}, error="insufficient_scope", scope="{scope.value}"'
    sentence = f"This token was not made for this: one with the scope '{scope.value}' is needed."
    return ApiRefusal(403, "insufficient_scope", sentence, {"WWW-Authenticate": challenge})
