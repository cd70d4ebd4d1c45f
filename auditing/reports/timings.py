"""Waiting and running times: percentiles from histograms, impossible and unknown times apart."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from auditing.access import Person
from auditing.reports.questions import Question
from auditing.reports.sources import Kept, source
from auditing.rollups import TIMING_CUBOIDS, Histogram, check_zone

_TALLIED = "CASE WHEN {0} IS NOT NULL THEN jobs * auditing_tally({0}) ELSE 0 END"
_KEPT = Kept(
    "auditing_rolluptiming",
    TIMING_CUBOIDS,
    (),
    {
        "jobs": "jobs",
        "impossible": "impossible",
        "waiting": _TALLIED.format("waiting"),
        "running": _TALLIED.format("running"),
    },
)


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


def timings(person: Person, question: Question) -> list[Timings]:
    """The groups that have jobs, of what this person may see, in the order of their keys (unknown last).

    One statement, so all of it is of one moment. Raises OtherZone when days are cut by another zone than set.
    """
    check_zone()
    found = source(_KEPT, person, question, ZoneInfo(settings.REPORT_TIME_ZONE))
    if found is None:
        return []
    groups = ", ".join(f"d{place}" for place in range(len(question.group_by)))
    grouping = (
        f"GROUP BY {groups} HAVING sum(jobs) <> 0 ORDER BY {groups}" if groups else "HAVING sum(jobs) <> 0"
    )
    columns = f"{groups}, " if groups else ""
    statement = f"""SELECT {columns}sum(jobs)::bigint, sum(impossible)::bigint,
            numeric_send(sum(waiting)), numeric_send(sum(running))
        FROM ({found.text}) AS found {grouping}"""  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.execute(statement, found.values)
        return [
            Timings(
                tuple(key), jobs, impossible, Histogram.of_numeric(waiting), Histogram.of_numeric(running)
            )
            for *key, jobs, impossible, waiting, running in cursor.fetchall()
        ]
