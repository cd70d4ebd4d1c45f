"""On which records each may write notes and put tags, and whose attribution they may correct."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.db.models.fetch_modes import FETCH_RAISE

from auditing.access.acting import checked
from auditing.access.refreshing import may_change_everything
from auditing.access.seeing import TEAM_WIDE, memberships, roles_of
from auditing.models import Generation, Role, User


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may add to one record that they see, and whether they may `correct` it
    and mark how its refund stands (`claim`)."""

    note: bool = False
    tag: bool = False
    correct: bool = False
    claim: bool = False


def rights_on(person: User, generation: Generation) -> Rights:
    """What this person may do to a record that they see, in one query at most (`standing_of`).

    A member writes notes on their own; an auditor and a manager notes and tags on all of the team's; a
    manager corrects owner and project, and marks refunds. Site auditors read. What is written stands under a
    person's name: no token writes any.
    """
    checked(person)
    if may_change_everything(person):
        return Rights(note=True, tag=True, correct=True, claim=True)
    role = roles_of(person).get(generation.team_id)
    whole = role in TEAM_WIDE
    own = role == Role.MEMBER and generation.owner_id == person.pk
    manages = role == Role.MANAGER
    return Rights(note=whole or own, tag=whole, correct=manages, claim=manages)


def rows_to_note(person: User) -> QuerySet[Generation]:
    """The records this person may write notes on: a member their own, an auditor and a manager all of the
    team's, a superuser every one."""
    own = Q(team_id__in=memberships(person).filter(role=Role.MEMBER).values("team_id"), owner_id=person.pk)
    return _rows(person, own)


def rows_to_tag(person: User) -> QuerySet[Generation]:
    """The records this person may put tags on: those of teams that they audit or manage; superusers, all."""
    return _rows(person, Q(pk__in=()))


def rows_to_correct(person: User) -> QuerySet[Generation]:
    """The records that this person may correct: of teams that they manage; superusers, all."""
    return _managed(person)


def rows_to_claim(person: User) -> QuerySet[Generation]:
    """The records whose refunds this person marks: of teams that they manage; superusers, all."""
    return _managed(person)


def _managed(person: User) -> QuerySet[Generation]:
    checked(person)
    rows = Generation.objects.all().fetch_mode(FETCH_RAISE)
    if may_change_everything(person):
        return rows
    return rows.filter(team_id__in=memberships(person).filter(role=Role.MANAGER).values("team_id"))


def _rows(person: User, beside: Q) -> QuerySet[Generation]:
    checked(person)
    rows = Generation.objects.all().fetch_mode(FETCH_RAISE)
    if may_change_everything(person):
        return rows
    whole = Q(team_id__in=memberships(person).filter(role__in=TEAM_WIDE).values("team_id"))
    return rows.filter(whole | beside)
