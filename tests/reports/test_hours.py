"""Jobs by hour of the week are those of the rows, by the report zone's clock, whatever is asked of them."""

from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.http import QueryDict
from pytest_django.fixtures import Settings

from auditing.access import Person, acting_as, visible_to
from auditing.filters import GenerationFilter
from auditing.models import Generation
from auditing.reports import TIMING, Asked, Period, Question, TimingReport, timing_report
from auditing.reports.hours import HeatMap, Hours, heat_map, hours_of_the_week
from tests.filters.population import Population
from tests.reports import brute

UTC_ZONE = ZoneInfo("UTC")


def hours(person: Person, question: Question) -> Hours:
    with acting_as(person):
        return hours_of_the_week(person, question)


def counted(found: HeatMap) -> dict[tuple[str, int], int]:
    return {
        (day.name, hour): one.jobs for day in found.weekdays for hour, one in enumerate(day.hours) if one.jobs
    }


def by_hand(rows: list[Generation], zone: ZoneInfo) -> dict[tuple[str, int], int]:
    times = [row.created_at.astimezone(zone) for row in rows if row.created_at]
    return dict(Counter((f"{time:%A}", time.hour) for time in times))


@pytest.mark.parametrize("name", ["alice", "bob", "carol", "dora", "erin"])
def test_jobs_of_each_hour_are_those_of_the_rows(population: Population, name: str) -> None:
    person = population.people[name]
    for period in (Period(), Period(date(2026, 9, 3), date(2026, 10, 25)), Period(date(2026, 1, 1), None)):
        found = hours(person, Question(period))
        rows = brute.rows_for(person, Question(period), UTC_ZONE)
        assert counted(found.created) == by_hand(rows, UTC_ZONE)
        assert counted(found.failed) == by_hand([row for row in rows if row.status == "failed"], UTC_ZONE)
        assert (
            found.created.jobs
            == sum(found.created.by_hour)
            == sum(row.created_at is not None for row in rows)
        )


def test_hours_are_cut_by_the_report_zone(population: Population, settings: Settings) -> None:
    erin, berlin = population.people["erin"], ZoneInfo("Europe/Berlin")
    settings.REPORT_TIME_ZONE = "Europe/Berlin"
    with connection.cursor() as cursor:
        cursor.execute("SELECT auditing_mend_rollups(%s)", [berlin.key])
    rows = brute.rows_for(erin, Question(), berlin)
    assert counted(hours(erin, Question()).created) == by_hand(rows, berlin)


def report(person: Person, query: str) -> TimingReport:
    asked = Asked.from_query(QueryDict(query), date(2026, 10, 25), UTC_ZONE, TIMING)
    with acting_as(person):
        return timing_report(person, asked, datetime(2026, 10, 25, 12, tzinfo=UTC))


@pytest.mark.parametrize("query", ["status=completed&owner=alice", "project=Spring", "credits_min=1&q=beach"])
def test_every_filter_of_the_report_narrows_its_hours(population: Population, query: str) -> None:
    carol = population.people["carol"]
    found = report(carol, f"period=2026&{query}")
    wanted = GenerationFilter.from_query(QueryDict(f"created_from=2026-01-01&created_to=2026-12-31&{query}"))
    with acting_as(carol):
        rows = list(wanted.apply(visible_to(carol)))
    assert counted(found.hours.created) == by_hand(rows, UTC_ZONE) != {}


def test_who_sees_nothing_has_a_map_of_nothing() -> None:
    found = heat_map([])
    assert (found.jobs, found.steps, len(found.weekdays), len(found.by_hour)) == (0, (), 7, 24)


@pytest.mark.parametrize(
    ("most", "steps"),
    [(1, [(5, 1, 1)]), (3, [(3, 1, 1), (4, 2, 2), (5, 3, 3)]),
     (52, [(1, 1, 11), (2, 12, 21), (3, 22, 32), (4, 33, 42), (5, 43, 52)])],
)  # fmt: skip
def test_steps_go_up_to_the_fullest_hour(most: int, steps: list[tuple[int, int, int]]) -> None:
    found = heat_map([[0, most], [0, 0, *range(most)]])
    assert [(step.number, step.least, step.most) for step in found.steps] == steps
    for hour in (one for day in found.weekdays for one in day.hours):
        expected = [number for number, least, last in steps if least <= hour.jobs <= last]
        assert [hour.step] == (expected or [0])
