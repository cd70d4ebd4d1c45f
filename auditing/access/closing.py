"""Which closed months each may know of, and who closes a month."""

from django.db.models import QuerySet
from django.db.models.fetch_modes import FETCH_RAISE

from auditing.access.acting import Bearer, Person, checked, id_of
from auditing.access.refreshing import managed_teams
from auditing.access.seeing import sees_everything, sight_of, visible_teams
from auditing.models import Adjustment, ClosedMonth, ClosedSeal, Team


def visible_closed_months(person: Person) -> QuerySet[ClosedMonth]:
    """The closed months of this person's teams: that a month is closed, everybody of a team may know."""
    rows = ClosedMonth.objects.all().fetch_mode(FETCH_RAISE)
    if sees_everything(person):
        checked(person)
        return rows
    return rows.filter(team__in=visible_teams(person))


def visible_seals(person: Person) -> QuerySet[ClosedSeal]:
    """The seals of closed months of teams that this person sees whole: they tell of every job."""
    sight = sight_of(person)
    rows = ClosedSeal.objects.all().fetch_mode(FETCH_RAISE)
    return rows if sight.everything else rows.filter(team_id__in=sight.whole_teams)


def visible_adjustments(person: Person) -> QuerySet[Adjustment]:
    """The sides of adjustments that this person may see: as of the records themselves, whole teams' and
    those of jobs that were their own before the change, or are since."""
    sight = sight_of(person)
    rows = Adjustment.objects.all().fetch_mode(FETCH_RAISE)
    if sight.everything:
        return rows
    whole = rows.filter(team_id__in=sight.whole_teams)
    return whole | rows.filter(team_id__in=sight.own_in_teams, owner_id=id_of(person))


def may_close(person: Person, team: Team) -> bool:
    """Whether this person closes months of the team: as its manager, or as superuser; never by a token."""
    return not isinstance(person, Bearer) and managed_teams(person).filter(pk=team.pk).exists()
