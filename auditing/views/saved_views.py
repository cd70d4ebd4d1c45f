"""`/views/`: the lists that a person gave a name, and those shared with them."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from auditing.access import managed_teams, member_teams, visible_saved_views
from auditing.filters import GenerationFilter
from auditing.models import SavedView, Team, User
from auditing.saved_views import (
    NotSaved,
    ViewWanted,
    change_view,
    filter_of,
    open_first,
    pin,
    remove_view,
    save_view,
    shelf_of,
    unpin,
)
from auditing.views import addresses
from auditing.views.pages import preference_of, render_page, signed_in, wants_part, zone_of

TEMPLATE = "auditing/saved_view.html"
PRIVATE = ("", "Nobody: it is yours alone")


class ViewForm(forms.Form):
    """A view's name, the team it is shared with, and for a new one whether it is pinned."""

    name = forms.CharField(max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    team = forms.ChoiceField(
        label="Shared with",
        required=False,
        help_text="Who opens it sees of its rows what they may see, and your name beside it. It may name only"
        " what the team has; where it names people, the team's auditors and managers alone are shown it.",
    )
    pin = forms.BooleanField(label="Pin it to the sidebar", required=False, initial=True)

    def __init__(self, teams: Mapping[str, Team], *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._teams = teams
        choices = [PRIVATE, *((slug, team.name) for slug, team in teams.items())]
        self.fields["team"].choices = choices  # type: ignore[attr-defined]

    def wanted(self, listed: GenerationFilter) -> ViewWanted:
        """The view asked for, once the form is valid."""
        values = self.cleaned_data
        return ViewWanted(values["name"], listed, self._teams.get(values["team"]))

    def kept(self, act: Callable[[], None]) -> bool:
        """Whether the act was done; where it can't be, its reason is said at the field."""
        try:
            act()
        except NotSaved as refused:
            self.add_error(refused.field if refused.field in self.fields else None, str(refused))
            return False
        return True


@require_http_methods(["GET", "HEAD", "POST"])
def saved_views(request: HttpRequest) -> HttpResponse:
    """All views of this person's and those shared with them. POST does what a button beside one says."""
    person = signed_in(request)
    fault = _arrange(request, person) if request.method == "POST" else ""
    if request.method == "POST" and not fault:
        return redirect("saved_views")
    shelf = shelf_of(person, preference_of(request))
    context = {
        "shelf_here": shelf,
        "lines": [(view, filter_of(view, zone_of(request)).words()) for view in shelf.views],
        "managed": set(managed_teams(person).values_list("pk", flat=True)),
        "fault": fault,
    }
    return render_page(request, "auditing/saved_views.html", context)


def _arrange(request: HttpRequest, person: User) -> str:
    """Do what a button asks for; what is in the way of it, in words."""
    act, view = request.POST.get("act", ""), _asked(person, request.POST.get("view", ""))
    acts: dict[str, Callable[[], object]] = {
        "pin": lambda: pin(person, view),
        "unpin": lambda: unpin(person, view),
        "first": lambda: open_first(person, view),
        "not_first": lambda: open_first(person, None),
        "remove": lambda: remove_view(person, view),
    }
    if act not in acts:
        raise Http404
    try:
        done = acts[act]()
    except NotSaved as refused:
        return str(refused)
    if done is False:
        return "You may take it out of your sidebar, not remove it: it is shared by somebody else."
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
def saved_view_new(request: HttpRequest) -> HttpResponse:
    """The form for a new view of the list in `query`; POST saves it, or puts the list into an older view."""
    person, asked = signed_in(request), request.POST if request.method == "POST" else request.GET
    listed = GenerationFilter.from_query(QueryDict(asked.get("query", "")), zone_of(request))
    teams = {team.slug: team for team in member_teams(person)}
    form = ViewForm(teams, request.POST if request.method == "POST" else None)
    if "replaces" in request.POST:
        form, view = ViewForm(teams, {}), _own(person, request.POST["replaces"])
        form.errors.clear()
        wanted = ViewWanted(view.name, listed, view.team)
        if form.kept(lambda: change_view(person, view, wanted)):
            return redirect(addresses.of_view(view.query))
    elif request.method == "POST" and form.is_valid():
        saved: list[SavedView] = []
        if form.kept(lambda: saved.append(save_view(person, form.wanted(listed)))):
            return _shown(person, saved[0], form)
    own = visible_saved_views(person).filter(owner=person).order_by("name")
    return _page(request, {"form": form, "listed": listed, "own": own})


@require_http_methods(["GET", "HEAD", "POST"])
def saved_view_edit(request: HttpRequest) -> HttpResponse:
    """The form for the name and the team of one's own view (`view`). POST changes them."""
    person = signed_in(request)
    view = _own(person, request.GET.get("view", ""))
    teams, listed = {team.slug: team for team in member_teams(person)}, filter_of(view, zone_of(request))
    now = {"name": view.name, "team": view.team.slug if view.team else ""}
    form = ViewForm(teams, request.POST if request.method == "POST" else None, initial=now)
    del form.fields["pin"]
    if request.method == "POST" and form.is_valid():
        wanted = form.wanted(listed)
        if form.kept(lambda: change_view(person, view, wanted)):
            return redirect("saved_views")
    return _page(request, {"form": form, "listed": listed, "view": view})


def _shown(person: User, view: SavedView, form: ViewForm) -> HttpResponse:
    """To the list of a view that was saved just now, pinned if that was wanted and there is room."""
    if form.cleaned_data["pin"]:
        form.kept(lambda: pin(person, view))
    return redirect(addresses.of_view(view.query))


def _page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return render_page(request, TEMPLATE + ("#form" if wants_part(request) else ""), context)


def _asked(person: User, number: str) -> SavedView:
    """A view that this person is shown, or 404."""
    is_number = number.isascii() and number.isdecimal() and len(number) < 19
    views = visible_saved_views(person).select_related("team", "owner")
    view = views.filter(pk=int(number)).first() if is_number else None
    if view is None:
        raise Http404
    return view


def _own(person: User, number: str) -> SavedView:
    """A view of this person's own, or 404."""
    view = _asked(person, number)
    if view.owner_id != person.pk:
        raise Http404
    return view
