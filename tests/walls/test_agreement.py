"""Both walls draw the same line: for every person and every row, in worlds drawn at random."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditing.access import Bearer, Person, acting_as, visible_to
from auditing.models import Account, Generation, Membership, Role, Team, User

pytestmark = pytest.mark.django_db

TEAMS, PEOPLE = 3, 4
_numbers = count()


@dataclass(frozen=True)
class Someone:
    """A person as they are drawn: a role for each team (None: not in it), and what else they are."""

    roles: tuple[str | None, ...]
    active: bool
    superuser: bool
    auditor: str  # how they came to see everything: "", by "person" or by "group"


@dataclass(frozen=True)
class World:
    """Who there is, and for each row its team and its owner (None: nobody)."""

    people: tuple[Someone, ...]
    rows: tuple[tuple[int, int | None], ...]

    def shown(self, number: int, team: int | None) -> list[bool]:
        """What the design says that this person sees of each row, in one team or in all."""
        person = self.people[number]
        everything = person.superuser or bool(person.auditor)
        return [
            person.active
            and team in (None, of_team)
            and (
                everything
                or person.roles[of_team] in ("auditor", "manager")
                or (person.roles[of_team] == "member" and owner == number)
            )
            for of_team, owner in self.rows
        ]


SOMEONE = st.builds(
    Someone,
    roles=st.tuples(*[st.sampled_from([None, "member", "auditor", "manager"])] * TEAMS),
    active=st.sampled_from([True, True, True, False]),
    superuser=st.sampled_from([False, False, False, True]),
    auditor=st.sampled_from(["", "", "", "person", "group"]),
)
WORLDS = st.builds(
    World,
    people=st.tuples(*[SOMEONE] * PEOPLE),
    rows=st.lists(
        st.tuples(st.integers(0, TEAMS - 1), st.none() | st.integers(0, PEOPLE - 1)), min_size=1, max_size=12
    ).map(tuple),
)


@dataclass(frozen=True)
class Built:
    """A world in the database."""

    teams: list[Team]
    people: list[User]
    rows: list[int]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=WORLDS)
def test_both_walls_show_each_person_the_same_rows(world: World) -> None:
    with built(world) as there:
        for number, user in enumerate(there.people):
            for team in (None, *range(TEAMS)):
                person: Person = user
                if team is not None:
                    person = Bearer(user, there.teams[team].pk, frozenset(), 0)
                wanted = {row for row, yes in zip(there.rows, world.shown(number, team), strict=True) if yes}
                assert (shown_by_program(person), shown_by_database(person)) == (wanted, wanted)


@contextmanager
def built(world: World) -> Iterator[Built]:
    """The world, as long as the block lasts."""
    with transaction.atomic():
        name = f"w{next(_numbers)}"
        teams = [Team.objects.create(slug=f"{name}-{number}") for number in range(TEAMS)]
        accounts = [
            Account.objects.create(provider="nanobanana", label=team.slug, team=team, base_url="http://x")
            for team in teams
        ]
        people = [built_person(f"{name}-{number}", one, teams) for number, one in enumerate(world.people)]
        rows = [
            Generation.objects.create(
                team=teams[team],
                account=accounts[team],
                provider="nanobanana",
                external_id=f"vid_{number}",
                owner=None if owner is None else people[owner],
            ).pk
            for number, (team, owner) in enumerate(world.rows)
        ]
        yield Built(teams, people, rows)
        transaction.set_rollback(True)


def built_person(username: str, one: Someone, teams: list[Team]) -> User:
    user = User.objects.create(username=username, is_active=one.active, is_superuser=one.superuser)
    sees_everything = Permission.objects.get(codename="view_everything")
    if one.auditor == "person":
        user.user_permissions.add(sees_everything)
    if one.auditor == "group":
        group = Group.objects.create(name=username)
        group.permissions.add(sees_everything)
        user.groups.add(group)
    for team, role in zip(teams, one.roles, strict=True):
        if role:
            Membership.objects.create(user=user, team=team, role=Role(role))
    return User.objects.get(pk=user.pk)  # nothing remembered of an earlier question


def shown_by_program(person: Person) -> set[int]:
    """Wall one alone: what the program asks for, answered by a database that hides nothing."""
    with acting_as(person):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('role', 'clipledger_owner', true)")
        return set(visible_to(person).values_list("pk", flat=True))


def shown_by_database(person: Person) -> set[int]:
    """Wall two alone: what the database answers to a program that asks for everything."""
    with acting_as(person), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM auditing_generation")
        return {row for (row,) in cursor.fetchall()}
