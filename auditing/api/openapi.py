"""`GET /api/v1/openapi.json`: what every endpoint takes and answers, from the document beside this module."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from auditing.api.answers import by_method

PATH = Path(__file__).with_name("openapi.json")


def base_address(request: HttpRequest) -> str:
    """Where the API is, as the reader reaches it, without a slash at its end: `https://clips.example/api/v1`."""
    return request.build_absolute_uri(reverse("api_unknown")).rstrip("/")


@cache
def _written() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return document


def _document(request: HttpRequest) -> HttpResponseBase:
    """The document, with the address that the reader came by as the server's. It holds nothing personal."""
    return JsonResponse({**_written(), "servers": [{"url": base_address(request)}]})


document = by_method(GET=_document)
