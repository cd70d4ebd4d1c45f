"""`POST /api/v1/generations`: registers ids, and says of each what became of it."""

from io import BytesIO
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from auditing.access import Bearer
from auditing.api.answers import ApiRefusal, refused
from auditing.api.authentication import itself, with_token
from auditing.intake.formats import Rejection
from auditing.intake.register import Registered
from auditing.intake.sending import (
    DEFAULTS,
    MOST_ITEMS,
    BadRequest,
    Sent,
    TooMany,
    register_sent,
    sent_as_json,
    sent_as_ndjson,
)
from auditing.models import Scope

MOST_BYTES = 10 * 1024 * 1024
JSON, NDJSON = "application/json", "application/x-ndjson"

TOO_LARGE = ApiRefusal(
    413,
    "too_large",
    f"At most {MOST_BYTES // 1024 // 1024} MiB and {MOST_ITEMS:,} items in one request; send them in parts."
    " Nothing was registered.",
)
UNSUPPORTED = ApiRefusal(
    415,
    "unsupported_media_type",
    f"Send {JSON} or {NDJSON}, in UTF-8 and not compressed.",
    {"Accept-Post": f"{JSON}, {NDJSON}"},
)
NO_LENGTH = ApiRefusal(411, "length_required", "Send the body with its Content-Length, not in chunks.")


@with_token(Scope.INTAKE, acting=itself)  # a transaction each batch, and none while the body comes in
def generations_intake(request: HttpRequest, bearer: Bearer) -> HttpResponseBase:
    """Register what the body holds; 200 with a result for each item, rejected ones included."""
    body = _body(request)
    if isinstance(body, ApiRefusal):
        return refused(body)
    try:
        results = register_sent(bearer, _sent(request, body))
    except BadRequest as error:
        return refused(ApiRefusal(400, "bad_request", f"{error}. Nothing was registered."))
    except TooMany:
        return refused(TOO_LARGE)
    return HttpResponse(msgspec.json.encode(_report(results)), content_type=JSON)


def _body(request: HttpRequest) -> bytes | ApiRefusal:
    """The whole body, or why it isn't read."""
    is_utf8 = (request.content_params or {}).get("charset", "utf-8").lower() in ("utf-8", "utf8")
    if request.content_type not in (JSON, NDJSON) or not is_utf8 or "Content-Encoding" in request.headers:
        return UNSUPPORTED
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal():
        return NO_LENGTH
    return TOO_LARGE if int(length) > MOST_BYTES else request.read(MOST_BYTES)


def _sent(request: HttpRequest, body: bytes) -> Sent:
    defaults = {key: request.GET[key] for key in DEFAULTS if key in request.GET}
    if request.content_type == NDJSON:
        return sent_as_ndjson(BytesIO(body), defaults)
    return sent_as_json(body, defaults)


def _report(results: list[Registered | Rejection]) -> dict[str, Any]:
    said = [_said(result) for result in results]
    words = [result["result"] for result in said]
    return {
        "success": True,
        **{word: words.count(word) for word in ("new", "known", "rejected")},
        "results": said,
    }


def _said(result: Registered | Rejection) -> dict[str, Any]:
    if isinstance(result, Rejection):
        return {"position": result.line, "result": "rejected", "reason": result.reason}
    return {
        "position": result.line,
        "result": "new" if result.is_new else "known",
        "provider": result.provider,
        "external_id": result.external_id,
    }
