"""Rollups are kept in the transaction that changes a row: whichever statement, however many at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection, transaction

from auditing.access import SYSTEM, acting_as
from auditing.records import CreditsBasis, Record, Status
from auditing.rollups import TIMING_CUBOIDS, TOTAL_CUBOIDS, fold, mend, verify
from auditing.rollups.folding import _fold_some
from tests.filters.population import populate
from tests.rollups.rows import a_scene, differences, look_up, register, sql

NOON = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)
DONE = Record(
    status=Status.COMPLETED,
    provider_status="completed",
    credits_thousandths=7000,
    credits_basis=CreditsBasis.REPORTED,
    created_at=NOON,
    processing_started_at=NOON + timedelta(seconds=3),
    processing_completed_at=NOON + timedelta(seconds=90),
)
SUMS = """
SELECT coalesce(sum(jobs), 0)::int, coalesce(sum(credits), 0)::int, coalesce(sum(credits_most), 0)::int,
    coalesce(sum(refunded), 0)::int
FROM (
    SELECT jobs, credits, credits_most, refunded FROM auditing_rollup WHERE cuboid = 32
    UNION ALL SELECT jobs, credits, credits_most, refunded FROM auditing_rollupdelta
) AS kept
"""


def waiting() -> int:
    return int(sql("SELECT count(*) FROM auditing_rollupdelta")[0][0])


@pytest.mark.usefixtures("committed_db")
def test_a_lookup_is_in_the_totals_as_soon_as_it_is_committed_and_folding_changes_nothing() -> None:
    scene = a_scene()
    register(scene, 0, ["vid_a", "vid_b"])
    assert sql(SUMS) == [(2, 0, 0, 0)]
    look_up(scene, 0, {"vid_a": DONE}, NOON)
    assert sql(SUMS) == [(2, 7000, 7000, 0)]
    assert fold() == 3  # both came in; one of them left again; and has an answer
    assert (sql(SUMS), waiting()) == ([(2, 7000, 7000, 0)], 0)


@pytest.mark.usefixtures("committed_db")
def test_credits_that_fall_in_a_later_lookup_were_refunded() -> None:
    scene = a_scene()
    register(scene, 0, ["vid_a"])
    for minutes, credits_thousandths in enumerate((7000, 9000, 2000, 4000)):
        said = Record(
            status=Status.FAILED,
            provider_status="failed",
            credits_thousandths=credits_thousandths,
            credits_basis=CreditsBasis.REPORTED,
        )
        look_up(scene, 0, {"vid_a": said}, NOON + timedelta(minutes=minutes))
    assert sql(SUMS) == [(1, 4000, 9000, 1)]


@pytest.mark.usefixtures("committed_db")
def test_what_is_undone_leaves_nothing() -> None:
    scene = a_scene()
    with transaction.atomic():
        register(scene, 0, ["vid_a"])
        transaction.set_rollback(True)
    assert (sql(SUMS), waiting()) == ([(0, 0, 0, 0)], 0)


@pytest.mark.usefixtures("committed_db")
def test_rows_that_are_copied_in_count_and_emptying_the_table_empties_all() -> None:
    scene = a_scene()
    account = scene.accounts[0]
    lines = "".join(
        f"{scene.team.pk}\tnanobanana\tvid_{number}\t{account.pk}\t2026-05-05\t{{}}\n"
        for number in range(500)
    )
    columns = "team_id, provider, external_id, account_id, registered_at, flags"
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE none")  # COPY passes no wall
        with cursor.copy(f"COPY auditing_generation ({columns}) FROM STDIN") as copy:
            copy.write(lines)
    assert (sql(SUMS), waiting(), differences()) == ([(500, 0, 0, 0)], 1, [])
    fold()
    for kept in ("observation", "refundstep"):
        sql(f"ALTER TABLE auditing_{kept} DISABLE TRIGGER USER")
    sql("TRUNCATE auditing_generation CASCADE")
    assert (sql(SUMS), differences()) == ([(0, 0, 0, 0)], [])


@pytest.mark.usefixtures("committed_db")
def test_a_cell_that_counts_nothing_any_more_is_gone() -> None:
    scene = a_scene()
    register(scene, 0, ["vid_a"], owner=0)
    fold()
    look_up(scene, 0, {"vid_a": DONE}, NOON)
    fold()
    sql("UPDATE auditing_generation SET owner_id = %s", scene.people[1].pk)
    fold()
    for table in ("auditing_rollup", "auditing_rolluptiming"):
        assert sql(f"SELECT count(*) FROM {table} WHERE jobs = 0") == [(0,)]  # noqa: S608
    assert differences() == []


@pytest.mark.usefixtures("committed_db")
def test_nobody_waits_for_who_folds() -> None:
    scene = a_scene()
    register(scene, 0, ["vid_a"])
    with ThreadPoolExecutor(1) as other, acting_as(SYSTEM):
        assert _fold_some() == 1

        def meanwhile() -> tuple[int, list[tuple[int, ...]]]:
            try:
                register(scene, 0, ["vid_b"])
                return fold(), sql(SUMS)
            finally:
                connection.close()

        assert other.submit(meanwhile).result() == (0, [(2, 0, 0, 0)])
    assert (fold(), sql(SUMS), differences()) == (1, [(2, 0, 0, 0)], [])


@pytest.mark.usefixtures("committed_db")
def test_folding_reads_each_delta_a_few_times_though_the_table_was_empty_when_it_was_analyzed() -> None:
    scene = a_scene()
    register(scene, 0, [f"vid_{number}" for number in range(300)])
    move_apart = "UPDATE auditing_generation SET created_at = %s + interval '1 day' * id"
    sql(move_apart, NOON)
    fold()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE, TRUNCATE false) auditing_rollupdelta")
    sql(move_apart, NOON + timedelta(days=1000))
    with acting_as(SYSTEM):
        assert _fold_some() == 600
        ((read,),) = sql(
            "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables"
            " WHERE relname = 'auditing_rollupdelta'"
        )
    assert read < 3000


def at_once(*works: Callable[[], None]) -> None:
    """Each in a thread and on a connection of its own; the first fault is raised."""

    def alone(work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        for done in [threads.submit(alone, work) for work in works]:
            done.result()


@pytest.mark.usefixtures("committed_db")
def test_batches_in_parallel_all_count_while_others_fold_verify_and_mend() -> None:
    """All rows are of one day, team, account and status: the same cells. A deadlock would be an error."""
    scene = a_scene()
    writers, each, rounds = 4, 25, 6
    ids = [[f"vid_{writer}_{number}" for number in range(each)] for writer in range(writers)]
    for mine in ids:
        register(scene, 0, mine)
    finished = threading.Event()
    left = threading.Semaphore(0)

    def write(mine: list[str]) -> Callable[[], None]:
        def work() -> None:
            try:
                for number in range(rounds):
                    sql(
                        "UPDATE auditing_generation SET status = 'completed', credits_basis = 'reported',"
                        " credits_thousandths = %s, created_at = %s WHERE external_id = ANY(%s)",
                        1000 * number, NOON, mine,
                    )  # fmt: skip
            finally:
                left.release()

        return work

    def watch() -> None:
        while not finished.is_set():
            assert differences() == []
            fold()

    def repair() -> None:
        for _ in range(writers):
            assert mend() == 0
            left.acquire()
        finished.set()

    at_once(*map(write, ids), watch, repair)
    assert differences() == []
    assert sql(SUMS) == [(100, 500_000, 500_000, 0)]


@pytest.mark.usefixtures("committed_db")
def test_what_was_tampered_with_is_named_and_mended_beside_others_that_write() -> None:
    scene = a_scene()
    register(scene, 0, ["vid_a"], owner=0)
    look_up(scene, 0, {"vid_a": DONE}, NOON)
    fold()
    sql("UPDATE auditing_rollup SET credits = 1 WHERE cuboid = 32 AND status = 'completed'")
    sql("UPDATE auditing_rolluptiming SET running = running + 1 WHERE status = 'completed'")
    sql("DELETE FROM auditing_rollup WHERE owner_id IS NULL AND day = '2026-05-01'")  # a month's
    found = verify(most_named=1000)
    cells = {(one.table, one.cell) for one in found.differences}
    assert (found.is_equal, found.differing) == (False, len(cells))
    named = [str(one) for one in found.differences if one.measure == "credits" and one.kept == 1]
    cell = (
        f"auditing_rollup: cuboid 32, day 2026-05-05, team_id {scene.team.pk}, owner_id {scene.people[0].pk},"
        f" account_id {scene.accounts[0].pk}, provider nanobanana, status completed, credits_basis reported:"
        " credits is 1, and its rows give 7000"
    )
    assert named == [cell]
    assert any("histogram of running" in str(one) for one in found.differences)
    at_once(lambda: register(scene, 0, ["vid_b"]), lambda: None if mend() else pytest.fail("nothing mended"))
    assert differences() == []


@pytest.mark.usefixtures("committed_db")
def test_another_zone_cuts_days_anew(settings: pytest.FixtureRequest) -> None:
    scene = a_scene()
    register(scene, 0, ["vid_a"])
    look_up(scene, 0, {"vid_a": DONE}, datetime(2026, 5, 5, 23, 0, tzinfo=UTC))
    sql("UPDATE auditing_generation SET created_at = '2026-05-05 23:00Z'")
    fold()
    settings.REPORT_TIME_ZONE = "Asia/Tokyo"  # type: ignore[attr-defined]
    found = verify()
    assert (found.is_equal, found.differing, found.zone, found.wanted_zone) == (False, 0, "UTC", "Asia/Tokyo")
    assert mend() > 0
    assert verify().is_equal
    assert sql("SELECT DISTINCT day::text FROM auditing_rollup WHERE cuboid = 32") == [("2026-05-06",)]


@pytest.mark.django_db
def test_times_at_the_ends_of_the_calendar_are_cut_to_days_that_exist() -> None:
    populate(size=30)  # some of them made in the first hour of the year 1
    sql("UPDATE auditing_rollupzone SET zone = 'America/New_York'")
    sql("UPDATE auditing_generation SET created_at = '0001-01-01 00:00Z' WHERE id %% 2 = 0")
    assert sql("SELECT min(day)::text FROM auditing_rollupdelta") == [("0001-01-01",)]
    sql("UPDATE auditing_rollupzone SET zone = 'Asia/Tokyo'")
    sql("UPDATE auditing_generation SET created_at = '9999-12-31 23:00Z' WHERE id %% 2 = 0")
    assert sql("SELECT max(day)::text FROM auditing_rollupdelta") == [("9999-12-31",)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "cuboids"), [("auditing_rollup", TOTAL_CUBOIDS), ("auditing_rolluptiming", TIMING_CUBOIDS)]
)
def test_the_cuboids_that_are_asked_are_those_that_are_kept(table: str, cuboids: tuple[object, ...]) -> None:
    bounds = sql(
        "SELECT pg_get_expr(part.relpartbound, part.oid) FROM pg_inherits JOIN pg_class AS part"
        " ON part.oid = inhrelid WHERE inhparent = %s::regclass", table,
    )  # fmt: skip
    kept = {int("".join(filter(str.isdecimal, bound))) for (bound,) in bounds}
    assert kept == {cuboid.number for cuboid in cuboids}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE auditing_rollup SET credits = 0",
        "DELETE FROM auditing_rollupdelta",
        "INSERT INTO auditing_rolluptiming (cuboid) VALUES (1)",
        "SELECT * FROM auditing_rollup_difference",
        "SELECT auditing_fold_rollups(1)",
        "SELECT auditing_mend_rollups('UTC')",
        "UPDATE auditing_rollupzone SET zone = 'UTC'",
    ],
)
def test_the_dashboard_only_reads_rollups(committed_db: str, statement: str) -> None:
    with psycopg.connect(committed_db) as session:
        session.execute("SELECT auditing_act('1', '')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(statement)
