"""`GET /api/v1/video-status.php?video_id=…`: NanoBanana's own contract, answered from what is stored."""

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from auditing.access import Bearer, Refused
from auditing.api.answers import ApiRefusal, by_method, refused
from auditing.api.authentication import itself, with_token
from auditing.api.looking import look_at
from auditing.api.stored import answer_with, body_of
from auditing.models import Scope
from auditing.providers.nanobanana import PROVIDER
from auditing.records import Record, Status

NO_ID = ApiRefusal(400, "no_video_id", "video_id parameter is required")
WAITING = Record(status=Status.PENDING, provider_status="pending")

_WORDS = {401: "API key required", 405: "Method not allowed"}


def in_its_shape(refusal: ApiRefusal) -> HttpResponseBase:
    """A refusal as NanoBanana writes one, in its own words where it has some."""
    error = _WORDS.get(refusal.http_status, refusal.error)
    return JsonResponse({"success": False, "error": error}, status=refusal.http_status)


@with_token(Scope.READ, acting=itself, shape=in_its_shape)
def _status(request: HttpRequest, bearer: Bearer) -> HttpResponseBase:
    video_id = request.GET.get("video_id", "")
    if not video_id:
        return refused(NO_ID, in_its_shape)
    try:
        record = look_at(request, bearer, PROVIDER.key, video_id)
        body = body_of(record, WAITING)
    except Refused as refusal:
        return refused(ApiRefusal(refusal.http_status, "refused", refusal.text), in_its_shape)
    return answer_with(body, record.lookup.synced_at, timezone.now())


video_status = by_method(shape=in_its_shape, GET=_status)
