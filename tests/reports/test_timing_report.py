"""The timing report: percentiles of the rows behind each line, with what is unknown and impossible apart."""

import json
from datetime import UTC, date, datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from auditing.access import SYSTEM, Person, acting_as, visible_to
from auditing.filters import GenerationFilter
from auditing.models import Generation
from auditing.records import Status
from auditing.reports import TIMING, Asked, Times, TimingReport, timing_report
from auditing.reports.charts import MOST_DOTS, Moment, curves
from auditing.reports.extremes import extremes
from auditing.reports.questions import TIMES, Dimension
from auditing.reports.written import as_json
from tests.filters.population import Population
from tests.reports.asking import fresh, sheet_of_times
from tests.reports.brute import milliseconds

UTC_ZONE = ZoneInfo("UTC")
TODAY = date(2026, 10, 25)


def report(person: Person, query: str) -> TimingReport:
    asked = Asked.from_query(QueryDict(query), TODAY, UTC_ZONE, TIMING)
    with acting_as(person):
        return timing_report(person, asked, datetime(2026, 10, 25, 12, tzinfo=UTC))


def rows_behind(person: Person, query: str) -> list[Generation]:
    wanted = GenerationFilter.from_query(QueryDict(query))
    assert not wanted.errors
    with acting_as(person):
        return list(wanted.apply(visible_to(person)))


def held_against_its_rows(person: Person, line: Times) -> None:
    rows = rows_behind(person, line.query)
    assert line.timings.jobs == len(rows)
    assert line.failed_jobs == len([row for row in rows if row.status == Status.FAILED])
    assert (
        line.timings.jobs
        == line.timings.impossible + line.timings.running.jobs + line.timings.running_unknown
    )
    known = [milliseconds(row.processing_started_at, row.processing_completed_at) for row in rows]
    longest = max((one for one in known if one is not None), default=0)
    assert all(one is None or one <= longest * 1.02 for one in line.running)


@pytest.mark.parametrize("name", ["alice", "erin"])
def test_the_first_lines_are_those_that_the_whole_report_begins_with(
    population: Population, name: str
) -> None:
    person = population.people[name]
    for period, one, other in product(("all-time", "2026"), TIMING.groups, (None, *TIMING.groups)):
        query = f"period={period}&group={one}" + (f"&group={other}" if other else "")
        asked = Asked.from_query(QueryDict(query), TODAY, UTC_ZONE, TIMING)
        with acting_as(person):
            first = timing_report(person, asked, datetime(2026, 10, 25, 12, tzinfo=UTC), 2)
        whole = report(person, query)
        assert first.lines == whole.lines[:2], query
        assert whole.many == len(whole.lines)
        assert first.has_more is (whole.many > 2)
        is_uncounted = one not in TIMES and other and (other in TIMES or Dimension.OWNER in (one, other))
        assert first.many in ({None, len(whole.lines)} if is_uncounted else {len(whole.lines)})


@pytest.mark.parametrize("name", ["alice", "carol", "erin"])
def test_every_line_leads_to_the_rows_that_it_counts(population: Population, name: str) -> None:
    person = population.people[name]
    for query in (
        "period=all-time",
        "period=all-time&group=account&group=month",
        "period=2026&group=owner",
        "period=last-12-months&group=mode&status=failed",
        "period=all-time&group=resolution&project=Spring",
        "period=all-time&group=team&credits_min=1",
    ):
        found = report(person, query)
        assert not found.asked.errors, query
        for line in (*found.lines, found.total):
            held_against_its_rows(person, line)
        assert sum(line.timings.jobs for line in found.lines) == found.total.timings.jobs


def test_the_total_says_how_fresh_it_is(population: Population) -> None:
    erin = population.people["erin"]
    found = report(erin, "period=2026")
    told = fresh(erin, found)
    assert told.jobs == found.total.timings.jobs
    assert dict(sheet_of_times(erin, found, "erin").head)["jobs_unresolved"] == str(told.unresolved)


def test_the_slowest_and_the_stuck_jobs_are_those_that_their_lists_begin_with(population: Population) -> None:
    for name, query in (("alice", "period=all-time"), ("erin", "period=2026"), ("erin", "status=completed")):
        person = population.people[name]
        asked = report(person, query).asked
        with acting_as(person):
            found = extremes(person, asked, UTC_ZONE)
        for jobs in (found.slowest, found.stuck):
            assert jobs.count is not None
            assert jobs.count.number == len(rows_behind(person, jobs.query))
            assert len(jobs.rows) == min(jobs.count.number, 10)
        times = [row.processing_milliseconds for row in rows_behind(person, found.slowest.query)]
        known = sorted((one for one in times if one is not None), reverse=True)
        assert [row.processing_milliseconds for row in found.slowest.rows] == known[:10]
        assert not any("impossible_times" in row.flags for row in found.slowest.rows)
    assert found.slowest.rows


def test_no_time_that_nobody_knows_becomes_a_percentile(population: Population) -> None:
    erin = population.people["erin"]
    with acting_as(SYSTEM):
        Generation.objects.update(processing_started_at=None, processing_completed_at=None)
    total = report(erin, "period=all-time").total
    assert (total.waiting, total.running) == ([None] * 4, [None] * 4)
    assert total.timings.waiting_unknown + total.timings.impossible == 200
    said = json.loads(as_json(sheet_of_times(erin, report(erin, "period=all-time"), "erin")).content)
    assert said["total"]["running_p95_seconds"] is None


def test_what_is_drawn_are_the_numbers_of_its_table(population: Population) -> None:
    found = report(population.people["erin"], "period=last-12-months")
    for picture in (found.waiting, found.running):
        for place, curve in enumerate(picture.curves):
            known = [row.values[place] for row in picture.rows if row.values[place] is not None]
            assert [dot.value for dot in curve.dots] == known
    assert len(found.running.rows) == 52, "weeks without jobs too"
    early = report(population.people["erin"], "from=2020-01-01&to=2026-10-25&group=month")
    assert early.running.rows[0].values != (None,) * 4, "no time before the first job"


def test_dots_that_would_overlap_are_left_out_but_for_what_is_alone() -> None:
    values = [None, 7000, None, *range(1, MOST_DOTS)]
    moments = [Moment(f"day {number}", "", "") for number in range(len(values))]
    (curve,) = curves(moments, ["p50"], [[value] for value in values]).curves
    assert [dot.words for dot in curve.dots] == ["day 1"]
    assert [len(run.split()) for run in curve.runs] == [MOST_DOTS - 1]
