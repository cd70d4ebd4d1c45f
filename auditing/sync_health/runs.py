"""Runs as their pages tell them: what each was asked, what came of it, and how far those under way are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from auditing.access import Person, visible_run_parts
from auditing.models import Lease, Run, RunPart
from auditing.records import Outcome

COUNTED = (*(word.value for word in Outcome), "not_reached")
# A run gives back its last lease a moment before it is closed.
CLOSING = timedelta(seconds=30)

Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run, or an account's part of one, did: `requested` = `reached` + what was not.

    `milliseconds` is how long it took, or has taken so far.
    """

    requested: int
    reached: int
    changed: int
    bytes: int
    waited_milliseconds: int
    milliseconds: int

    @property
    def per_second(self) -> float | None:
        """Lookups a second; None while there was none."""
        return self.reached * 1000 / self.milliseconds if self.reached and self.milliseconds else None


@dataclass(frozen=True, slots=True)
class RunPartSummary:
    """One account's part of a run, and its counts that are not zero, by their column's word."""

    part: RunPart
    figures: Figures
    outcomes: Counts


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run: the sums over the parts that the person may see, and those parts.

    `is_alive` is true while it is under way. One that says it runs and is not alive was killed, and nothing
    has closed it yet. `troubles` are the outcomes that were no `ok`.
    """

    run: Run
    is_alive: bool
    figures: Figures
    outcomes: Counts
    parts: tuple[RunPartSummary, ...]

    @property
    def state(self) -> str:
        """How it stands, as far as anybody can tell."""
        return Run.State.INTERRUPTED if self.is_unclosed else self.run.state

    @property
    def is_unclosed(self) -> bool:
        """Whether it was killed, and no later run has said so yet."""
        return self.run.state == Run.State.RUNNING and not self.is_alive

    @property
    def duration_is_known(self) -> bool:
        """Whether its end is its own; a run that was killed is closed by a later one, whenever that comes."""
        return self.run.finished_at is not None and self.run.state != Run.State.INTERRUPTED

    @property
    def troubles(self) -> Counts:
        """The counts of what went otherwise than `ok`, not counting what was never asked."""
        return tuple((word, count) for word, count in self.outcomes if word not in (Outcome.OK, COUNTED[-1]))

    @property
    def unfinished(self) -> tuple[RunPartSummary, ...]:
        """The parts that are still under way."""
        return tuple(summed for summed in self.parts if summed.part.finished_at is None)


def last_runs(person: Person, number: int, now: datetime) -> list[RunSummary]:
    """The newest runs that have a part this person may see, newest first."""
    parts = visible_run_parts(person)
    newest = parts.order_by("-run_id").values("run_id").distinct()[:number]
    return list(_summaries(parts.filter(run_id__in=newest), now))


def runs_under_way(person: Person, now: datetime) -> list[RunSummary]:
    """The runs that are alive and have a part this person may see, newest first."""
    running = visible_run_parts(person).filter(run__state=Run.State.RUNNING)
    return [summary for summary in _summaries(running, now) if summary.is_alive]


def _summaries(parts: QuerySet[RunPart], now: datetime) -> Iterable[RunSummary]:
    holds = Lease.objects.filter(run_id=OuterRef("run_id"), expires_at__gt=Now())
    rows = (
        parts.select_related("run__started_by", "account")
        .annotate(run_holds_a_lease=Exists(holds))
        .order_by("-run_id", "account__label")
    )
    for _, group in groupby(rows, key=lambda part: part.run_id):
        yield _summary(list(group), now)


def _summary(parts: Sequence[RunPart], now: datetime) -> RunSummary:
    run = parts[0].run
    closing = any(part.finished_at and part.finished_at > now - CLOSING for part in parts)
    holds: bool = parts[0].run_holds_a_lease  # type: ignore[attr-defined]  # annotated above
    is_alive = run.state == Run.State.RUNNING and (holds or closing)
    return RunSummary(
        run=run,
        is_alive=is_alive,
        figures=_figures(parts, run.started_at, run.finished_at or now),
        outcomes=_outcomes(parts),
        parts=tuple(
            RunPartSummary(
                part, _figures([part], part.started_at, part.finished_at or now), _outcomes([part])
            )
            for part in parts
        ),
    )


def _figures(parts: Sequence[RunPart], started_at: datetime, until: datetime) -> Figures:
    requested = sum(part.requested for part in parts)
    return Figures(
        requested=requested,
        reached=requested - sum(part.not_reached for part in parts),
        changed=sum(part.changed for part in parts),
        bytes=sum(part.bytes for part in parts),
        waited_milliseconds=sum(part.waited_milliseconds for part in parts),
        milliseconds=max(0, int((until - started_at).total_seconds() * 1000)),
    )


def _outcomes(parts: Sequence[RunPart]) -> Counts:
    """The counts that are not zero, in the order in which outcomes are documented."""
    sums = [(word, sum(getattr(part, word) for part in parts)) for word in COUNTED]
    return tuple((word, count) for word, count in sums if count)
