"""A closed month keeps its numbers, and what becomes known later is told as adjustments, to the digit."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import NotSupportedError, ProgrammingError
from django.http import QueryDict

from auditing.access import SYSTEM, acting_as
from auditing.closing import Busy, NotClosed, close, prove
from auditing.models import (
    Adjustment,
    ClosedCell,
    ClosedMonth,
    ClosedSeal,
    Generation,
    Project,
    TrailEntry,
    User,
)
from auditing.reports.adjustments import adjustments_of
from auditing.reports.closed_report import ClosedReport, closed_report
from auditing.rollups import fold
from tests.closing.months import APRIL, NOON, april, closed, closed_april
from tests.rollups.rows import sql
from tests.rollups.test_keeping import at_once
from tests.views.cast import Cast, assemble, completed


@pytest.fixture
def people(db: None) -> Cast:  # noqa: ARG001 - the fixture opens the database
    return assemble()


def flaws() -> list[str]:
    return [
        f"{one.team} {one.month}: {one.differing} {one.flaws} {one.digest == one.recomputed}"
        f" {one.sealed} of {one.jobs}"
        for one in prove()
        if not one.holds
    ]


def report(person: User, month: ClosedMonth, query: str = "") -> ClosedReport:
    with acting_as(person):
        return closed_report(person, month, QueryDict(query), datetime(2026, 11, 1, tzinfo=UTC))


def test_ten_changed_records_leave_the_closed_totals_alone_and_are_ten_adjustments(people: Cast) -> None:
    made = april(people.nano, people.alice, people.bob, 20)
    fold()
    month = closed(people.team, people.max)
    before = report(people.max, month).total
    with acting_as(SYSTEM):
        for number, row in enumerate(made[:10]):
            Generation.objects.filter(pk=row.pk).update(
                status="failed", credits_thousandths=number * 1001, credits_basis="reported"
            )
    found = report(people.max, month, "group=owner&group=day")
    assert found.total.closed == before.closed == before.today
    assert (found.adjustments, len(found.learnt), found.total.adjustments.failed_jobs) == (10, 1, 10)
    # Of the ten, three had no figure (0, 4, 8), and each other one 7.5 credits.
    assert found.total.adjustments.net == 1001 * sum(range(10)) - 7 * 7500
    assert found.total.adjustments.unknown == -3
    assert found.total.sum == found.total.today
    assert all(line.adds_up for line in found.lines)
    with acting_as(people.max):
        told = list(adjustments_of(people.max, month))
    assert sum(one.net for one in told) == found.total.adjustments.net
    assert [(one.what, one.before, one.after) for one in told[-2].changes] == [
        ("credits", "7.5", "1.001"),
        ("credits at their most", "7.5", "1.001"),
        ("status", "completed", "failed"),
    ]
    assert flaws() == []


def test_jobs_come_into_a_closed_month_leave_it_change_hands_and_are_deleted(people: Cast) -> None:
    month = closed_april(people.nano, people.alice, people.bob, people.max)
    gone = Generation.objects.get(external_id="april_05").pk
    for table in ("searchedid", "searchtext", "lookup"):
        sql(f"DELETE FROM auditing_{table} WHERE generation_id = %s", gone)  # noqa: S608
    sql("DELETE FROM auditing_generation WHERE id = %s", gone)
    with acting_as(SYSTEM):
        undated = completed(people.nano, "entered", people.bob, created_at=None)
        Generation.objects.filter(pk=undated.pk).update(created_at=NOON)
    with acting_as(people.max):
        told = {one.external_id: (one.words, one.jobs, one.net) for one in adjustments_of(people.max, month)}
    assert told == {
        "april_01": ("Changed", 0, -5500),
        "april_02": ("Changed", 0, 0),
        "april_03": ("Left the month", -1, -7500),
        "april_05": ("Deleted", -1, -7500),
        "april_late": ("Registered", 1, 7500),
        "entered": ("Came into the month", 1, 7500),
    }
    with acting_as(people.bob):
        own = {one.external_id: (one.words, one.jobs) for one in adjustments_of(people.bob, month)}
    assert own == {
        "april_02": ("Attributed to somebody else", -1),
        "april_05": ("Deleted", -1),
        "entered": ("Came into the month", 1),
    }
    for person in (people.max, people.audrey, people.alice, people.bob, people.sid):
        for group in ("owner", "project", "day", "account", "resolution"):
            found = report(person, month, f"group={group}")
            assert found.total.adds_up
            assert all(line.adds_up for line in found.lines)
    assert flaws() == []


def test_what_touches_no_figure_is_no_adjustment(people: Cast) -> None:
    made = april(people.nano, people.alice, people.bob, 3)
    closed(people.team, people.max)
    with acting_as(SYSTEM):
        Generation.objects.filter(pk=made[1].pk).update(title="Another", created_at=NOON + timedelta(hours=2))
        completed(people.nano, "of_may", people.alice, created_at=NOON + timedelta(days=30))
        completed(people.other_nano, "of_others", people.otto, created_at=NOON)
    assert Adjustment.objects.count() == 0


def test_a_job_that_moves_between_closed_months_is_told_in_both(people: Cast) -> None:
    made = april(people.nano, people.alice, people.bob, 2)
    months = [closed(people.team, people.max, month) for month in (date(2026, 3, 1), APRIL)]
    with acting_as(SYSTEM):
        Generation.objects.filter(pk=made[1].pk).update(created_at=NOON - timedelta(days=30))
    for month, words in zip(months, ("Came into the month", "Left the month"), strict=True):
        with acting_as(people.max):
            (told,) = adjustments_of(people.max, month)
        assert told.words == words
        day = next(one for one in told.changes if one.what == "day")
        assert (day.before, day.after) == ("2026-04-15", "2026-03-16")
    assert flaws() == []


@pytest.mark.parametrize(
    ("zone", "closed_on", "moment", "day"),
    [
        ("America/New_York", "2026-04-15", datetime(1, 1, 1, tzinfo=UTC), "0001-01-01"),
        ("Pacific/Auckland", "2026-04-16", datetime(9999, 12, 31, 23, tzinfo=UTC), "9999-12-31"),
    ],
)
def test_a_job_that_goes_to_an_end_of_the_calendar_goes_to_a_day_that_exists(
    people: Cast, settings: Any, zone: str, closed_on: str, moment: datetime, day: str
) -> None:
    """Programs write the year 1 for a time that was never set."""
    settings.REPORT_TIME_ZONE = zone
    sql("UPDATE auditing_rollupzone SET zone = %s", zone)
    april(people.nano, people.alice, people.bob, 1)
    month = closed(people.team, people.max)
    with acting_as(SYSTEM):
        Generation.objects.update(created_at=moment)
    with acting_as(people.max):
        (told,) = adjustments_of(people.max, month)
    said = next(one for one in told.changes if one.what == "day")
    assert (told.words, said.before, said.after) == ("Left the month", closed_on, day)
    assert flaws() == []


def test_days_belong_to_the_zone_of_the_closing(people: Cast, settings: Any) -> None:
    settings.REPORT_TIME_ZONE = "Pacific/Auckland"
    sql("UPDATE auditing_rollupzone SET zone = 'Pacific/Auckland'")
    with acting_as(SYSTEM):
        completed(people.nano, "early", people.alice, created_at=datetime(2026, 3, 31, 11, 30, tzinfo=UTC))
        completed(people.nano, "before", people.alice, created_at=datetime(2026, 3, 31, 10, 30, tzinfo=UTC))
    month = closed(people.team, people.max)
    assert (month.zone, month.seal.jobs) == ("Pacific/Auckland", 1)
    assert report(people.max, month).total.adds_up
    settings.REPORT_TIME_ZONE = "UTC"
    sql("UPDATE auditing_rollupzone SET zone = 'UTC'")
    with acting_as(SYSTEM):
        Generation.objects.filter(external_id="before").update(
            created_at=datetime(2026, 3, 31, 12, tzinfo=UTC)
        )
    found = report(people.max, month)
    assert (found.is_comparable, found.total.closed.jobs, found.total.sum.jobs) == (False, 1, 2)
    assert flaws() == []


def test_closing_twice_closes_once(people: Cast) -> None:
    april(people.nano, people.alice, people.bob, 3)
    first = closed(people.team, people.max)
    with acting_as(people.rita):
        assert close(people.team, APRIL, people.rita) is False
    assert ClosedMonth.objects.get().closed_by == people.max
    assert first.seal.jobs == 3
    with acting_as(SYSTEM):
        (told,) = TrailEntry.objects.filter(act="month_closed")
    assert (told.asked, told.team) == ("north 2026-04", people.team)
    assert told.result == f"3 jobs by max, digest {bytes(first.seal.digest).hex()}"


def test_a_month_has_to_be_over(people: Cast) -> None:
    with acting_as(people.max), pytest.raises(NotClosed, match="not over"):
        close(people.team, datetime.now(UTC).date().replace(day=1), people.max)


@pytest.mark.parametrize("name", ["alice", "audrey", "otto", "sid"])
def test_the_database_lets_managers_alone_close(people: Cast, name: str) -> None:
    person = getattr(people, name)
    with (
        pytest.raises(ProgrammingError, match="closed by a manager"),
        transaction.atomic(),
        acting_as(person),
    ):
        close(people.team, APRIL, person)
    with (
        pytest.raises(ProgrammingError, match="closed by a manager"),
        transaction.atomic(),
        acting_as(people.otto),
    ):
        close(people.team, APRIL, people.max)


def test_rows_of_others_change_no_figure(people: Cast) -> None:
    month = closed_april(people.nano, people.alice, people.bob, people.max)
    queries = ("", "group=none", "group=owner&group=day", "group=project&documented=no")

    def said() -> list[Any]:
        return [
            (found.lines, found.total, found.learnt, found.undated)
            for person in (people.alice, people.max)
            for query in queries
            for found in [report(person, month, query)]
        ]

    before = said()
    with acting_as(SYSTEM):
        for number in range(5):
            completed(people.other_nano, f"foreign_{number}", people.otto, created_at=NOON)
    foreign = closed(people.other_team, people.otto)
    with acting_as(SYSTEM):
        Generation.objects.filter(external_id__startswith="foreign").update(credits_thousandths=1)
        completed(people.other_nano, "foreign_undated", people.otto, created_at=None)
    assert said() == before
    assert report(people.otto, foreign).adjustments == 5
    with acting_as(people.alice):
        assert list(adjustments_of(people.alice, foreign)) == []


@pytest.mark.usefixtures("committed_db")
def test_nothing_of_it_is_ever_changed_and_what_is_forced_is_found() -> None:
    people = assemble()
    closed_april(people.nano, people.alice, people.bob, people.max)
    for table in ("closedmonth", "closedseal", "closedcell", "adjustment"):
        for statement in ("DELETE FROM auditing_{}", "TRUNCATE auditing_{} CASCADE"):
            with pytest.raises(Exception, match="append-only"):
                sql(statement.format(table))
    assert flaws() == []
    for spoilt, mended, said in (
        (
            "UPDATE auditing_closedcell SET credits = credits + 1 WHERE id = {cell}",
            "UPDATE auditing_closedcell SET credits = credits - 1 WHERE id = {cell}",
            "credits",
        ),
        (
            "UPDATE auditing_adjustment SET credits = credits + 1 WHERE id = {side}",
            "UPDATE auditing_adjustment SET credits = credits - 1 WHERE id = {side}",
            "credits",
        ),
        (
            "UPDATE auditing_generation SET external_id = 'x' WHERE external_id = 'april_06'",
            "UPDATE auditing_generation SET external_id = 'april_06' WHERE external_id = 'x'",
            "False",
        ),
        (
            "UPDATE auditing_closedseal SET jobs = 11",
            "UPDATE auditing_closedseal SET jobs = 12",
            "11 of 12",
        ),
    ):
        ids = {
            "cell": ClosedCell.objects.order_by("pk")[0].pk,
            "side": Adjustment.objects.order_by("-pk")[0].pk,
        }
        tables = ("closedcell", "adjustment", "closedseal")
        for table in tables:
            sql(f"ALTER TABLE auditing_{table} DISABLE TRIGGER USER")
        sql(spoilt.format(**ids))
        (found,) = flaws()
        assert said in found
        sql(mended.format(**ids))
        assert flaws() == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO auditing_adjustment DEFAULT VALUES",
        "UPDATE auditing_closedcell SET credits = 0",
        "DELETE FROM auditing_closedseal",
        "UPDATE auditing_closedmonth SET month = '2026-01-01'",
        "SELECT * FROM auditing_closed_jobs(1)",
        "SELECT auditing_close_month(1, '2026-04-01', 1)",
        "SELECT auditing_act('system', ''), auditing_close_month(1, '2026-04-01', 1)",
        "SELECT nextval('auditing_adjustment_occasion')",
    ],
)
def test_the_dashboard_only_reads_what_was_closed(committed_db: str, statement: str) -> None:
    with psycopg.connect(committed_db) as session:
        session.execute("SELECT auditing_act('1', '')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(statement)


@pytest.mark.usefixtures("committed_db")
def test_who_wrote_before_is_waited_for_and_who_writes_meanwhile_waits() -> None:
    people = assemble()
    made = april(people.nano, people.alice, people.bob, 3)
    with ThreadPoolExecutor(1) as other:

        def close_it(patience: str) -> bool:
            try:
                with acting_as(people.max):
                    return close(people.team, APRIL, people.max, patience)
            finally:
                connection.close()

        with transaction.atomic():
            Generation.objects.filter(pk=made[1].pk).update(credits_thousandths=9000)
            with pytest.raises(Busy):
                other.submit(close_it, "100ms").result()
            waits = other.submit(close_it, "20s")
        assert waits.result() is True
    seal = ClosedSeal.objects.get()
    frozen = sum(ClosedCell.objects.values_list("credits", flat=True))
    assert (seal.jobs, frozen, Adjustment.objects.count()) == (3, 9000 + 7500, 0)
    with transaction.atomic():
        sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with pytest.raises(NotSupportedError, match="READ COMMITTED"):
            Generation.objects.filter(pk=made[1].pk).update(credits_thousandths=1)
        transaction.set_rollback(True)
    assert flaws() == []


@pytest.mark.usefixtures("committed_db")
def test_whatever_is_written_while_months_are_closed_is_frozen_or_told() -> None:
    """Writers move jobs between months and teams' people while all of these months are closed, one by one."""
    people = assemble()
    months = [date(2026, number, 1) for number in range(1, 7)]
    ids = [[f"job_{writer}_{number}" for number in range(8)] for writer in range(3)]
    for mine in ids:
        for name in mine:
            completed(people.nano, name, people.alice, created_at=NOON)

    def write(mine: list[str], seed: int) -> Callable[[], None]:
        def work() -> None:
            for number in range(14):
                day = datetime(2026, 1 + (number * seed) % 6, 3, tzinfo=UTC)
                with transaction.atomic():
                    sql(
                        "UPDATE auditing_generation SET created_at = %s, credits_thousandths = %s"
                        " WHERE external_id = ANY(%s)", day, number * 7, mine,
                    )  # fmt: skip
                    sql(
                        "UPDATE auditing_generation SET owner_id = %s WHERE external_id = ANY(%s)",
                        people.bob.pk if number % 2 else None,
                        mine[::2],
                    )
                fold()

        return work

    def close_all() -> None:
        for month in months:
            with acting_as(people.max):
                assert close(people.team, month, people.max)

    at_once(*(write(mine, seed + 2) for seed, mine in enumerate(ids)), close_all)
    assert flaws() == []
    assert ClosedMonth.objects.count() == 6
    for month in ClosedMonth.objects.select_related("team", "closed_by"):
        for person in (people.max, people.bob):
            found = report(person, month, "group=owner&group=day")
            assert all(line.adds_up for line in (*found.lines, found.total))


@pytest.mark.usefixtures("committed_db")
def test_emptying_the_table_of_jobs_is_told_too() -> None:
    people = assemble()
    closed_april(people.nano, people.alice, people.bob, people.max)
    for table in ("observation", "refundstep"):  # which refuse to be emptied with it
        sql(f"ALTER TABLE auditing_{table} DISABLE TRIGGER USER")
    sql("TRUNCATE auditing_generation CASCADE")
    assert flaws() == []
    assert (
        report(people.max, ClosedMonth.objects.select_related("team", "closed_by").get()).total.sum.jobs == 0
    )


def test_a_project_of_a_closed_month_stays(people: Cast) -> None:
    with acting_as(SYSTEM):
        project = Project.objects.create(team=people.team, name="Spring")
        row = completed(people.nano, "april", people.alice, created_at=NOON, project=project)
        closed(people.team, people.max)
        Generation.objects.filter(pk=row.pk).update(project=None)
        with pytest.raises(Exception, match="protected"):
            project.delete()
