"""Pages of totals: told from rollups, or not at all while these are cut by another zone than set."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from auditing.reports import OtherZone
from auditing.views.pages import render_page


def tells_totals[**Given](
    view: Callable[Concatenate[HttpRequest, Given], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, Given], HttpResponseBase]:
    """Let a view read as of one moment, so that its totals and their parts fit while a sync goes on; and
    raise `reports.OtherZone`: the answer is a page that says what to run."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except OtherZone as other:
            return render_page(request, "auditing/other_zone.html", {"other": other}, status=503)

    answer.reads_one_moment = True  # type: ignore[attr-defined]  # as `access.ActingMiddleware` looks for it
    return answer
