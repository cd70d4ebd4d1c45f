"""A fresher answer where one can be had soon: a worker is asked to look the record up, and waited for."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from auditing.access import Bearer, acting_as, may_refresh
from auditing.models import Generation, Run
from auditing.providers import PROVIDERS
from auditing.records import Status
from auditing.sync_health import Stage, ask_for_record, obstacle_of, wish_for_record

LONGEST_WAIT_SECONDS = 5.0
LOOKS_EVERY_SECONDS = 0.25
WAITING_AT_ONCE = 4

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=([0-9]{1,9})(?=[,\s]|$)", re.IGNORECASE)

type Read = Callable[[], Generation]
"""Reads the record anew, inside `acting_as`. Raises access.Refused when it may not be seen any more."""


def _pause() -> None:
    """Sleep, and leave the connection to others meanwhile."""
    connection.close()
    time.sleep(LOOKS_EVERY_SECONDS)


@dataclass(frozen=True, slots=True)
class Patience:
    """How a request waits: `clock` counts seconds; `places` bounds how many of a process's requests wait."""

    clock: Callable[[], float] = time.monotonic
    pause: Callable[[], None] = _pause
    places: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(WAITING_AT_ONCE))


PATIENCE = Patience()


def max_age_of(request: HttpRequest) -> timedelta | None:
    """How old an answer the request takes: `Cache-Control: max-age=SECONDS`. None where it doesn't say."""
    found = _MAX_AGE.search(request.headers.get("Cache-Control", ""))
    return timedelta(seconds=int(found[1])) if found else None


def fresher(
    bearer: Bearer, record: Generation, max_age: timedelta, read: Read, patience: Patience
) -> Generation:
    """The record after a worker looked it up; as it is stored where none is asked, or the wait is too long.

    Call it outside of any transaction. None is open, and no connection is taken, while it waits.
    Whoever finds no place to wait is answered at once, and the worker is asked all the same.
    """
    with acting_as(bearer):
        asked_at = _asked(bearer, record, max_age, timezone.now())
    if asked_at is None or not patience.places.acquire(blocking=False):
        return record
    try:
        return _awaited(bearer, asked_at, read, patience)
    finally:
        patience.places.release()


def _asked(bearer: Bearer, record: Generation, max_age: timedelta, now: datetime) -> datetime | None:
    """When a worker was asked; None where there is nothing to ask for, or nothing would be sent."""
    if not _is_wanting(record, max_age, now) or obstacle_of(record.lookup.account, now):
        return None
    return ask_for_record(bearer.user, record, Run.Trigger.API) if may_refresh(bearer, record) else None


def _is_wanting(record: Generation, max_age: timedelta, now: datetime) -> bool:
    """Whether a live record's answer is too old, and its last lookup as long ago as its provider wants polls
    to be apart. What is final is not looked up for a reader: the sync does that in its own time."""
    if record.status is not None and Status(record.status).is_final:
        return False
    lookup = record.lookup
    too_early = now - PROVIDERS[record.provider].polling.every
    if lookup.looked_up_at is not None and lookup.looked_up_at > too_early:
        return False
    return lookup.synced_at is None or now - lookup.synced_at > max_age


def _awaited(bearer: Bearer, asked_at: datetime, read: Read, patience: Patience) -> Generation:
    """The record once its wish has come true, or can't any more; or as it is when patience ends."""
    give_up_at = patience.clock() + LONGEST_WAIT_SECONDS
    while True:
        with acting_as(bearer):
            record = read()
            stage = wish_for_record(record, asked_at).stage
            if stage is Stage.DROPPED:
                # Its task may have ended after the record was read: as it is now is how it stays.
                record = read()
        if stage in (Stage.DONE, Stage.DROPPED, Stage.NO_WORKER) or patience.clock() >= give_up_at:
            return record
        patience.pause()
