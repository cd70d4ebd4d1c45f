"""Errands that only workers run, for they need an account's key, or take long: queued, and followed there."""

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from auditing.queue import Stage, live_workers, open_tasks

QUEUE = "errands"
TEST_KEY = "auditing.tasks.test_key"
GET_LINK = "auditing.tasks.get_link"


def send(task: str, *, queue: str = QUEUE, **ids: int) -> bool:
    """Put the errand into a queue with this transaction: nothing goes there but ids.

    False when the same waits already. A person waits for it, so it goes before accounts' turns.
    """
    wanted = ", ".join(f"{name} {number}" for name, number in ids.items())
    errand = app.configure_task(task, queue=queue, queueing_lock=f"{task}: {wanted}", priority=2)
    try:
        with transaction.atomic():
            errand.defer(**ids)
    except AlreadyEnqueued:
        return False
    return True


def stage_of(task: str, **ids: int) -> Stage | None:
    """How far the errand is; None when it is in the queue no more."""
    statuses = set(open_tasks(task).filter(args=ids).values_list("status", flat=True))
    if not statuses:
        return None
    if not live_workers().exists():
        return Stage.NO_WORKER
    return Stage.UNDER_WAY if "doing" in statuses else Stage.WAITING
