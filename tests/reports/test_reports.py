"""Every cell of a report is what looking at each visible row comes to; unknown is told, and never 0."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import combinations, product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from auditing.access import Person, acting_as, visible_to
from auditing.models import Generation, Project, User
from auditing.records import CreditsBasis, Status
from auditing.reports import UNDATED, Dimension, Period, Question, month_of, times_offered, timings, totals
from auditing.reports.questions import Wanted
from auditing.rollups import OtherZone, zone_checked
from tests.filters.population import Population, populate
from tests.reports import brute

pytestmark = pytest.mark.django_db

UTC_ZONE = ZoneInfo("UTC")
PEOPLE = ("alice", "bob", "carol", "dora", "erin")
AUTUMN = Period(date(2026, 9, 3), date(2026, 10, 25))
PERIODS = (Period(), AUTUMN, month_of(date(2026, 10, 9)), Period(date(2026, 10, 25), None), UNDATED)


def groupings(*without: Dimension) -> Iterator[tuple[Dimension, ...]]:
    wanted = [one for one in Dimension if one not in without]
    for many in (0, 1, 2):
        yield from combinations(wanted, many)


def said(person: Person, question: Question) -> dict[tuple[Any, ...], Any]:
    with acting_as(person):
        return {cell.key: dict(cell.parts) for cell in totals(person, question)}


def test_totals_of_every_grouping_are_those_of_the_rows(population: Population) -> None:
    for number, group_by in enumerate(groupings()):
        person = population.people[PEOPLE[number % len(PEOPLE)]]
        question = Question(PERIODS[number % 4], group_by)
        assert said(person, question) == brute.grouped(person, question, UTC_ZONE, brute.parts_of), question


def test_totals_are_those_of_the_rows_that_the_person_may_see(population: Population) -> None:
    split = ((), (Dimension.OWNER, Dimension.PROJECT), (Dimension.WEEK,))
    for name, period, group_by in product(PEOPLE, PERIODS, split):
        person, question = population.people[name], Question(period, group_by)
        assert said(person, question) == brute.grouped(person, question, UTC_ZONE, brute.parts_of)


def test_only_what_is_wanted_counts(population: Population) -> None:
    erin, alice = population.people["erin"], population.people["alice"]
    with acting_as(erin):
        project = Project.objects.first()
    assert project is not None
    wanted: tuple[dict[Dimension, tuple[Wanted, ...]], ...] = (
        {Dimension.OWNER: (alice.pk, None)},
        {Dimension.RESOLUTION: ("4k", None), Dimension.MODE: ("text-to-video",)},
        {Dimension.PROJECT: (project.pk,), Dimension.STATUS: ("failed", "completed")},
        {Dimension.PROVIDER: ("reelbot",)},
        {Dimension.MONTH: (date(2026, 9, 1),)},
    )
    for only in wanted:
        question = Question(Period(), (Dimension.TEAM,), only)
        assert said(erin, question) == brute.grouped(erin, question, UTC_ZONE, brute.parts_of)


def test_any_rows_can_be_asked_for(population: Population) -> None:
    carol = population.people["carol"]
    with acting_as(carol):
        rows = visible_to(carol).filter(external_id__startswith="vid", created_at__isnull=False)
        asked = Question(AUTUMN, (Dimension.MODE,), rows=rows)
        wanted = {row.pk for row in rows}
        cells = {cell.key: dict(cell.parts) for cell in totals(carol, asked)}
        timed = sum(group.jobs for group in timings(carol, asked))
    seen = [row for row in brute.rows_for(carol, Question(AUTUMN), UTC_ZONE) if row.pk in wanted]
    assert timed == len(seen) > 0
    modes = {row.mode for row in seen}
    assert cells == {(mode,): brute.parts_of(row for row in seen if row.mode == mode) for mode in modes}


def test_days_are_cut_by_the_report_zone(population: Population, settings: Settings) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    erin, question = population.people["erin"], Question(AUTUMN, (Dimension.DAY,))
    settings.REPORT_TIME_ZONE = "Asia/Tokyo"
    with pytest.raises(OtherZone, match=r"cut by UTC, and REPORT_TIME_ZONE is Asia/Tokyo: .*verify_rollups"):
        said(erin, question)
    with connection.cursor() as cursor:
        cursor.execute("SELECT auditing_mend_rollups('Asia/Tokyo')")
    assert said(erin, question) == brute.grouped(erin, question, tokyo, brute.parts_of)


def test_within_one_moment_the_zone_is_asked_once(population: Population, settings: Settings) -> None:
    erin, question = population.people["erin"], Question(AUTUMN, (Dimension.DAY,))
    with acting_as(erin, at_one_moment=True), CaptureQueriesContext(connection) as asked, zone_checked():
        totals(erin, question)
        timings(erin, question)
    assert len([one for one in asked if "auditing_rollupzone" in one["sql"]]) == 1
    settings.REPORT_TIME_ZONE = "Asia/Tokyo"
    with acting_as(erin), pytest.raises(OtherZone), zone_checked():
        pytest.fail("nothing may be asked by another zone")


def test_foreign_rows_change_nothing(population: Population) -> None:
    alice, carol = population.people["alice"], population.people["carol"]
    question = Question(Period(), (Dimension.OWNER, Dimension.MONTH))
    before = said(alice, question), said(carol, question)
    south = population.teams["south"]
    foreign = [row for row in population.generations if row.team_id == south.pk]
    for row in foreign:
        row.pk = None
        row.external_id += " again"
        row._state.adding = True
    Generation.objects.bulk_create(foreign)
    assert (said(alice, question), said(carol, question)) == before


def test_who_belongs_nowhere_sees_nothing() -> None:
    populate(size=20)
    nobody = User.objects.create(username="nobody")
    with acting_as(nobody):
        assert (totals(nobody, Question()), timings(nobody, Question())) == ([], [])


def a_row(population: Population, **fields: Any) -> None:
    """One row alone, with these fields and nothing else known."""
    Generation.objects.filter(pk__in=[row.pk for row in population.generations[1:]]).update(
        created_at=None, status="unknown", credits_thousandths=None, credits_basis=None
    )
    unknown = {"credits_thousandths": None, "credits_basis": None, "credits_most_thousandths": None}
    Generation.objects.filter(pk=population.generations[0].pk).update(
        **unknown | {"created_at": datetime(2026, 5, 5, tzinfo=UTC), "duration_milliseconds": None} | fields
    )


def the_cell(population: Population) -> Any:
    erin = population.people["erin"]
    with acting_as(erin):
        (cell,) = totals(erin, Question(month_of(date(2026, 5, 5))))
    return cell


def test_credits_that_nobody_knows_are_none_and_their_jobs_are_counted(population: Population) -> None:
    a_row(population, status="completed")
    charged, output = the_cell(population).credits(), the_cell(population).output()
    assert (charged.gross, charged.net, charged.refunded, charged.known, charged.unknown) == (
        None,
        None,
        None,
        0,
        1,
    )
    assert (output.videos, output.timed, output.milliseconds, output.rated_credits) == (1, 0, None, None)


def test_a_reported_zero_is_a_figure(population: Population) -> None:
    a_row(population, status="failed", credits_thousandths=0, credits_basis=CreditsBasis.REPORTED)
    charged = the_cell(population).credits(Status.FAILED)
    assert (charged.gross, charged.net, charged.refunded, charged.known, charged.unknown) == (0, 0, 0, 1, 0)


def test_documented_credits_are_marked_and_can_be_left_out(population: Population) -> None:
    a_row(
        population,
        status="completed",
        credits_thousandths=1000,
        credits_basis=CreditsBasis.DOCUMENTED,
        duration_milliseconds=5000,
    )
    cell = the_cell(population)
    counted, left_out = cell.credits(), cell.credits(documented=False)
    assert (counted.net, counted.known, counted.documented, counted.left_out) == (1000, 1, 1, 0)
    assert (left_out.net, left_out.known, left_out.left_out, left_out.unknown) == (None, 0, 1, 0)
    assert (cell.output().rated_credits, cell.output(documented=False).rated_credits) == (1000, None)


def test_what_was_refunded_is_the_most_less_what_it_is_now(population: Population) -> None:
    reported = {"credits_basis": CreditsBasis.REPORTED, "credits_most_thousandths": 7000}
    a_row(population, status="failed", credits_thousandths=2500, **reported)
    charged = the_cell(population).credits()
    assert (charged.gross, charged.refunded, charged.net, charged.refunded_jobs) == (7000, 4500, 2500, 1)


def test_timings_of_every_grouping_are_within_two_per_cent(population: Population) -> None:
    for number, group_by in enumerate(groupings(Dimension.PROJECT)):
        person = population.people[PEOPLE[number % len(PEOPLE)]]
        question = Question(PERIODS[number % 4], group_by)
        with acting_as(person):
            found = {one.key: one for one in timings(person, question)}
        wanted = brute.grouped(person, question, UTC_ZONE, brute.times_of)
        assert found.keys() == wanted.keys(), question
        for key, (impossible, waiting, running) in wanted.items():
            group = found[key]
            assert (group.impossible, group.waiting.jobs, group.running.jobs) == (
                impossible,
                len(waiting),
                len(running),
            )
            for histogram, times in ((group.waiting, waiting), (group.running, running)):
                for percent in (50, 90, 95, 99):
                    said = histogram.percentile(percent)
                    if times:
                        assert said == pytest.approx(brute.percentile(times, percent), rel=0.02)
                    else:
                        assert said is None


def test_every_job_has_known_unknown_or_impossible_times(population: Population) -> None:
    erin = population.people["erin"]
    with acting_as(erin):
        (every,) = timings(erin, Question())
    assert every.jobs == 200
    assert every.impossible + every.waiting.jobs + every.waiting_unknown == 200
    assert every.impossible + every.running.jobs + every.running_unknown == 200
    assert min(every.impossible, every.waiting_unknown, every.running_unknown) > 0


def test_a_month_is_compared_with_the_month_before_and_other_periods_with_as_many_days() -> None:
    assert month_of(date(2026, 3, 9)).before() == month_of(date(2026, 2, 1))
    assert Period(date(2026, 1, 1), date(2026, 3, 31)).before() == Period(
        date(2025, 10, 1), date(2025, 12, 31)
    )
    assert Period(date(2026, 3, 10), date(2026, 3, 12)).before() == Period(date(2026, 3, 7), date(2026, 3, 9))


def test_a_year_is_told_by_day_alone_and_by_week_where_it_is_split() -> None:
    year = Period(date(2026, 1, 1), date(2026, 12, 31))
    assert times_offered(year, is_split=False) == (Dimension.DAY, Dimension.WEEK, Dimension.MONTH)
    assert times_offered(year, is_split=True) == (Dimension.WEEK, Dimension.MONTH)
