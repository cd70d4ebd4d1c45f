"""How long a job waited and ran, as far as its times tell; a picture's parts come with the numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from auditing.models import Generation
from auditing.records import Status

WIDTH = 1000


@dataclass(frozen=True, slots=True)
class Moment:
    """One point of a record's life; `at` None is not known. `note` says what to know about it.

    `form` is how exact it is shown: to the fraction that the provider gave, or to the `second`.
    """

    label: str
    at: datetime | None
    note: str = ""
    form: str = "exact"


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of the picture, `WIDTH` units wide in all. `kind` is `waiting`, `running` or `after`."""

    kind: str
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Timing:
    """Durations are whole milliseconds, None where an end of them is unknown, negative as reported."""

    moments: tuple[Moment, ...]
    waiting: int | None
    running: int | None
    total: int | None
    parts: tuple[Part, ...]


def timing_of(generation: Generation) -> Timing:
    """The timing of a record, read with its lookup.

    Where the provider reports no end, the last change of a finished record is the best known one
    (providers.md); the total then runs to there, and waiting and running stay unknown.
    """
    created, started = generation.created_at, generation.processing_started_at
    completed, updated = generation.processing_completed_at, generation.updated_at
    final = generation.status is not None and Status(generation.status).is_final
    end = completed or (updated if final else None)
    waiting, running, total = _between(created, started), _between(started, completed), _between(created, end)
    return Timing(
        moments=(
            Moment("Created", created),
            Moment("Processing started", started),
            Moment("Processing completed", completed),
            Moment("Last changed", updated, "best known end" if final and completed is None else ""),
            Moment("Registered here", generation.registered_at, form="second"),
            Moment("Last good lookup", generation.lookup.synced_at, form="second"),
        ),
        waiting=waiting,
        running=running,
        total=total,
        parts=tuple(_parts(waiting, running, total)),
    )


def _between(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else (end - start) // timedelta(milliseconds=1)


def _parts(waiting: int | None, running: int | None, total: int | None) -> Iterable[Part]:
    """The picture: waiting beside running, or the undivided total; none for times that contradict."""
    if waiting is not None and running is not None and waiting >= 0 and running >= 0 and waiting + running:
        edge = round(WIDTH * waiting / (waiting + running))
        yield Part("waiting", 0, edge)
        yield Part("running", edge, WIDTH - edge)
    elif (waiting is None or running is None) and total is not None and total > 0:
        yield Part("after", 0, WIDTH)
