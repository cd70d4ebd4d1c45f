"""A bearer of a token sees what the token's person sees, in its one team."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import QuerySet

from auditing.access import (
    SYSTEM,
    Bearer,
    Refused,
    acting_as,
    may_refresh,
    records_of_id,
    refreshable_accounts,
    sees_everything,
    visible_accounts,
    visible_run_parts,
    visible_teams,
    visible_to,
)
from auditing.models import Generation, Membership, Role, Scope, Team, User
from tests.views.cast import Cast, assemble, completed, ran

PEOPLE = ("alice", "bob", "audrey", "max", "otto", "sid", "rita", "wanda")


def bearer(person: User, team: Team) -> Bearer:
    return Bearer(person, team.pk, frozenset(Scope), token_id=1)


def keys(rows: QuerySet[Any]) -> set[int]:
    return set(rows.values_list("pk", flat=True))


def said() -> tuple[str, str]:
    """What the database was told."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('clipledger.person', true), current_setting('clipledger.team', true)"
        )
        person, team = cursor.fetchone()
    return person, team


@pytest.fixture
def world(db: None) -> Cast:  # noqa: ARG001 - the fixture opens the database
    """Records, accounts and runs of both teams; Wanda manages one team and is a member of the other."""
    people = assemble()
    wanda = User.objects.create(username="wanda")
    Membership.objects.create(team=people.team, user=wanda, role=Role.MEMBER)
    Membership.objects.create(team=people.other_team, user=wanda, role=Role.MANAGER)
    people.reel.owner, people.other_reel.owner = people.alice, people.otto
    people.reel.save()
    people.other_reel.save()
    for account in (people.nano, people.reel, people.other_nano, people.other_reel):
        ran(account, requested=1, ok=1)
        for owner in (people.alice, people.bob, people.otto, wanda, None):
            completed(account, f"id-{owner}", owner)
    return people


def pairs(world: Cast) -> Iterator[tuple[User, Team]]:
    """Every person with every team, their own or not."""
    for name in PEOPLE:
        for team in (world.team, world.other_team):
            yield User.objects.get(username=name), team


def test_a_bearer_sees_what_the_person_sees_in_that_team(world: Cast) -> None:
    """Records, accounts and runs, and what may be looked up at once: each person with each team."""
    seen = 0
    for person, team in pairs(world):
        for rows in (visible_to, visible_accounts, visible_run_parts, refreshable_accounts):
            with acting_as(person):
                expected = keys(rows(person).filter(team=team))
            with acting_as(bearer(person, team)):
                assert keys(rows(bearer(person, team))) == expected, (person, team, rows)
            seen += len(expected)
    assert seen > 100


def test_a_bearer_knows_of_no_team_but_its_own(world: Cast) -> None:
    """A site auditor's, too; of none, once the person is not of that team."""
    for person, team in pairs(world):
        with acting_as(person):
            expected = keys(visible_teams(person)) & {team.pk}
        with acting_as(bearer(person, team)):
            assert keys(visible_teams(bearer(person, team))) == expected
            assert not sees_everything(bearer(person, team))


def test_a_bearer_may_have_looked_up_what_the_person_may_in_that_team(world: Cast) -> None:
    """Each person, team and record."""
    generations = list(Generation.objects.all())
    for person, team in pairs(world):
        program = bearer(person, team)
        with acting_as(person):
            expected = [row.team_id == team.pk and may_refresh(person, row) for row in generations]
        with acting_as(program):
            assert [may_refresh(program, row) for row in generations] == expected


def test_a_bearer_is_refused_another_teams_record_as_a_stranger_is(world: Cast) -> None:
    """Though its person may see it."""
    completed(world.other_nano, "vid_south", None)
    sid = bearer(world.sid, world.team)
    with acting_as(sid), pytest.raises(Refused) as refused:
        records_of_id(sid, "nanobanana", "vid_south")
    assert refused.value.http_status == 403


def test_the_database_is_told_the_person_and_the_team(world: Cast) -> None:
    """Both for a bearer; no team for anybody else."""
    told = []
    for person in (bearer(world.alice, world.team), world.alice, SYSTEM, AnonymousUser()):
        with acting_as(person):
            told.append(said())
    alice = str(world.alice.pk)
    assert told == [(alice, str(world.team.pk)), (alice, ""), ("system", ""), ("", "")]


def test_who_acts_inside_another_leaves_the_outer_one_as_it_was(world: Cast) -> None:
    """Whether the inner one ends well or not."""
    program = bearer(world.alice, world.team)
    with acting_as(program):
        before = said()
        with acting_as(SYSTEM):
            assert said() == ("system", "")
        assert said() == before
        with pytest.raises(ZeroDivisionError), acting_as(world.bob):
            1 / 0  # noqa: B018
        assert said() == before
        assert visible_to(program).exists()
