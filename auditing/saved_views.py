"""Lists under a name: saved, shared, changed, removed; pinned and opened first by each person for themselves.

What a shared view's query string names is read by whoever the view is shown to. So a view is shared with one
team, may name nothing but that team's, and where it names people (or a person's own key) it is shown to those
alone who see the whole team anyway. To words that were searched for nothing of this applies: they are the
sharer's own.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import QueryDict
from psycopg.errors import UniqueViolation

from auditing import trail
from auditing.access import managed_teams, visible_saved_views, visible_teams, visible_to
from auditing.filters import EXCLUDED, GenerationFilter
from auditing.models import Account, Act, ListPreference, Membership, Project, SavedView, Tag, Team, User

MOST_VIEWS = 100
MOST_PINNED = 12
LONGEST_QUERY = 4000
CHECKED = ("team", "account", "owner", "project", "tag")
"""The columns of a filter whose values are names of a team's own."""


class NotSaved(ValueError):
    """A view that can't be saved like that: `field` says which part of it is in the way, the message why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class ViewWanted:
    """What a view is to be: its name, its list, and whom it is shared with (None: nobody)."""

    name: str
    wanted: GenerationFilter
    team: Team | None = None

    @property
    def query(self) -> str:
        """The list as it is stored: from its beginning, in nobody's page size."""
        return self.wanted.with_(per_page=None)


def save_view(person: User, wanted: ViewWanted) -> SavedView:
    """A new view of this person's. Raises NotSaved."""
    if SavedView.objects.filter(owner=person).count() >= MOST_VIEWS:
        raise NotSaved("name", f"You have {MOST_VIEWS} views: remove one that you no longer need.")
    view = SavedView(owner=person)
    _store(person, view, wanted)
    trail.changed(Act.VIEW_SAVED, person, _told(view), *_sharing(None, view.team), teams=_teams(view.team))
    return view


def change_view(person: User, view: SavedView, wanted: ViewWanted) -> None:
    """Make a view of this person's what is wanted. Raises NotSaved."""
    before = view.team
    if view.team_id and not visible_teams(person).filter(pk=view.team_id).exists():
        raise NotSaved("team", "You are not of its team any more: remove this view, and save it anew.")
    _store(person, view, wanted)
    teams = {team.pk for team in (before, view.team) if team}
    told = view.name if teams else _told(view)
    for told_to in [[team] for team in sorted(teams)] or [[]]:
        sharing = _sharing(before, view.team, seen_by=told_to)
        trail.changed(Act.VIEW_CHANGED, person, told, *sharing, teams=told_to)


def remove_view(person: User, view: SavedView) -> bool:
    """Remove a view: one's own, or one that is shared with a team that one manages. Whether one may."""
    theirs = Q(owner=person) | Q(team__in=managed_teams(person))
    if not SavedView.objects.filter(theirs, pk=view.pk).delete()[0]:
        return False
    teams = [view.team_id] if view.team_id else []
    trail.changed(Act.VIEW_REMOVED, person, _told(view), *_sharing(view.team, None), teams=teams)
    return True


@dataclass(frozen=True, slots=True)
class Shelf:
    """The views that a person is shown: theirs and those shared with them; `pinned` in the order in which
    they were pinned, `opened` the one that the list begins with."""

    views: tuple[SavedView, ...] = ()
    pinned: tuple[SavedView, ...] = ()
    opened: SavedView | None = None


def shelf_of(person: User, preference: ListPreference | None) -> Shelf:
    """All views that this person is shown, in one query, theirs first."""
    rows = visible_saved_views(person).select_related("owner", "team").order_by(Lower("name"), "pk")
    return _arranged(sorted(rows, key=lambda view: view.owner_id != person.pk), preference)


def pinned_shelf(person: User, preference: ListPreference | None) -> Shelf:
    """As `shelf_of`, with pinned views and the one opened first alone; no query where there are none."""
    ids = [*preference.pinned_views, preference.default_view] if preference else []
    wanted = {pk for pk in ids if pk}
    return (
        _arranged(list(visible_saved_views(person).filter(pk__in=wanted)), preference) if wanted else Shelf()
    )


def _arranged(views: list[SavedView], preference: ListPreference | None) -> Shelf:
    by_id = {view.pk: view for view in views}
    pins = preference.pinned_views if preference else []
    opened = by_id.get(preference.default_view or 0) if preference else None
    return Shelf(tuple(views), tuple(by_id[pk] for pk in pins if pk in by_id), opened)


