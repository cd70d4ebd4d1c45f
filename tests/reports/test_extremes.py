"""The slowest and the stuck jobs of a report: those that a look at every row finds, without one."""

from datetime import date
from zoneinfo import ZoneInfo

from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from auditing.access import Person, acting_as
from auditing.models import Account, Team
from auditing.reports import TIMING, Asked
from auditing.reports.extremes import Extremes, extremes
from tests.filters.population import Population

UTC_ZONE = ZoneInfo("UTC")
TODAY = date(2026, 10, 25)


def found_by(person: Person, query: str) -> Extremes:
    asked = Asked.from_query(QueryDict(query), TODAY, UTC_ZONE, TIMING)
    return extremes(person, asked, UTC_ZONE)


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


def test_a_team_s_stuck_jobs_are_counted_without_all_others(population: Population) -> None:
    carol = population.people["carol"]
    add_many(population.teams["north"], "completed")
    add_many(population.teams["south"], "processing")
    with acting_as(carol), connection.cursor() as cursor:
        with CaptureQueriesContext(connection) as captured:
            assert found_by(carol, "period=all-time").stuck.rows
        counts = [one["sql"] for one in captured if "COUNT(" in one["sql"] and "'pending'" in one["sql"]]
        cursor.execute("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {counts[-1]}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Only Scan using generation_team_live" in plan
