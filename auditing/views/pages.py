"""Rendering: every page of a person goes through here, in their time zone."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from auditing.access import Person, is_acting, may_read_statements, may_read_trail
from auditing.filters import zone_named
from auditing.models import ListPreference, User
from auditing.preferences import stored_preference
from auditing.saved_views import Shelf, pinned_shelf


def zone_of(request: HttpRequest) -> ZoneInfo:
    """The time zone that this person's pages show times in; UTC where theirs does not exist here."""
    return zone_named(getattr(request.user, "time_zone", ""))


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    now: datetime | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page, or a named part of one (`page.html#part`), in the viewer's zone, relative to `now`."""
    zone = zone_of(request)
    with timezone.override(zone):
        values = {
            "now": now or timezone.now(),
            "zone": zone.key,
            "reads_trail": _may(may_read_trail, request),
            "reads_statements": _may(may_read_statements, request),
            "shelf": _shelf(request),
            **context,
        }
        response = render(request, template, values, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _may(read: Callable[[Person], bool], request: HttpRequest) -> Callable[[], bool]:
    """Whether the menu leads to what this asks about; asked by the template, once the rest of the page is
    known."""
    person = request.user
    return lambda: isinstance(person, User) and is_acting() and read(person)


def _shelf(request: HttpRequest) -> Callable[[], Shelf]:
    """The views in this person's sidebar; asked by the template once a page, and not for a part of one."""
    return cache(
        lambda: (
            pinned_shelf(request.user, preference_of(request))
            if isinstance(request.user, User) and is_acting()
            else Shelf()
        )
    )


def preference_of(request: HttpRequest) -> ListPreference | None:
    """What the person of this request chose of their lists; one query a request, whoever asks."""
    if not hasattr(request, "list_preference"):
        request.list_preference = stored_preference(signed_in(request))  # type: ignore[attr-defined]
    found: ListPreference | None = request.list_preference  # type: ignore[attr-defined]
    return found


def kept_nowhere(response: HttpResponse) -> HttpResponse:
    """The same answer, which no cache may keep."""
    response.headers["Cache-Control"] = "no-store"
    return response


def wants_part(request: HttpRequest) -> bool:
    """True when htmx asks for a part: not a boosted link, not a step back in the browser's history."""
    htmx: Any = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def signed_in(request: HttpRequest) -> User:
    """The person of this request; pages are reached by nobody else (`SignInMiddleware`)."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
