"""What comes first of many groups is what would come first if each were looked at."""

import random
from collections import defaultdict
from datetime import UTC, datetime
from itertools import pairwise, product

import pytest
from django.contrib.auth.models import Permission
from django.db import connection

from auditing.access import acting_as
from auditing.models import Generation, Project, User
from auditing.records import CreditsBasis
from auditing.reports import Dimension, Period, Question
from auditing.reports.ranking import Order, Standings, first_of
from auditing.reports.sources import Key
from auditing.rollups import fold
from tests.filters.population import Population
from tests.stage import a_team, an_account

pytestmark = pytest.mark.django_db

MADE = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)
MOST = 25
PEOPLE = 6 * MOST  # so that not all are looked at


@pytest.fixture
def crowd() -> User:
    """A site auditor, in front of many people with a few jobs each; costs are few, so that many are alike."""
    chance = random.Random(3)  # noqa: S311 - sample data
    team = a_team("studio")
    account = an_account("nanobanana", "nano", team=team)
    people = User.objects.bulk_create(User(username=f"person-{number}") for number in range(PEOPLE))
    projects = [Project.objects.create(team=team, name=f"project {number}") for number in range(3)]
    Generation.objects.bulk_create(
        Generation(
            team=team,
            account=account,
            provider="nanobanana",
            external_id=f"vid_{number}",
            owner=chance.choice([None, *people]),
            project=chance.choice([None, *projects]),
            status="completed",
            credits_thousandths=charged,
            credits_basis=chance.choice([CreditsBasis.REPORTED, CreditsBasis.DOCUMENTED])
            if charged is not None
            else None,
            created_at=MADE,
            registered_at=MADE,
            flags=[],
        )
        for number in range(1500)
        for charged in [chance.choice([None, 0, 1000, 1000, 4000])]
    )
    fold()
    erin = User.objects.create(username="erin")
    erin.user_permissions.add(Permission.objects.get(codename="view_everything"))
    return erin


def by_looking_at_each(group_by: tuple[Dimension, ...], *, documented: bool) -> dict[Key, tuple[int, int]]:
    """Each group's net credits and jobs."""
    found: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
    for row in Generation.objects.all():
        group = found[tuple(getattr(row, one.column) for one in group_by)]
        if documented or row.credits_basis != CreditsBasis.DOCUMENTED:
            group[0] += row.credits_thousandths or 0
        group[1] += 1
    return {key: (net, jobs) for key, (net, jobs) in found.items()}


@pytest.mark.parametrize("other", [Dimension.PROJECT, Dimension.PROVIDER, Dimension.TEAM])
def test_the_first_pairs_are_those_of_all_pairs(crowd: User, other: Dimension) -> None:
    for order, documented in product((Order.DEAREST, Order.BUSIEST), (True, False)):
        group_by = (other, Dimension.OWNER)
        ranks = {
            key: (net, jobs) if order is Order.DEAREST else (jobs,)
            for key, (net, jobs) in by_looking_at_each(group_by, documented=documented).items()
        }
        with acting_as(crowd):
            found = first_of(
                Standings(crowd, Question(Period(), group_by), documented=documented), order, MOST
            )
        least = sorted(ranks.values(), reverse=True)[MOST - 1]
        assert set(found.keys) == {key for key, rank in ranks.items() if rank >= least}
        assert all(ranks[before] >= ranks[after] for before, after in pairwise(found.keys))
        assert found.many is None, "not all were looked at"


def test_the_busiest_pairs_are_the_same_whether_or_not_anybody_asks_for_their_credits(crowd: User) -> None:
    for group_by in ((Dimension.PROVIDER, Dimension.OWNER), (Dimension.OWNER, Dimension.MODE)):
        question = Question(Period(), group_by)
        with acting_as(crowd):
            first = first_of(Standings(crowd, question), Order.BUSIEST, MOST)
            by_jobs_alone = first_of(Standings(crowd, question, only_jobs=True), Order.BUSIEST, MOST)
        assert set(by_jobs_alone.keys) == set(first.keys)


def test_few_pairs_are_counted(population: Population) -> None:
    erin, group_by = population.people["erin"], (Dimension.OWNER, Dimension.PROJECT)
    with acting_as(erin):
        found = first_of(Standings(erin, Question(Period(), group_by), documented=True), Order.DEAREST, 10)
    assert found.many == len(by_looking_at_each(group_by, documented=True))


def test_who_belongs_nowhere_has_no_first_groups(population: Population) -> None:  # noqa: ARG001
    nobody = User.objects.create(username="nobody")
    with acting_as(nobody):
        for group_by in ((Dimension.OWNER,), (Dimension.OWNER, Dimension.MODE)):
            found = first_of(
                Standings(nobody, Question(Period(), group_by), documented=True), Order.DEAREST, 3
            )
            assert (found.keys, found.many) == ([], 0)


def test_what_all_teams_come_to_is_told_by_cells_of_all_teams(population: Population) -> None:
    erin = population.people["erin"]
    question = Question(Period(), (Dimension.MODE, Dimension.MONTH))
    with acting_as(erin):
        before = first_of(Standings(erin, question, documented=True), Order.EARLIEST, 100)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM auditing_rollup WHERE team_id IS NOT NULL")
    with acting_as(erin):
        assert first_of(Standings(erin, question, documented=True), Order.EARLIEST, 100) == before
    assert before.many


@pytest.mark.parametrize("table", ["auditing_rollup", "auditing_rolluptiming", "auditing_rollupduration"])
def test_cells_of_all_teams_are_for_those_who_see_all_teams(population: Population, table: str) -> None:
    seen = {}
    for name in ("alice", "bob", "carol", "dora", "erin", "root"):
        with acting_as(population.people[name]), connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE team_id IS NULL")  # noqa: S608 - our own names
            seen[name] = cursor.fetchone()[0] > 0
    assert seen == {name: name in ("erin", "root") for name in seen}


def test_cells_of_people_and_projects_are_not_read_where_nobody_tells_these_apart(
    population: Population,
) -> None:
    erin = population.people["erin"]
    question = Question(Period(), (Dimension.DAY,))
    with acting_as(erin):
        before = first_of(Standings(erin, question, documented=True), Order.EARLIEST, 100)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM auditing_rollupnet")
    with acting_as(erin):
        assert first_of(Standings(erin, question, documented=True), Order.EARLIEST, 100) == before
    assert before.many
