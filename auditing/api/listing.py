"""`GET /api/v1/generations` and below it: records in Clipledger's own words, by the list page's filters."""

from collections.abc import Callable
from typing import Any

import msgspec
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from auditing import trail
from auditing.access import Bearer, Refused, acting_as, visible_to
from auditing.api.answers import ApiRefusal, by_method, for_programs, refused
from auditing.api.authentication import itself, with_token
from auditing.api.looking import look_at
from auditing.api.stored import age_at
from auditing.exports import FORMATS, export_ndjson, json_lines
from auditing.exports.recording import begin, recorded
from auditing.exports.sources import Wanted
from auditing.filters import GenerationFilter
from auditing.models import Generation, Scope

NDJSON = FORMATS["ndjson"].media_type
TYPES = {"json": "application/json", "ndjson": NDJSON}
PAGING = ("per_page", "after", "before")


class Unacceptable(Exception):
    """A query string that can't be answered as it was meant; `fields` has a sentence for each key."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


def _acceptable(
    view: Callable[[HttpRequest, Bearer], HttpResponseBase],
) -> Callable[[HttpRequest, Bearer], HttpResponseBase]:
    """Let a view raise Unacceptable: the answer is a 400 that names the fields."""

    def answer(request: HttpRequest, bearer: Bearer) -> HttpResponseBase:
        try:
            return view(request, bearer)
        except Unacceptable as fault:
            body = {
                "success": False,
                "code": "invalid_query",
                "error": f"The query string has values that are not accepted: {fault}.",
                "fields": fault.fields,
            }
            return JsonResponse(body, status=400)

    return answer


@for_programs
def listing(request: HttpRequest) -> HttpResponseBase:
    """A page of records as JSON, or all of them as NDJSON: whichever the request asks for."""
    asked = request.GET.get("format")
    preferred = TYPES.get(asked) if asked else request.get_preferred_type(list(TYPES.values()))
    return _all_of_them(request) if preferred == NDJSON else _page(request)


@with_token(Scope.READ)
@_acceptable
def _page(request: HttpRequest, bearer: Bearer) -> HttpResponseBase:
    """One page, and the addresses of those around it."""
    wanted = _filter_of(request)
    visible = visible_to(bearer)
    page = wanted.page(visible)
    if page.filter.errors:
        raise Unacceptable(dict(page.filter.errors))
    rows = visible.filter(pk__in=[row.pk for row in page.rows])
    body = {
        "generations": _lines(page.filter.ordered(rows)),
        "count": {"number": page.count.number, "more": page.count.more},
        "previous": _address(request, page.previous),
        "next": _address(request, page.next),
    }
    return HttpResponse(msgspec.json.encode(body), content_type=TYPES["json"])


@with_token(Scope.EXPORT)
@_acceptable
def _all_of_them(request: HttpRequest, bearer: Bearer) -> HttpResponseBase:
    """Every record that the filter selects, one a line, streamed."""
    wanted = _filter_of(request, paged=False)
    trail.exported(bearer.user, "ndjson", wanted.canonical(), [bearer.team_id])
    export = begin(bearer.user, Wanted.generations(wanted, "ndjson"), timezone.now(), bearer.prefix)
    file = recorded(export, export_ndjson(wanted.ordered(visible_to(bearer))))
    return StreamingHttpResponse(file, content_type=NDJSON)


@with_token(Scope.READ, acting=itself)
def _one(request: HttpRequest, bearer: Bearer, provider: str, external_id: str) -> HttpResponseBase:
    """One record: the same object as on a page of them."""
    try:
        record = look_at(request, bearer, provider, external_id)
    except Refused as refusal:
        return refused(_refusal(refusal))
    with acting_as(bearer):
        lines = _lines(visible_to(bearer).filter(pk=record.pk))
    if not lines:
        return refused(ApiRefusal(404, "not_found", "It is not yours to see any more"))
    response = HttpResponse(bytes(lines[0]), content_type=TYPES["json"])
    if record.lookup.synced_at is not None:
        response.headers["Age"] = age_at(record.lookup.synced_at, timezone.now())
    return response


one = by_method(GET=_one)


def _filter_of(request: HttpRequest, *, paged: bool = True) -> GenerationFilter:
    """The list page's filter, days in UTC. Raises Unacceptable, also for keys that are no part of it: a
    misspelt one would select more than was meant."""
    wanted = GenerationFilter.from_query(request.GET)
    faults = {**wanted.errors, **{key: "is no filter" for key in wanted.ignored if key != "format"}}
    if request.GET.get("format", "json") not in TYPES:
        faults["format"] = f"is not accepted; accepted: {', '.join(TYPES)}"
    if not paged:
        faults |= {key: "has no place here: NDJSON is no page" for key in PAGING if key in request.GET}
    if faults:
        raise Unacceptable(faults)
    return wanted


def _lines(rows: QuerySet[Generation]) -> list[msgspec.Raw]:
    """The rows as an export has them: the same columns and values."""
    return [msgspec.Raw(line) for line in json_lines(rows)]


def _address(request: HttpRequest, query: str | None) -> str | None:
    return None if query is None else request.build_absolute_uri(f"{request.path}?{query}")


def _refusal(refusal: Refused) -> ApiRefusal:
    code: dict[int, Any] = {403: "access_denied", 404: "not_found"}
    return ApiRefusal(refusal.http_status, code[refusal.http_status], refusal.text)