def pin(person: User, view: SavedView) -> None:
    """Show a view in this person's sidebar, below those that are there. Raises NotSaved where it is full."""
    pins = [pk for pk in _pins(person) if pk != view.pk]
    if len(pins) >= MOST_PINNED:
        raise NotSaved("pin", f"{MOST_PINNED} views are pinned: unpin one first.")
    _prefer(person, pinned_views=[*pins, view.pk])


def unpin(person: User, view: SavedView) -> None:
    """Take a view out of this person's sidebar."""
    _prefer(person, pinned_views=[pk for pk in _pins(person) if pk != view.pk])


def open_first(person: User, view: SavedView | None) -> None:
    """Let this person's list begin with this view; with None, with all generations."""
    _prefer(person, default_view=view.pk if view else None)


def _pins(person: User) -> list[int]:
    """The pinned views that are still there for this person."""
    stored = ListPreference.objects.filter(person=person).first()
    return [view.pk for view in pinned_shelf(person, stored).pinned]


def _prefer(person: User, **values: object) -> None:
    ListPreference.objects.update_or_create(person=person, defaults=values)


def _store(person: User, view: SavedView, wanted: ViewWanted) -> None:
    view.name, view.query, view.team = " ".join(wanted.name.split()), wanted.query, wanted.team
    if not view.name:
        raise NotSaved("name", "A view needs a name.")
    if len(view.query) > LONGEST_QUERY:
        raise NotSaved("name", "This filter is too long to be saved: choose fewer values.")
    if wanted.team and (strangers := _strangers(person, wanted.wanted, wanted.team)):
        names = ", ".join(strangers)
        raise NotSaved(
            "team", f"It names what is not of {wanted.team}: {names}. Share it without, or not at all."
        )
    view.names_people = _names_people(wanted.wanted)
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as refused:
        if not isinstance(refused.__cause__, UniqueViolation):
            raise
        raise NotSaved("name", "One of your views has this name: take another.") from None


def _strangers(person: User, wanted: GenerationFilter, team: Team) -> list[str]:
    """What a filter names that is not of this team; what is nowhere at all is not of it, either."""
    known: dict[str, Callable[[list[str]], Iterable[str]]] = {
        "team": lambda _: [team.slug],
        "account": lambda _: Account.objects.filter(team=team).values_list("label", flat=True),
        "owner": lambda names: _people_of(person, team, names),
        "tag": lambda _: Tag.objects.filter(team=team).values_list("name", flat=True),
        "project": lambda _: Project.objects.filter(team=team).values_list("name", flat=True),
    }
    found = []
    for key in CHECKED:
        names = _named(wanted, key)
        theirs = set(known[key](names)) if names else set()
        found += [f"{key} {name}" for name in names if name not in theirs]
    return found


def _named(wanted: GenerationFilter, key: str) -> list[str]:
    """The names that a filter has of one column, wanted and unwanted."""
    values = (*getattr(wanted, key), *getattr(wanted, f"{key}{EXCLUDED}"))
    return [name for name in values if name is not None]


def _people_of(person: User, team: Team, names: list[str]) -> set[str]:
    """Of these people, those of the team: its members, and owners of its rows whom the sharer sees."""
    members = Membership.objects.filter(team=team, user__username__in=names)
    owners = visible_to(person).filter(team=team, owner__username__in=names)
    return {
        *members.values_list("user__username", flat=True),
        *owners.order_by().values_list("owner__username", flat=True).distinct(),
    }


def _names_people(wanted: GenerationFilter) -> bool:
    """Whether a filter names somebody, or an account that is somebody's own key."""
    labels = _named(wanted, "account")
    return bool(_named(wanted, "owner")) or (
        bool(labels) and Account.objects.filter(label__in=labels, owner__isnull=False).exists()
    )


def _teams(team: Team | None) -> list[int]:
    return [team.pk] if team else []


def _told(view: SavedView) -> str:
    """What the trail calls a view: what nobody is shared with is nobody's to read."""
    return view.name if view.team_id else "a view of their own"


def _sharing(before: Team | None, after: Team | None, seen_by: Sequence[int] = ()) -> list[trail.Change]:
    """What became of whom a view is shared with, naming to these teams no other."""
    slugs = [team.slug if team and (not seen_by or team.pk in seen_by) else None for team in (before, after)]
    return [] if slugs[0] == slugs[1] else [trail.Change("shared with", *slugs)]


def filter_of(view: SavedView, zone: ZoneInfo) -> GenerationFilter:
    """The list that a view stands for, seen from this zone."""
    return GenerationFilter.from_query(QueryDict(view.query), zone)
