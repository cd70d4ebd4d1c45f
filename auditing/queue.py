"""Where a task stands in the queue, and whether a worker is there to take it."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

# Workers say every ten seconds that they live.
SILENT_AFTER = timedelta(seconds=30)


class Stage(StrEnum):
    """How far a wish is. `behind`: another turn of its account goes first. `dropped`: its task is over, and
    what was wished for was not done."""

    WAITING = "waiting"
    BEHIND = "behind"
    NO_WORKER = "no_worker"
    UNDER_WAY = "under_way"
    DONE = "done"
    DROPPED = "dropped"

    @property
    def is_open(self) -> bool:
        """Whether the wish may still be fulfilled."""
        return self not in (Stage.DONE, Stage.DROPPED)


def open_tasks(name: str) -> QuerySet[ProcrastinateJob]:
    """The tasks of this name that are not over yet."""
    jobs: QuerySet[ProcrastinateJob] = ProcrastinateJob.objects.filter(
        task_name=name, status__in=("todo", "doing")
    )
    return jobs


def live_workers() -> QuerySet[ProcrastinateWorker]:
    """The workers that were heard of lately."""
    workers: QuerySet[ProcrastinateWorker] = ProcrastinateWorker.objects.filter(
        last_heartbeat__gt=Now() - SILENT_AFTER
    )
    return workers


def database_now() -> datetime:
    """The clock that lookups are dated by."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment
