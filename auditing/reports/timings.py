"""Waiting and running times: percentiles from histograms, impossible and unknown times apart."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from auditing.access import Person
from auditing.reports.questions import Question
from auditing.reports.sources import Kept, Key, one_of, source
from auditing.reports.totals import in_order
from auditing.rollups import DURATION_CUBOIDS, TIMING_CUBOIDS, Histogram, check_zone
from auditing.rollups.cells import Sql
from auditing.rollups.histograms import EMPTY

_TALLIED = "CASE WHEN {0} IS NOT NULL THEN jobs * auditing_tally({0}) ELSE 0 END"
_MEASURES = {
    "jobs": "jobs",
    "impossible": "impossible",
    "waiting": _TALLIED.format("waiting"),
    "running": _TALLIED.format("running"),
}
_BY_STATUS = Kept("auditing_rolluptiming", TIMING_CUBOIDS, (), _MEASURES)
_KEPT = Kept("auditing_rollupduration", DURATION_CUBOIDS, (), _MEASURES, instead=_BY_STATUS)


@dataclass(frozen=True, slots=True)
class Timings:
    """The times of one group's jobs: `key` as in totals' cells, how many jobs there are, how many have
    impossible times (no time of theirs counts), and what is known of the others'."""

    key: tuple[object, ...]
    jobs: int
    impossible: int
    waiting: Histogram
    running: Histogram

    @property
    def waiting_unknown(self) -> int:
        """How many jobs there are of which nobody knows how long they waited."""
        return self.jobs - self.impossible - self.waiting.jobs

    @property
    def running_unknown(self) -> int:
        """How many jobs there are of which nobody knows how long they ran."""
        return self.jobs - self.impossible - self.running.jobs


NO_JOBS = Timings((), 0, 0, EMPTY, EMPTY)


def together(found: Sequence[Timings]) -> Timings:
    """These groups as one."""
    waiting, running = (
        Histogram([sum(counts) for counts in zip_longest(*(one.by_bucket for one in each), fillvalue=0)])
        for each in ([one.waiting for one in found], [one.running for one in found])
    )
    jobs, impossible = sum(one.jobs for one in found), sum(one.impossible for one in found)
    return Timings((), jobs, impossible, waiting, running)


def timings(person: Person, question: Question, keys: Collection[Key] | None = None) -> list[Timings]:
    """The groups that have jobs, of what this person may see, in the order of their keys (unknown last);
    with `keys` no others than these.

    One statement, so all of it is of one moment. Raises OtherZone when days are cut by another zone than set.
    """
    check_zone()
    wanted = question.around(keys) if keys else question
    found = source(_KEPT, person, wanted, ZoneInfo(settings.REPORT_TIME_ZONE))
    if found is None:
        return []
    among = one_of(question.group_by, keys) if keys else Sql("")
    groups = ", ".join(f"d{place}" for place in range(len(question.group_by)))
    grouping = f"GROUP BY {groups} HAVING sum(jobs) <> 0" if groups else "HAVING sum(jobs) <> 0"
    columns = f"{groups}, " if groups else ""
    statement = f"""SELECT {columns}sum(jobs)::bigint, sum(impossible)::bigint,
            numeric_send(sum(waiting)), numeric_send(sum(running))
        FROM ({found.text}) AS found {among.text} {grouping}"""  # noqa: S608 - our own names
    with connection.cursor() as cursor, _unsorted(cursor, is_wanted=bool(keys)):
        cursor.execute(statement, (*found.values, *among.values))
        groups_found = {
            tuple(key): Timings(
                tuple(key), jobs, impossible, Histogram.of_numeric(waiting), Histogram.of_numeric(running)
            )
            for *key, jobs, impossible, waiting, running in cursor.fetchall()
        }
    return [groups_found[key] for key in in_order(groups_found)]


@contextmanager
def _unsorted(cursor: CursorWrapper, *, is_wanted: bool) -> Iterator[None]:
    """Let the database add groups up by their hashes: ten thousand histograms, of a kilobyte each, are sorted
    in twice that time. It holds both for the same, beside what reading them takes, and then prefers to sort.
    Inside a transaction."""
    if is_wanted:
        cursor.execute("SET LOCAL enable_sort TO off")
    yield
    if is_wanted:
        cursor.execute("SET LOCAL enable_sort TO DEFAULT")
