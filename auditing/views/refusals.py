"""Refused records: answered in the provider's own words, the same page for whatever was refused."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from auditing.access import Refused
from auditing.views.pages import render_page


def refusal_page(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The refusal as a page. Nothing on it depends on the address asked for."""
    return render_page(request, "auditing/refused.html", {"refused": refused}, status=refused.http_status)


def read_only_page(request: HttpRequest, what: str) -> HttpResponse:
    """The 403 for a person who sees this (`record`, `account`, `key` or `price`), but may not have it looked
    up or changed; a `note` or `tag` may not be added, a `correction` not made, a month not closed
    (`closing`), a `refund` not marked by them."""
    return render_page(request, "auditing/read_only.html", {"what": what}, status=403)


def refuses[**Given](
    view: Callable[Concatenate[HttpRequest, Given], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, Given], HttpResponseBase]:
    """Let a view raise `access.Refused`: the answer is the refusal's page."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            return refusal_page(request, refused)

    return answer
