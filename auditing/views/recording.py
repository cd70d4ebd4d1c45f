"""Refusals go into the trail: whatever a person was answered 403 or 404 to, page, part or record."""

from collections.abc import Callable
from contextlib import nullcontext

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from auditing import trail
from auditing.access import acting_as, is_acting
from auditing.models import User
from auditing.redaction import redact
from auditing.trail import Asked


class RefusalMiddleware:
    """Tells the trail, inside the request's transaction, which `ActingMiddleware` keeps for these answers.

    Who has not signed in is nobody yet: only their failed sign-ins are told (`config.accounts`).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; a refusal is told with what was asked for, and nothing of what there is."""
        response = self.get_response(request)
        if response.status_code in (403, 404) and isinstance(request.user, User):
            with nullcontext() if is_acting() else acting_as(request.user):
                trail.refused(request.user, asked_of(request))
        return response


def asked_of(request: HttpRequest) -> Asked:
    """What a request asks for: the record that its address or query names, else the address itself."""
    match = request.resolver_match
    named = {**request.GET.dict(), **(match.kwargs if match else {})}
    provider, external_id = named.get("provider", ""), named.get("external_id", "")
    if provider and external_id:
        return Asked.record(str(provider), str(external_id))
    return Asked(words=redact(request.get_full_path()))
