"""What procrastinate runs: a plan every minute, one task an account, errands, letters, a rescue, a prune.

Procrastinate's locks are for economy: they keep work from piling up. That only one run writes for an account
is the lease's doing (`sync/lease.py`).
"""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from asgiref.sync import sync_to_async
from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.job_context import JobContext
from procrastinate.jobs import Status

from auditing import errands
from auditing.access import SYSTEM, acting_as
from auditing.exports import jobs, shelf
from auditing.mailing import make_round
from auditing.models import Account, Run, User
from auditing.origin import Origin, coming_from
from auditing.rollups import fold
from auditing.sync import backlog, heartbeat, key_tests, ledger, links
from auditing.sync.run import Order, carry_out
from auditing.sync.stopping import Handle
from auditing.turns import QUEUE, SYNC_ACCOUNT, ask_for_turn

log = logging.getLogger(__name__)

PLANNING = "planning"
TELL = "auditing.tasks.tell"
RESCUE = "auditing.tasks.rescue"
PRUNE = "auditing.tasks.prune"
MOST_TRIES = 3
HELD_PAUSE_SECONDS = 1.0
TURN = timedelta(minutes=10)
EVERY_MINUTE = "* * * * *"
EVERY_NIGHT = "47 3 * * *"
HOUR = timedelta(hours=1)
KEPT, FAILED_KEPT = timedelta(days=7), timedelta(days=30)


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="auditing.tasks.plan", queue=PLANNING, queueing_lock="plan")
def plan(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says when it was due
    """Ask for a turn of every account that has something due and may be asked now; report while all is well,
    forget old links and files, and fold what changes left for reports.

    The report is the plan's, not the turns': where nothing is due there are none, and all is well.
    """
    links.forget_links(_now())
    shelf.forget_files(_now())
    fold()
    for account_id in backlog.accounts_with_work():
        ask_for_turn(account_id, Run.Trigger.SCHEDULE)
    if settings.HEARTBEAT_URL and heartbeat.all_is_well(timedelta(minutes=settings.SYNC_EXPECTED_EVERY)):
        heartbeat.beat(settings.HEARTBEAT_URL)


@app.periodic(cron=EVERY_MINUTE)
@app.task(name=TELL, queue=PLANNING, queueing_lock="tell")
def tell(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says when it was due
    """Note budgets' thresholds, ask for the month's reports, send the letters that wait."""
    make_round(_now())


@app.task(name=SYNC_ACCOUNT, queue=QUEUE, pass_context=True)
async def sync_account(
    context: JobContext,
    account_id: int,
    trigger: str,
    started_by: int | None,
    ids: list[str],
    request_id: str = "",
) -> None:
    """One account's turn, in the course of the request that asked for it, where one did."""
    with coming_from(Origin(request_id=request_id, job=str(context.job.id or ""))):
        log.info("turn of account %s begins", account_id, extra={"trigger": trigger})
        await _turn_of(account_id, trigger, started_by, ids)


async def _turn_of(account_id: int, trigger: str, started_by: int | None, ids: list[str]) -> None:
    """The turn. What is left when its time is over, or the worker stops, is due for the next.

    A worker that is told to end cancels its tasks after the graceful timeout: the turn then finishes the
    batch in hand, as a command does at a signal.
    """
    order = await sync_to_async(_order)(account_id, trigger, started_by, ids)
    if order is None:
        return
    handle = Handle()
    turn = asyncio.ensure_future(_carry_out_when_free(order, handle))
    try:
        await asyncio.shield(turn)
    except asyncio.CancelledError:
        handle.stop()
        await turn


async def _carry_out_when_free(order: Order, handle: Handle) -> None:
    """Carry it out. A wish waits while another run holds the account; the plan comes again anyway."""
    loop = asyncio.get_running_loop()
    last_try = loop.time() + TURN.total_seconds()
    while (await carry_out(order, handle)).run_id is None:
        if not order.ids or handle.is_asked or loop.time() > last_try:
            return
        await asyncio.sleep(HELD_PAUSE_SECONDS)


def _order(account_id: int, trigger: str, started_by: int | None, ids: list[str]) -> Order | None:
    """What the run is to do; None when the account is gone by now."""
    with acting_as(SYSTEM):
        account = Account.objects.select_related("team").filter(pk=account_id).first()
        if account is None:
            return None
        return Order(
            accounts=[account],
            ids=tuple(ids),
            force=bool(ids),
            max_seconds=TURN.total_seconds(),
            trigger=Run.Trigger(trigger),
            started_by=User.objects.filter(pk=started_by).first() if started_by else None,
        )


@app.task(name=errands.TEST_KEY, queue=errands.QUEUE)
async def test_key(account_id: int) -> None:
    """Test an account's key with one lookup."""
    await key_tests.test_key(account_id, _now)


@app.task(name=errands.GET_LINK, queue=errands.QUEUE)
async def get_link(request_id: int) -> None:
    """Get the link that a person asked for."""
    await links.get_link(request_id, _now)


@app.task(name=jobs.MAKE_FILE, queue=jobs.QUEUE)
def make_export(export_id: int) -> None:
    """Make the file that a person asked for. (A thread of its own: turns go on meanwhile.)"""
    jobs.make_file(export_id, _now())


def _now() -> datetime:
    return datetime.now(UTC)


@app.periodic(cron=EVERY_MINUTE)
@app.task(name=RESCUE, queue=PLANNING, queueing_lock="rescue")
async def rescue(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says when it was due
    """Give the tasks of workers that died to the others. One that died MOST_TRIES times is quarantined, or
    given up: it may be what kills them. An errand is given up at once: who asked for it sees that, and asks
    again."""
    for errand in await app.job_manager.get_stalled_jobs(queue=errands.QUEUE):
        await app.job_manager.finish_job(errand, status=Status.FAILED, delete_job=False)
    for job in await app.job_manager.get_stalled_jobs(queue=jobs.QUEUE):
        if job.attempts < MOST_TRIES:
            await app.job_manager.retry_job(job)
            continue
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
        await sync_to_async(jobs.give_up)(int(str(job.task_kwargs["export_id"])), jobs.DIED)
    for job in await app.job_manager.get_stalled_jobs(queue=QUEUE):
        if job.attempts < MOST_TRIES:
            await app.job_manager.retry_job(job)
            continue
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
        account_id = job.task_kwargs.get("account_id")
        if isinstance(account_id, int):
            await sync_to_async(_quarantine)(account_id, job.attempts)


@app.periodic(cron=EVERY_NIGHT)
@app.task(name=PRUNE, queue=PLANNING, queueing_lock="prune")
async def prune(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says when it was due
    """Delete tasks that are over: run history tells what came of them. Those that failed are kept longer, for
    their own story; procrastinate sees to workers that are gone and to its notes on periodic tasks."""
    await app.job_manager.delete_old_jobs(nb_hours=KEPT // HOUR)
    await app.job_manager.delete_old_jobs(
        nb_hours=FAILED_KEPT // HOUR, include_failed=True, include_cancelled=True, include_aborted=True
    )


def _quarantine(account_id: int, tries: int) -> None:
    reason = f"Its last {tries} turns died with their worker. A run by hand ends the quarantine."
    backlog.quarantine(account_id, reason, ledger.database_now())
