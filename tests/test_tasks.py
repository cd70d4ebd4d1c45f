"""The queue: a plan asks for turns, workers take them, and what kills workers is put aside."""

import signal
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from auditing import tasks
from auditing.access import SYSTEM, acting_as
from auditing.models import Account, Lookup, Observation, Run
from auditing.sync import lease
from auditing.sync.run import Order, run
from auditing.turns import SYNC_ACCOUNT, ask_for_turn
from tests.conftest import environment_of
from tests.stage import an_account, registered
from tests.sync.scripted import scripted, video
from tests.sync.test_command import command, ended, waited_for

MANAGE = str(Path(__file__).resolve().parents[1] / "manage.py")


def worker(database: str, *options: str) -> subprocess.Popen[str]:
    """A worker, which ends when the queue is empty unless the options say otherwise."""
    return subprocess.Popen(
        [sys.executable, MANAGE, "procrastinate", "worker", *(options or ("--one-shot",))],
        env=environment_of(database),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def plan() -> None:
    tasks.plan(timestamp=0)


def waiting() -> Counter[str]:
    return Counter(ProcrastinateJob.objects.filter(status="todo").values_list("task_name", flat=True))


@pytest.mark.usefixtures("committed_db")
def test_the_plan_asks_for_a_turn_of_each_account_with_work_once() -> None:
    busy, idle = an_account(label="busy"), an_account(label="idle")
    registered(busy, ["vid_a"])
    plan()
    plan()
    jobs = ProcrastinateJob.objects.all()
    assert [(job.task_name, job.args["account_id"]) for job in jobs] == [(SYNC_ACCOUNT, busy.pk)]
    assert idle.pk != busy.pk


@pytest.mark.usefixtures("committed_db")
def test_the_plan_folds_what_changes_left_for_reports() -> None:
    registered(an_account(), ["vid_a"])
    plan()
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM auditing_rollupdelta), max(jobs) FROM auditing_rollup")
        assert cursor.fetchone() == (0, 1)


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize(
    "kept_back",
    [
        {"blocked_until": datetime.now(UTC) + timedelta(hours=1)},
        {"paused_at": datetime.now(UTC), "probe_at": datetime.now(UTC) + timedelta(hours=1)},
        {"quarantined_at": datetime.now(UTC)},
    ],
    ids=["blocked", "paused", "quarantined"],
)
def test_the_plan_leaves_out_accounts_that_may_not_be_asked(
    kept_back: dict[str, datetime],
) -> None:
    account = an_account()
    registered(account, ["vid_a"])
    Account.objects.filter(pk=account.pk).update(**kept_back)
    plan()
    assert not waiting()
    Account.objects.update(blocked_until=None, paused_at=None, quarantined_at=None)
    plan()
    assert waiting() == {SYNC_ACCOUNT: 1}


def test_a_worker_takes_the_turns_that_were_planned(committed_db: str) -> None:
    with scripted(video) as provider:
        for label in ("one", "two", "three"):
            registered(an_account(label=label, base_url=provider.url), [f"vid_{label}_{n}" for n in range(5)])
        plan()
        process = worker(committed_db)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert Lookup.objects.filter(outcome="ok").count() == 15
    assert set(Run.objects.values_list("trigger", "state")) == {("schedule", "finished")}


def test_a_persons_wish_is_looked_up_whether_it_is_due_or_not(committed_db: str) -> None:
    with scripted(video) as provider:
        account = an_account(base_url=provider.url)
        registered(account, ["vid_a", "vid_b"])
        run(Order([account]))
        assert ask_for_turn(account.pk, Run.Trigger.PAGE, ids=("vid_b",))
        assert not ask_for_turn(account.pk, Run.Trigger.PAGE, ids=("vid_b",))
        worker(committed_db).communicate(timeout=60)
    assert sorted(provider.asked_ids) == ["vid_a", "vid_b", "vid_b"]
    assert Run.objects.filter(trigger="page", state="finished").count() == 1


def test_a_persons_wish_waits_for_a_run_that_holds_the_account(committed_db: str) -> None:
    with scripted(video) as provider:
        account = an_account(base_url=provider.url)
        registered(account, ["vid_a"])
        with acting_as(SYSTEM):
            (held,) = lease.take([account.pk])
        ask_for_turn(account.pk, Run.Trigger.PAGE, ids=("vid_a",))
        process = worker(committed_db)
        pause = threading.Event()
        while not ProcrastinateJob.objects.filter(status="doing").exists():
            pause.wait(0.05)
        with acting_as(SYSTEM):
            held.give_back()
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert provider.asked_ids == ["vid_a"]


