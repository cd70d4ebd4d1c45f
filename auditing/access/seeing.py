"""What each may see: the start of every read of audited rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import BooleanField, F, Func, OuterRef, Q, QuerySet
from django.db.models.fetch_modes import FETCH_RAISE

from auditing.access.acting import Bearer, Person, System, checked, id_of
from auditing.access.standing import standing_of
from auditing.models import (
    VIEW_EVERYTHING,
    Account,
    Generation,
    Membership,
    Role,
    RunPart,
    SavedView,
    Tagging,
    Team,
    TrailEntry,
    User,
)

TEAM_WIDE = (Role.AUDITOR, Role.MANAGER)


def sees_everything(person: Person) -> bool:
    """True for the system, superusers and site auditors; never for a bearer, who has one team."""
    if isinstance(person, User):
        return standing_of(person).everything
    return isinstance(person, System)


def those_who_see_everything() -> QuerySet[User]:
    """The people of whom `sees_everything` is true, for other queries to ask about."""
    return User.objects.with_perm(VIEW_EVERYTHING, backend="django.contrib.auth.backends.ModelBackend")


@dataclass(frozen=True, slots=True)
class Sight:
    """What one person may see: `everything`, whole teams, and their own records in other teams."""

    everything: bool
    whole_teams: tuple[int, ...] = ()
    own_in_teams: tuple[int, ...] = ()

    @property
    def teams(self) -> tuple[int, ...]:
        """Every team of which at least a part may be seen."""
        return self.whole_teams + self.own_in_teams

    def within(self, team_id: int) -> "Sight":
        """As much of it as is in one team."""
        if self.everything:
            return Sight(everything=False, whole_teams=(team_id,))
        whole, own = (
            (team_id,) if team_id in teams else () for teams in (self.whole_teams, self.own_in_teams)
        )
        return Sight(everything=False, whole_teams=whole, own_in_teams=own)


def sight_of(person: Person) -> Sight:
    """What this person may see, in one query at most (`standing_of`)."""
    checked(person)
    if isinstance(person, Bearer):
        return sight_of(person.user).within(person.team_id)
    if not isinstance(person, User):
        return Sight(everything=isinstance(person, System))
    standing = standing_of(person)
    if standing.everything:
        return Sight(everything=True)
    roles = standing.roles
    return Sight(
        everything=False,
        whole_teams=tuple(sorted(team for team, role in roles.items() if role in TEAM_WIDE)),
        own_in_teams=tuple(sorted(team for team, role in roles.items() if role not in TEAM_WIDE)),
    )


def roles_of(person: Person) -> Mapping[int, str]:
    """This person's role in each team they belong to, by its id, in one query at most; a bearer's, in its
    team. Nobody's who is switched off."""
    if isinstance(person, Bearer):
        return {team: role for team, role in roles_of(person.user).items() if team == person.team_id}
    return standing_of(person).roles if isinstance(person, User) else {}


def memberships(person: Person) -> QuerySet[Membership]:
    """Where this person is a member, unless they are switched off; a bearer, in its team at most."""
    rows = Membership.objects.filter(user_id=id_of(person), user__is_active=True)
    return rows.filter(team_id=person.team_id) if isinstance(person, Bearer) else rows


def visible_to(person: Person) -> QuerySet[Generation]:
    """The generations this person may see; the start of every read of audited rows.

    Rows come without lazy loading: what a page shows must be asked for with select_related.
    """
    return _generations(person, sight_of(person))


def _generations(person: Person, sight: Sight) -> QuerySet[Generation]:
    rows = Generation.objects.all().fetch_mode(FETCH_RAISE)
    if sight.everything:
        return rows
    own = Q(team_id__in=sight.own_in_teams, owner_id=id_of(person))
    if not sight.whole_teams:
        return rows.filter(own)
    whole = Q(team_id__in=sight.whole_teams)
    return rows.filter(whole | own) if sight.own_in_teams else rows.filter(whole)


def taggings_outside() -> QuerySet[Tagging]:
    """The taggings of the generation outside, for queries over `visible_to` to ask about (`Exists`)."""
    return Tagging.objects.filter(generation=OuterRef("pk"))


