"""Jobs by the hour of the week in which they were created, as a map of steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from auditing.access import Person
from auditing.records import Status
from auditing.reports.questions import Question
from auditing.reports.sources import Kept, source
from auditing.rollups import TIMING_CUBOIDS, Histogram, check_zone

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = 24
STEPS = 5
_KEPT = Kept(
    "auditing_rolluptiming",
    TIMING_CUBOIDS,
    ("status",),
    {"jobs": "jobs", "hour": "CASE WHEN hour IS NOT NULL THEN jobs * auditing_tally(hour) ELSE 0 END"},
)


@dataclass(frozen=True, slots=True)
class Hour:
    """How many jobs there are in one hour of the week, and which step of the map that is (0: none)."""

    jobs: int
    step: int


@dataclass(frozen=True, slots=True)
class Weekday:
    """One line of the map: 24 hours from midnight on, and what they come to."""

    name: str
    hours: tuple[Hour, ...]
    jobs: int


@dataclass(frozen=True, slots=True)
class Step:
    """What a step of the map stands for: so many jobs, both ends included."""

    number: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A week's 168 hours, from Monday's first on; `by_hour` are the sums of each hour over all weekdays."""

    weekdays: tuple[Weekday, ...]
    by_hour: tuple[int, ...]
    jobs: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """Jobs with a known day by the hour of their creation: all, the completed and the failed ones."""

    created: HeatMap
    completed: HeatMap
    failed: HeatMap

    @property
    def maps(self) -> tuple[tuple[str, HeatMap], ...]:
        """Each with its name."""
        return ("created", self.created), ("completed", self.completed), ("failed", self.failed)


def hours_of_the_week(person: Person, question: Question) -> Hours:
    """The jobs that are asked for, of what this person may see; hours are the report zone's by the clock, so
    that one that comes twice in autumn counts both times. The question's groups don't matter.

    One statement. Raises OtherZone when hours are cut by another zone than set.
    """
    check_zone()
    counts: dict[str | None, Sequence[int]] = {}
    found = source(_KEPT, person, question, ZoneInfo(settings.REPORT_TIME_ZONE))
    if found is not None:
        statement = f"SELECT status, numeric_send(sum(hour)) FROM ({found.text}) AS found GROUP BY status"  # noqa: S608 - our own names
        with connection.cursor() as cursor:
            cursor.execute(statement, found.values)
            counts = {status: Histogram.of_numeric(hours).by_bucket for status, hours in cursor.fetchall()}
    return Hours(
        created=heat_map(list(counts.values())),
        completed=heat_map([counts.get(Status.COMPLETED, ())]),
        failed=heat_map([counts.get(Status.FAILED, ())]),
    )


def heat_map(histograms: Sequence[Sequence[int]]) -> HeatMap:
    """What these come to, hour by hour: histograms of 168 hours or fewer, from Monday's first on."""
    jobs = [0] * (len(WEEKDAYS) * HOURS)
    for counts in histograms:
        for hour, many in enumerate(counts):
            jobs[hour] += many
    steps = _steps(max(jobs))
    days = [jobs[first : first + HOURS] for first in range(0, len(jobs), HOURS)]
    return HeatMap(
        weekdays=tuple(
            Weekday(name, tuple(Hour(many, _step_of(many, steps)) for many in day), sum(day))
            for name, day in zip(WEEKDAYS, days, strict=True)
        ),
        by_hour=tuple(map(sum, zip(*days, strict=True))),
        jobs=sum(jobs),
        steps=steps,
    )


def _steps(most: int) -> tuple[Step, ...]:
    """Steps of the same width up to the most; as many as there are numbers where these are few."""
    ends = sorted({-(-most * number // STEPS) for number in range(STEPS + 1)})
    return tuple(
        Step(place + 1 + STEPS - (len(ends) - 1), before + 1, end)
        for place, (before, end) in enumerate(pairwise(ends))
    )


def _step_of(jobs: int, steps: Sequence[Step]) -> int:
    return next((step.number for step in steps if step.least <= jobs <= step.most), 0)
