"""What became of a wish to look something up at once: where its task is in the queue, what was seen since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Q

from auditing import trail
from auditing.models import Account, Generation, Run, User
from auditing.queue import Stage, database_now, live_workers, open_tasks
from auditing.turns import SYNC_ACCOUNT, ask_for_turn


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish that was made at `asked_at`, by the database's clock."""

    asked_at: datetime
    stage: Stage

    @property
    def is_open(self) -> bool:
        """Whether it may still be fulfilled."""
        return self.stage.is_open


def ask_for_record(person: User, generation: Generation, trigger: Run.Trigger = Run.Trigger.PAGE) -> datetime:
    """Have a worker look this record up, due or not; when it was asked for."""
    trail.refresh_of_record_asked(person, generation)
    asked_at = database_now()
    ids = (generation.external_id,)
    ask_for_turn(generation.lookup.account_id, trigger, started_by=person, ids=ids)
    return asked_at


def ask_for_account(person: User, account: Account) -> datetime:
    """Have a worker look up what is due of this account; when it was asked for."""
    trail.refresh_of_account_asked(person, account)
    asked_at = database_now()
    ask_for_turn(account.pk, Run.Trigger.PAGE, started_by=person)
    return asked_at


def wish_for_record(generation: Generation, asked_at: datetime) -> Wish:
    """What became of the wish for this record.

    The record was read before the queue is: where the answer is `dropped`, read it again to be sure.
    """
    looked_up_at = generation.lookup.looked_up_at
    if looked_up_at is not None and looked_up_at >= asked_at:
        return Wish(asked_at, Stage.DONE)
    mine = Q(args__ids__contains=[generation.external_id])
    stage = _stage_in_queue(generation.lookup.account_id, mine)
    return Wish(asked_at, stage or Stage.DROPPED)


def wish_for_account(account: Account, asked_at: datetime) -> Wish:
    """What became of the wish for this account's turn; done when a turn of it began since and is over."""
    if stage := _stage_in_queue(account.pk, Q(args__ids=[])):
        return Wish(asked_at, stage)
    account.refresh_from_db(fields=["last_run_at"])
    ran = account.last_run_at is not None and account.last_run_at >= asked_at
    return Wish(asked_at, Stage.DONE if ran else Stage.DROPPED)


def turn_is_near(account_ids: Sequence[int]) -> bool:
    """Whether a turn of any of these accounts is in the queue, and somebody there to take it."""
    jobs = open_tasks(SYNC_ACCOUNT).filter(Exists(live_workers()), args__account_id__in=list(account_ids))
    return bool(jobs.exists())


def workers_running() -> int:
    """How many workers were heard of just now; one that died or hangs is none."""
    return int(live_workers().count())


def _stage_in_queue(account_id: int, mine: Q) -> Stage | None:
    """How far the account's task that `mine` tells apart is; None when there is none any more."""
    jobs = open_tasks(SYNC_ACCOUNT).filter(args__account_id=account_id)
    counts = jobs.aggregate(
        doing=Count("pk", filter=mine & Q(status="doing")),
        waiting=Count("pk", filter=mine & Q(status="todo")),
        others=Count("pk", filter=Q(status="doing")),
    )
    if not counts["doing"] and not counts["waiting"]:
        return None
    if not live_workers().exists():
        return Stage.NO_WORKER
    if counts["doing"]:
        return Stage.UNDER_WAY
    return Stage.BEHIND if counts["others"] else Stage.WAITING
