"""How jobs ended, group by group: what a report of times asks of totals, and no more of their sums."""

from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from auditing.access import Person
from auditing.records import Status
from auditing.reports.questions import Question
from auditing.reports.sources import Kept, Key, one_of, source
from auditing.reports.totals import KEPT, Cell, in_order
from auditing.rollups import check_zone
from auditing.rollups.cells import Sql

_ENDED = "CASE WHEN status = '{0}' THEN jobs ELSE 0 END"
_KEPT = Kept(
    KEPT.table,
    KEPT.cuboids,
    (),
    {
        "jobs": "jobs",
        "completed": _ENDED.format(Status.COMPLETED),
        "failed": _ENDED.format(Status.FAILED),
    },
    is_computed=True,
)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """One group's jobs, whatever is known of them, and how many of them were completed and failed; `key` as
    in totals' cells."""

    key: tuple[object, ...]
    jobs: int
    completed: int
    failed: int

    @classmethod
    def of(cls, cell: Cell) -> "Outcomes":
        """A cell's."""
        return cls(cell.key, cell.jobs, cell.jobs_of(Status.COMPLETED), cell.jobs_of(Status.FAILED))


def outcomes(person: Person, question: Question, keys: Collection[Key] | None = None) -> list[Outcomes]:
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
    statement = f"""SELECT {groups}, sum(jobs)::bigint, sum(completed)::bigint, sum(failed)::bigint
        FROM ({found.text}) AS found {among.text}
        GROUP BY {groups} HAVING sum(jobs) <> 0"""  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.execute(statement, (*found.values, *among.values))
        by_key = {row[:-3]: Outcomes(row[:-3], *row[-3:]) for row in cursor.fetchall()}
    return [by_key[key] for key in in_order(by_key)]
