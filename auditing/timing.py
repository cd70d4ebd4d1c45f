"""How long a job waited and ran, as far as its times tell; what they leave open or contradict."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from auditing.models import Generation
from auditing.records import Status


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
class Timing:
    """Durations are whole milliseconds, None where an end of them is unknown, negative as reported.

    `is_over` says that the job has ended; `end` is when, at best. `backwards` are the stretches that end
    before they begin, in words and with how much, `unknown` the labels of the times that no one has told.
    """

    moments: tuple[Moment, ...]
    waiting: int | None
    running: int | None
    total: int | None
    is_over: bool
    end: datetime | None
    backwards: tuple[tuple[str, int], ...]
    unknown: tuple[str, ...]


def timing_of(generation: Generation) -> Timing:
    """The timing of a record, read with its lookup.

    Where the provider reports no end, the last change of a finished record is the best known one
    (providers.md); the total then runs to there, and waiting and running stay unknown.
    """
    created, started = generation.created_at, generation.processing_started_at
    completed, updated = generation.processing_completed_at, generation.updated_at
    final = generation.status is not None and Status(generation.status).is_final
    end = completed or (updated if final else None)
    said = (
        Moment("Created", created),
        Moment("Processing started", started),
        Moment("Processing completed", completed),
        Moment("Last changed", updated, "best known end" if final and completed is None else ""),
    )
    lookup = generation.lookup
    return Timing(
        moments=(
            *said,
            Moment("Registered here", generation.registered_at, form="second"),
            Moment("Last good lookup", lookup.synced_at, form="second"),
        ),
        waiting=waited(generation),
        running=ran(generation),
        total=between(created, end),
        is_over=final,
        end=end,
        backwards=tuple(_backwards(created, started, completed, updated)),
        unknown=tuple(moment.label for moment in said if moment.at is None),
    )


def waited(generation: Generation) -> int | None:
    """The milliseconds between the job's creation and its start."""
    return between(generation.created_at, generation.processing_started_at)


def ran(generation: Generation) -> int | None:
    """The milliseconds between the job's start and its end."""
    return between(generation.processing_started_at, generation.processing_completed_at)


def between(start: datetime | None, end: datetime | None) -> int | None:
    """The milliseconds from one moment to another; None where one of them is not known."""
    return None if start is None or end is None else (end - start) // timedelta(milliseconds=1)


def _backwards(*said: datetime | None) -> Iterator[tuple[str, int]]:
    """Each two of the times, as far as they are known, of which the later one is said to be earlier."""
    names = ("was created", "started", "was completed", "last changed")
    known = [(name, at) for name, at in zip(names, said, strict=True) if at is not None]
    for (before, first), (after, second) in pairwise(known):
        if second < first:
            yield f"it {after} before it {before}", (first - second) // timedelta(milliseconds=1)