IDS = "{ids}"
"""Where in the SQL of `rows_found` the query stands that finds their ids."""


class AnyOf(Func):
    """Whether a value is among those of an array. A subquery makes it once and for all rows: with IN the
    planner may join it, and then runs it again for each of the rows, where it takes them to be few."""

    arg_joiner = " = ANY ("
    template = "(%(expressions)s))"
    output_field = BooleanField()


class _AnyOfFound(Func):
    """The same of what the query finds that is to stand in place of IDS."""

    template = f"(%(expressions)s = ANY (ARRAY({IDS})))"
    output_field = BooleanField()


def rows_found() -> QuerySet[Generation]:
    """The generations of the ids that a query finds among visible rows, once its SQL stands in place of IDS:
    by these alone, so that nothing but their primary key leads to them, whatever they were found by."""
    return Generation.objects.filter(_AnyOfFound(F("pk"))).fetch_mode(FETCH_RAISE)


def tags_of(ids: Iterable[int]) -> dict[int, list[str]]:
    """The names of the tags of visible generations, by their ids; in one query."""
    tags: dict[int, list[str]] = {}
    for pk, name in Tagging.objects.filter(generation_id__in=ids).values_list("generation_id", "tag__name"):
        tags.setdefault(pk, []).append(name)
    return tags


def visible_teams(person: Person) -> QuerySet[Team]:
    """The teams this person may know of: all, or those they belong to."""
    sight = sight_of(person)
    return Team.objects.all() if sight.everything else Team.objects.filter(pk__in=sight.teams)


def member_teams(person: Person) -> QuerySet[Team]:
    """The teams this person belongs to, whatever else they see."""
    checked(person)
    return Team.objects.filter(pk__in=memberships(person).values("team_id"))


def visible_saved_views(person: Person) -> QuerySet[SavedView]:
    """The saved views this person is shown: their own, and those shared with teams of theirs; one that names
    people only with teams that they see whole."""
    sight = sight_of(person)
    rows = SavedView.objects.all().fetch_mode(FETCH_RAISE)
    own = Q(owner_id=id_of(person))
    if sight.everything:
        return rows.filter(own | Q(team_id__isnull=False))
    told = Q(team_id__in=sight.own_in_teams, names_people=False)
    return rows.filter(own | told | Q(team_id__in=sight.whole_teams))


def visible_accounts(person: Person) -> QuerySet[Account]:
    """The accounts whose health this person may see: of teams they see whole, and their own keys."""
    sight = sight_of(person)
    rows = Account.objects.all().fetch_mode(FETCH_RAISE)
    if sight.everything:
        return rows
    return rows.filter(Q(team_id__in=sight.whole_teams) | Q(team_id__in=sight.teams, owner_id=id_of(person)))


def visible_run_parts(person: Person) -> QuerySet[RunPart]:
    """The accounts' parts of runs that this person may see: those of the accounts they may see."""
    sight = sight_of(person)
    rows = RunPart.objects.all().fetch_mode(FETCH_RAISE)
    if sight.everything:
        return rows
    return rows.filter(
        Q(team_id__in=sight.whole_teams) | Q(team_id__in=sight.teams, account__owner_id=id_of(person))
    )


def visible_trail(person: Person) -> QuerySet[TrailEntry] | None:
    """The trail's entries this person may see: those of the teams they manage, for superusers and site
    auditors all. None for everybody else.

    Which team an entry belongs to was settled when it was written (`trail.py`); who has left the team since
    changes nothing.
    """
    checked(person)
    rows = TrailEntry.objects.all().fetch_mode(FETCH_RAISE)
    if sees_everything(person):
        return rows
    teams = sorted(team for team, role in roles_of(person).items() if role == Role.MANAGER)
    return rows.filter(team_id__in=teams) if teams else None


def may_read_trail(person: Person) -> bool:
    """Whether `visible_trail` has anything for this person."""
    checked(person)
    return sees_everything(person) or Role.MANAGER in roles_of(person).values()


def may_read_statements(person: Person) -> bool:
    """Whether this person sees a team whole, and so what its accounts' providers say (`reconciling.py`)."""
    checked(person)
    return sees_everything(person) or not set(roles_of(person).values()).isdisjoint(TEAM_WIDE)
