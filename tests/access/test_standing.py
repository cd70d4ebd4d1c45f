"""What a person is, and for how long it stays so."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission

from auditing.access import SYSTEM, Bearer, Sight, acting_as, may_read_trail, sees_everything, sight_of
from auditing.access.standing import Standing, standing_of
from auditing.models import Membership, Role
from auditing.teams import add_member, set_site_auditor
from tests.views.cast import Cast, assemble


@pytest.fixture
def world(db: None) -> Cast:  # noqa: ARG001 - the fixture opens the database
    """Both teams, and their people."""
    return assemble()


def test_it_says_the_role_in_every_team(world: Cast) -> None:
    Membership.objects.create(team=world.other_team, user=world.max, role=Role.MEMBER)
    expected = Standing(False, {world.team.pk: "manager", world.other_team.pk: "member"})
    assert standing_of(world.max) == expected


def test_a_permission_is_ones_own_or_a_groups(world: Cast) -> None:
    """The one to see everything, and no other one."""
    right = Permission.objects.get(codename="view_everything")
    group = Group.objects.create(name="auditors of everybody")
    group.permissions.add(right)
    world.alice.user_permissions.add(right)
    world.bob.groups.add(group)
    world.otto.user_permissions.add(Permission.objects.get(codename="view_user"))
    for person, expected in ((world.alice, True), (world.bob, True), (world.otto, False)):
        assert standing_of(person).everything is expected
        assert sees_everything(person) is expected is person.has_perm("auditing.view_everything")


def test_who_is_switched_off_is_nothing(world: Cast) -> None:
    """Whatever they were given."""
    for person in (world.max, world.sid, world.rita):
        person.is_active = False
        person.save()
        assert standing_of(person) == Standing()
        assert not sees_everything(person)
    world.max.is_active = True  # as one who was read before
    assert standing_of(world.max) == Standing()
    assert not sees_everything(AnonymousUser())


def test_who_acts_is_asked_of_once(world: Cast, django_assert_num_queries: Any) -> None:
    """Whatever asks; a superuser, never; another person, each time."""
    with acting_as(world.max), django_assert_num_queries(1):
        sight_of(world.max)
        assert may_read_trail(world.max)
        assert sight_of(world.max) == Sight(everything=False, whole_teams=(world.team.pk,))
    with acting_as(world.rita), django_assert_num_queries(0):
        assert sight_of(world.rita).everything
    with acting_as(SYSTEM), django_assert_num_queries(2):
        sight_of(world.max)
        sight_of(world.max)


def test_it_never_outlives_who_acts(world: Cast) -> None:
    """A change that another made counts from the next request on: for the database's own wall, too, which is
    told who somebody is when they begin to act."""
    with acting_as(world.max):
        assert sight_of(world.max).whole_teams == (world.team.pk,)
    with acting_as(SYSTEM):
        Membership.objects.filter(user=world.max).update(role=Role.MEMBER)
    with acting_as(world.max):
        assert sight_of(world.max).own_in_teams == (world.team.pk,)


def test_whoever_acts_inside_is_themselves(world: Cast) -> None:
    """And a bearer is in their team alone, whatever was asked of their person."""
    Membership.objects.create(team=world.other_team, user=world.max, role=Role.AUDITOR)
    whole = tuple(sorted((world.team.pk, world.other_team.pk)))
    with acting_as(world.max):
        assert sight_of(world.max).whole_teams == whole
        with acting_as(world.alice):
            assert sight_of(world.alice) == Sight(everything=False, own_in_teams=(world.team.pk,))
        bearer = Bearer(world.max, world.other_team.pk, frozenset(), token_id=1)
        with acting_as(bearer):
            assert sight_of(bearer).whole_teams == (world.other_team.pk,)
        assert sight_of(world.max).whole_teams == whole


def test_what_is_changed_while_somebody_acts_counts_at_once(world: Cast) -> None:
    """A team joined, a role lost, a right given and taken: whoever acts inside at that moment."""
    with acting_as(world.max):
        assert may_read_trail(world.max)
        with acting_as(SYSTEM):
            add_member(world.team, world.max.username, Role.MEMBER)
        assert not may_read_trail(world.max)
        assert sight_of(world.max).own_in_teams == (world.team.pk,)
        with acting_as(SYSTEM):
            add_member(world.other_team, world.max.username, Role.MANAGER)
        assert sight_of(world.max).whole_teams == (world.other_team.pk,)
        for may in (True, False):
            with acting_as(SYSTEM):
                set_site_auditor(world.max, may)
            assert sees_everything(world.max) is may
