"""Puts accounts' turns into the queue, for whoever wants one: the minute's plan, or a person on a page."""

from hashlib import sha256

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from auditing.models import Run, User
from auditing.origin import current

QUEUE = "sync"
SYNC_ACCOUNT = "auditing.tasks.sync_account"


def ask_for_turn(
    account_id: int,
    trigger: Run.Trigger,
    *,
    started_by: User | None = None,
    ids: tuple[str, ...] = (),
    is_urgent: bool = True,
) -> bool:
    """Ask a worker for an account's turn, or with `ids` for a look at just these, due or not.

    It goes into the queue with this transaction. False when the same was asked for already and waits. A
    person's wish for certain ids goes before the plan's turns, if it `is_urgent`.
    """
    wanted = f"account {account_id}" + (f": {_named(ids)}" if ids else "")
    task = app.configure_task(
        SYNC_ACCOUNT,
        queue=QUEUE,
        lock=f"account {account_id}",
        queueing_lock=wanted,
        priority=1 if ids and is_urgent else 0,
    )
    try:
        with transaction.atomic():
            task.defer(
                account_id=account_id,
                trigger=trigger.value,
                started_by=started_by.pk if started_by else None,
                ids=list(ids),
                request_id=current().request_id,
            )
    except AlreadyEnqueued:
        return False
    return True


def _named(ids: tuple[str, ...]) -> str:
    """What tells these ids apart from others; short enough for the queue's index, however many they are."""
    if len(ids) == 1:
        return ids[0]
    digest = sha256("\n".join(sorted(ids)).encode()).hexdigest()
    return f"{len(ids)} ids, {digest}"