@pytest.mark.usefixtures("committed_db")
def test_asking_twice_inside_a_transaction_leaves_the_transaction_whole() -> None:
    account = an_account()
    with acting_as(SYSTEM):
        assert ask_for_turn(account.pk, Run.Trigger.PAGE)
        assert not ask_for_turn(account.pk, Run.Trigger.PAGE)
        assert Account.objects.count() == 1
    assert waiting() == {SYNC_ACCOUNT: 1}


def test_a_worker_that_is_told_to_end_finishes_the_batch_in_hand(committed_db: str) -> None:
    with scripted(video) as provider:
        account = an_account(base_url=provider.url, per_minute=1200)
        registered(account, [f"vid_{number}" for number in range(400)])
        plan()
        process = worker(committed_db, "--queues", "sync")
        waited_for(provider, 10, process)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
        asked = len(provider.asked)
    assert process.returncode == 0, said
    assert Lookup.objects.filter(outcome="ok").count() == asked < 400
    assert Run.objects.get().state == Run.State.STOPPED


def test_two_commands_and_two_workers_at_once_send_each_due_lookup_once(committed_db: str) -> None:
    with scripted(video) as provider:
        for label in ("one", "two", "three", "four"):
            account = an_account(label=label, base_url=provider.url, per_minute=6000)
            registered(account, [f"vid_{label}_{number}" for number in range(60)])
        plan()
        workers = [worker(committed_db) for _ in range(2)]
        commands = [command(committed_db, "sync", "--json") for _ in range(2)]
        codes = [ended(process)[0] for process in commands]
        for process in workers:
            process.communicate(timeout=90)
        run(Order(list(Account.objects.all())))
    assert set(codes) <= {0, 5}
    assert Counter(provider.asked_ids).most_common(1)[0][1] == 1
    assert Observation.objects.count() == len(provider.asked) == 240


def test_a_task_of_a_dead_worker_is_given_to_the_others_and_in_the_end_quarantined(committed_db: str) -> None:
    account = an_account()
    registered(account, ["vid_a"])
    ask_for_turn(account.pk, Run.Trigger.SCHEDULE)
    for attempts, status in ((1, "todo"), (2, "todo"), (3, "failed")):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', attempts = %s, worker_id = NULL", [attempts]
            )
        app.configure_task(tasks.RESCUE, queue=tasks.PLANNING).defer(timestamp=0)
        worker(committed_db, "--one-shot", "--queues", tasks.PLANNING).communicate(timeout=60)
        jobs = ProcrastinateJob.objects.filter(task_name=SYNC_ACCOUNT)
        assert list(jobs.values_list("status", flat=True)) == [status]
    account.refresh_from_db()
    assert account.quarantined_at is not None
    assert "died with their worker" in account.notice
    plan()
    assert not waiting()


def test_a_nightly_prune_deletes_what_is_long_over_and_nothing_else(committed_db: str) -> None:
    kept = {("succeeded", 6), ("failed", 29), ("cancelled", 29), ("todo", 400), ("doing", 400)}
    ages = {("succeeded", 8), ("failed", 31), ("cancelled", 31), ("aborted", 31)} | kept
    with connection.cursor() as cursor:
        for status, days in ages:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status, args)"
                " VALUES ('other', %s, %s::procrastinate_job_status, '{}') RETURNING id",
                [str(days), status],
            )
            cursor.execute(
                "DELETE FROM procrastinate_events WHERE job_id = %s", [job := cursor.fetchone()[0]]
            )
            cursor.execute(
                "INSERT INTO procrastinate_events (job_id, type, at)"
                " VALUES (%s, 'succeeded', now() - %s * interval '1 day')",
                [job, days],
            )
        cursor.execute(
            "INSERT INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp, job_id)"
            " SELECT 'gone', '', 0, min(id) FROM procrastinate_jobs WHERE task_name = '8'"
        )
    app.configure_task(tasks.PRUNE, queue=tasks.PLANNING).defer(timestamp=0)
    said, _ = worker(committed_db, "--one-shot", "--queues", tasks.PLANNING).communicate(timeout=60)
    left = ProcrastinateJob.objects.filter(queue_name="other").values_list("status", "task_name")
    assert {(status, int(days)) for status, days in left} == kept, said
