"""What a run writes about itself and about the accounts it asked: opened before, closed after each turn."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now

from auditing.access import SYSTEM, acting_as
from auditing.models import Account, Run, RunPart, User
from auditing.models import Lease as LeaseRow
from auditing.records import Outcome
from auditing.sync.lease import Lease, LeaseLost, take
from auditing.sync.turn import (
    PROBE_AFTER,
    Ending,
    Finished,
    KeyRefused,
    LeaseTaken,
    NotStarted,
    PlanSuspected,
    ProviderAway,
    RateLimited,
    Stopped,
)

INTERRUPTED = "Interrupted: the process ended before the turn did."
SEEMS_WRONG = "Every id was answered 404, and this account never had a good answer: wrong address or key?"


def database_now() -> datetime:
    """The database's clock, which all processes share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


@dataclass(frozen=True, slots=True)
class Opened:
    """A run that has started, and the leases of the accounts that it may write for."""

    run_id: int
    leases: Sequence[Lease]


def open_run(
    account_ids: Sequence[int], trigger: Run.Trigger, started_by: User | None, at: datetime
) -> Opened | None:
    """Take what leases can be had and write that a run has started; None when others hold every one.

    Runs that were killed are closed as interrupted: those under way that hold no lease any more.
    """
    with acting_as(SYSTEM):
        leases = take(account_ids)
        if account_ids and not leases:
            return None
        run = Run.objects.create(
            trigger=trigger,
            started_by=started_by,
            started_at=at,
            host=socket.gethostname()[:255],
            process_id=os.getpid(),
        )
        mine = LeaseRow.objects.filter(account_id__in=[lease.account_id for lease in leases])
        mine.update(run=run)
        _close_interrupted(at, run)
    return Opened(int(run.pk), leases)


def _close_interrupted(at: datetime, but: Run) -> None:
    held = LeaseRow.objects.filter(run_id=OuterRef("pk"), expires_at__gt=Now())
    dead = Run.objects.filter(~Exists(held), state=Run.State.RUNNING).exclude(pk=but.pk)
    RunPart.objects.filter(run__in=dead, finished_at=None).update(finished_at=at, ended=INTERRUPTED)
    dead.update(state=Run.State.INTERRUPTED, finished_at=at)


def close_run(run_id: int, state: Run.State, at: datetime) -> None:
    """Write how a run ended."""
    with acting_as(SYSTEM):
        Run.objects.filter(pk=run_id).update(state=state, finished_at=at)


def open_part(run_id: int, account: Account, due: int, at: datetime) -> None:
    """Write that an account's turn has started: all that is due counts as not reached until it is asked."""
    with acting_as(SYSTEM):
        RunPart.objects.create(
            run_id=run_id,
            account=account,
            team_id=account.team_id,
            started_at=at,
            requested=due,
            not_reached=due,
        )
        Account.objects.filter(pk=account.pk).update(last_run_at=at)


def other_accounts(account: Account) -> tuple[int, ...]:
    """The accounts of the same team and provider that may be asked, beside this one."""
    with acting_as(SYSTEM):
        team_mates = Account.objects.filter(
            team_id=account.team_id, provider=account.provider, paused_at=None, quarantined_at=None
        )
        return tuple(team_mates.exclude(pk=account.pk).order_by("pk").values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class TurnEnd:
    """How an account's turn ended; `not_stored` counts answers that touched no record on purpose."""

    ending: Ending
    waited_seconds: float = 0.0
    seems_wrong: bool = False
    not_stored: int = 0


def close_part(run_id: int, account: Account, lease: Lease, end: TurnEnd, at: datetime) -> RunPart:
    """Write how an account's turn ended, and what follows for the account, and give the lease back; the part
    with its numbers. Whoever lost the lease closes its part and decides nothing for the account."""
    try:
        with acting_as(SYSTEM):
            lease.confirm()
            closed = _close(run_id, account, end, at)
            Account.objects.filter(pk=account.pk).update(**_consequences(closed, end, at))
            lease.give_back()
    except LeaseLost:
        with acting_as(SYSTEM):
            closed = _close(run_id, account, replace(end, ending=LeaseTaken()), at)
    return closed


def _close(run_id: int, account: Account, end: TurnEnd, at: datetime) -> RunPart:
    asked = sum((F(outcome) for outcome in Outcome if outcome is not Outcome.OK), F("ok"))
    part = RunPart.objects.filter(run_id=run_id, account=account)
    if end.not_stored:
        part.update(denied=F("denied") + end.not_stored, not_reached=F("not_reached") - end.not_stored)
    if isinstance(end.ending, Finished):
        part.update(not_reached=0)
    part.update(
        requested=asked + F("not_reached"),
        finished_at=at,
        waited_milliseconds=round(end.waited_seconds * 1000),
    )
    closed = part.select_related("account").get()
    if closed.not_reached or not isinstance(end.ending, Stopped):
        closed.ended = words_of(end.ending)
        closed.save(update_fields=["ended"])
    return closed


def _consequences(part: RunPart, end: TurnEnd, at: datetime) -> dict[str, object]:
    match end.ending:
        case KeyRefused(reason):
            return _paused(f"The provider refused this account's key: {reason}", at)
        case PlanSuspected():
            return _paused(words_of(end.ending), at)
    if end.seems_wrong:
        return {"notice": SEEMS_WRONG}
    # Only these two are proof that the provider took the key.
    if part.ok or (part.missing and part.account.paused_at):
        return {"paused_at": None, "probe_at": None, "quarantined_at": None, "notice": ""}
    return {}


def _paused(notice: str, at: datetime) -> dict[str, object]:
    return {"paused_at": at, "probe_at": at + PROBE_AFTER, "notice": notice[:500]}


def words_of(ending: Ending) -> str:
    """Why a turn ended before its work did, for people; empty when it didn't."""
    match ending:
        case Finished():
            return ""
        case Stopped():
            return "Stopped before everything due was looked up."
        case RateLimited(until):
            return f"Rate limited until {until:%Y-%m-%d %H:%M:%S} UTC."
        case KeyRefused(reason):
            return f"Key refused: {reason}"[:500]
        case PlanSuspected():
            return (
                "Every answer was 403: the key's plan may no longer include the API. No record was touched."
            )
        case ProviderAway(reason):
            return f"No answer twenty times in a row: {reason}"[:500]
        case LeaseTaken():
            return "Another run took over this account; what it was asked meanwhile was not stored."
        case NotStarted(reason):
            return reason[:500]
