"""The same answers as reports give, by looking at every row in Python."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from auditing.access import Person, acting_as, visible_to
from auditing.models import Generation
from auditing.records import Flag
from auditing.reports import Dimension, Period, Question, Sums

type Key = tuple[object, ...]
type Parts = dict[tuple[str | None, str | None], Sums]


def day_of(row: Generation, zone: ZoneInfo) -> date | None:
    return row.created_at and row.created_at.astimezone(zone).date()


def value_of(row: Generation, dimension: Dimension, zone: ZoneInfo) -> object:
    day = day_of(row, zone)
    if dimension is Dimension.DAY:
        return day
    if dimension is Dimension.WEEK:
        return day and day - timedelta(days=day.weekday())
    if dimension is Dimension.MONTH:
        return day and day.replace(day=1)
    value: object = getattr(row, dimension.column)
    return value


def is_in(row: Generation, period: Period, zone: ZoneInfo) -> bool:
    day = day_of(row, zone)
    if period.is_undated:
        return day is None
    if day is None:
        return period.first is None and period.last is None
    return (period.first is None or period.first <= day) and (period.last is None or day <= period.last)


def rows_for(person: Person, question: Question, zone: ZoneInfo) -> list[Generation]:
    with acting_as(person):
        rows = list(visible_to(person))
    return [
        row
        for row in rows
        if is_in(row, question.period, zone)
        and all(value_of(row, dimension, zone) in values for dimension, values in question.only.items())
    ]


def grouped[Found](
    person: Person, question: Question, zone: ZoneInfo, found: Callable[[list[Generation]], Found]
) -> dict[Key, Found]:
    """What is found of the rows of every group."""
    groups: dict[Key, list[Generation]] = defaultdict(list)
    for row in rows_for(person, question, zone):
        groups[tuple(value_of(row, one, zone) for one in question.group_by)].append(row)
    return {key: found(rows) for key, rows in groups.items()}


def parts_of(rows: Iterable[Generation]) -> Parts:
    parts: Parts = {}
    for row in rows:
        now = row.credits_thousandths or 0
        most = 0 if row.credits_thousandths is None else max(row.credits_most_thousandths or 0, now)
        is_timed = row.duration_milliseconds is not None
        one = Sums(
            1, now, most, int(most > now), int(is_timed), row.duration_milliseconds or 0, now * is_timed
        )
        part = row.status, row.credits_basis
        parts[part] = parts.get(part, Sums()).plus(one)
    return parts


def milliseconds(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else (end - start) // timedelta(milliseconds=1)


def has_impossible_times(row: Generation) -> bool:
    created, started, completed = row.created_at, row.processing_started_at, row.processing_completed_at
    pairs = ((created, started), (started, completed), (created, completed))
    return Flag.IMPOSSIBLE_TIMES in row.flags or any(
        start is not None and end is not None and end < start for start, end in pairs
    )


def times_of(rows: Iterable[Generation]) -> tuple[int, list[int], list[int]]:
    """How many have impossible times, and the others' sorted times of waiting and running."""
    rows = list(rows)
    possible = [row for row in rows if not has_impossible_times(row)]
    waiting = [milliseconds(row.created_at, row.processing_started_at) for row in possible]
    running = [milliseconds(row.processing_started_at, row.processing_completed_at) for row in possible]
    return (
        len(rows) - len(possible),
        sorted(one for one in waiting if one is not None),
        sorted(one for one in running if one is not None),
    )


def percentile(times: list[int], percent: int) -> int:
    """The time of the job of this rank."""
    return times[max(1, ceil(len(times) * percent / 100)) - 1]
