"""The slowest and the stuck jobs of a report: those that a look at every row finds, without one."""

from collections.abc import Mapping
from datetime import date
from itertools import product
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import F
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from auditing.access import SYSTEM, Person, acting_as, visible_to
from auditing.filters import COUNT_CAP, BoundedCount, GenerationFilter, Row
from auditing.models import Account, Generation, Team
from auditing.reports import TIMING, Asked
from auditing.reports.extremes import SHOWN, Extremes, extremes
from tests.filters.population import VIEWERS, Population, live_on

UTC_ZONE = ZoneInfo("UTC")
TODAY = date(2026, 10, 25)
QUERIES = (
    "period=all-time",
    "period=2026",
    "from=2026-03-03&to=2026-10-09&provider=nanobanana",
    "period=all-time&status=completed&status=~none",
    "period=2026&owner=bob&owner=~none&mode=~none",
    "period=all-time&owner=mallory",
    "period=all-time&project=Spring",
    "period=2026&processing_min=1",
    "period=all-time&flag_not=stuck",
)


def found_by(person: Person, query: str) -> Extremes:
    asked = Asked.from_query(QueryDict(query), TODAY, UTC_ZONE, TIMING)
    return extremes(person, asked, UTC_ZONE)


def as_listed(person: Person, query: str) -> tuple[list[Row], BoundedCount]:
    """The first rows of the list that the slowest are linked with, and how many it has."""
    listed = GenerationFilter.from_query(QueryDict(found_by(person, query).slowest.query))
    assert not listed.errors
    page = listed.page(visible_to(person))
    return page.rows[:SHOWN], page.count


def held_against_the_list(people: Mapping[str, Person]) -> int:
    """How many slowest jobs there are, and all as listed."""
    number = 0
    for name, query in product(people, QUERIES):
        with acting_as(people[name]):
            slowest = found_by(people[name], query).slowest
            rows, count = as_listed(people[name], query)
        assert (list(slowest.rows), slowest.count) == (rows, count), (name, query)
        number += count.number
    return number


def test_the_slowest_are_those_that_the_list_begins_with(population: Population) -> None:
    people = live_on(population)
    assert held_against_the_list({name: people[name] for name in VIEWERS}) > 300
    made = Generation.objects.order_by("pk")
    with acting_as(SYSTEM):
        made.update(flags=[])
        made.filter(processing_completed_at__lt=F("processing_started_at")).update(processing_started_at=None)
        made.filter(processing_started_at__lt=F("created_at")).update(created_at=None)
        made.filter(processing_completed_at__lt=F("created_at")).update(created_at=None)
    assert held_against_the_list({name: people[name] for name in VIEWERS}) > 300


def test_of_many_more_the_slowest_are_those_that_the_list_begins_with(population: Population) -> None:
    people = {name: population.people[name] for name in ("carol", "erin")}
    add_many(population.teams["north"], "completed", COUNT_CAP + 1000)
    assert held_against_the_list(people) > COUNT_CAP
    with acting_as(SYSTEM):
        longest = Generation.objects.order_by(F("processing_milliseconds").desc(nulls_last=True))
        for row in longest[:3]:
            Generation.objects.filter(pk=row.pk).update(flags=["impossible_times"])
    assert held_against_the_list(people) > COUNT_CAP


def add_many(team: Team, status: str, number: int = 3000) -> None:
    """Jobs of a team, made by the database, that ran for as many milliseconds as they have before them."""
    account = Account.objects.filter(team=team).order_by("pk")[0]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO auditing_generation (team_id, provider, external_id, account_id, registered_at, flags,
                status, created_at, processing_started_at, processing_completed_at)
            SELECT %s, %s, %s || n, %s, now(), '{}', %s, made.at, made.at, made.at + n * interval '1 ms'
            FROM generate_series(1, %s) AS n,
                LATERAL (SELECT timestamptz '2026-01-01' + n * interval '1 min' AS at) AS made
            """,
            [team.pk, account.provider, f"{status} ", account.pk, status, number],
        )
        cursor.execute("ANALYZE auditing_generation")


def test_an_index_has_all_that_tells_a_team_s_stuck_jobs(population: Population) -> None:
    carol = population.people["carol"]
    with connection.cursor() as cursor:  # which of several is used is for the planner to say
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off; DROP INDEX generation_live, generation_team_owner")
        cursor.execute("DROP INDEX generation_team_created, generation_created, generation_owner_created")
    with acting_as(carol), connection.cursor() as cursor:
        with CaptureQueriesContext(connection) as captured:
            assert found_by(carol, "period=all-time").stuck.rows
        counts = [one["sql"] for one in captured if "COUNT(" in one["sql"] and "'pending'" in one["sql"]]
        cursor.execute(f"EXPLAIN {counts[-1]}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Only Scan using generation_team_live" in plan
