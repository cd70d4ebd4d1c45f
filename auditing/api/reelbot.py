"""`GET /api/v1/video/status/{projectId}`: ReelBot's own contract, answered from what is stored."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from auditing.access import Bearer, Refused, acting_as
from auditing.api.answers import ApiRefusal, by_method, refused
from auditing.api.authentication import from_header, itself, with_token
from auditing.api.looking import can_be_an_id, look_at
from auditing.api.rates import Standing, count_request
from auditing.api.stored import answer_with, body_of
from auditing.models import Generation, Scope
from auditing.providers.reelbot import OPTIONAL, PROVIDER
from auditing.records import Record, Status

INVALID_ID = ApiRefusal(400, "INVALID_PROJECT_ID", "Invalid project ID format")
RATE_LIMITED = "Rate limit exceeded. Please reduce polling frequency."

_WORDS = {
    401: ("UNAUTHORIZED", "Unauthorized. Please provide a valid API key via the X-API-Key header."),
    404: ("NOT_FOUND", PROVIDER.missing_text),
}


def in_its_shape(refusal: ApiRefusal) -> HttpResponseBase:
    """A refusal as ReelBot writes one, in its own words where it has some."""
    code, message = _WORDS.get(refusal.http_status, (refusal.code.upper(), refusal.error))
    return JsonResponse(_error(code, message), status=refusal.http_status)


def _error(code: str, message: str) -> dict[str, Any]:
    return {"success": False, "message": message, "code": code}


@with_token(Scope.READ, acting=itself, read=from_header("X-API-Key"), shape=in_its_shape)
def _status(request: HttpRequest, bearer: Bearer, project_id: str) -> HttpResponseBase:
    with acting_as(bearer):  # a transaction of its own: the token's other requests don't wait for this answer
        standing = count_request(bearer.token_id)
    response = _answered(request, bearer, project_id) if standing.allowed else _limited(standing)
    for name, value in standing.headers.items():
        response.headers[name] = value
    return response


def _answered(request: HttpRequest, bearer: Bearer, project_id: str) -> HttpResponseBase:
    if not can_be_an_id(project_id):
        return refused(INVALID_ID, in_its_shape)
    try:
        record = look_at(request, bearer, PROVIDER.key, project_id)
        body = body_of(record, _waiting(record))
    except Refused as refusal:
        return refused(ApiRefusal(refusal.http_status, "refused", refusal.text), in_its_shape)
    return answer_with(body, record.lookup.synced_at, timezone.now())


def _waiting(record: Generation) -> Record:
    """A queued job, from when its id came in: ReelBot's answers always have a time of creation."""
    registered_at = record.registered_at
    return Record(
        status=Status.PENDING,
        provider_status="queued",
        message="Video is queued for its first lookup",
        created_at=registered_at.replace(microsecond=registered_at.microsecond // 1000 * 1000),
        absent=OPTIONAL,
    )


def _limited(standing: Standing) -> HttpResponseBase:
    body = _error("RATE_LIMITED", RATE_LIMITED) | {"details": {"resetAt": standing.reset_text}}
    return JsonResponse(body, status=429, headers={"Retry-After": str(standing.retry_after)})


project_status = by_method(shape=in_its_shape, GET=_status)
