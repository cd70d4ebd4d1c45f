"""Jobs and credits, added up: every total says how many jobs it rests on and how many it can't tell of."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import add
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from auditing.access import Person
from auditing.records import LIVE, CreditsBasis, Status
from auditing.reports.questions import Question, Wanted
from auditing.reports.sources import Kept, Key, one_of, source, source_of
from auditing.rollups import TOTAL_CUBOIDS, check_zone
from auditing.rollups.cells import Sql


class Sums(NamedTuple):
    """What jobs of one status and one credits' basis add up to. Credits are thousandths, and of jobs whose
    basis is unknown there are none; they are of `jobs`, durations of the `timed` among them.

    `credits_most` is what they cost at their most, `refunded` how many of them cost less by now;
    `credits_timed` are the credits of the `timed`.
    """

    jobs: int = 0
    credits: int = 0
    credits_most: int = 0
    refunded: int = 0
    timed: int = 0
    milliseconds: int = 0
    credits_timed: int = 0

    def plus(self, other: "Sums") -> "Sums":
        """Both together."""
        return Sums._make(map(add, self, other))


MEASURES = Sums._fields
KEPT = Kept("auditing_rollup", TOTAL_CUBOIDS, ("status", "credits_basis"), {name: name for name in MEASURES})
NOTHING = Sums()
UNRESOLVED = (*LIVE, None)
COUNTED = ((CreditsBasis.REPORTED,), (CreditsBasis.REPORTED, CreditsBasis.DOCUMENTED))
"""The bases of figures that count without documented ones, and with them."""

type Part = tuple[str | None, str | None]


class Credits(NamedTuple):
    """Credits in thousandths: charged at the most, charged now, and how many jobs have how good a figure.

    `gross` and `net` are None where no job's figure is known. `documented` jobs have one that the provider's
    documentation says: among the `known` if they are counted, `left_out` if not. `unknown` jobs have none:
    they are in no sum, and how much they cost nobody knows.
    """

    gross: int | None
    net: int | None
    known: int
    documented: int
    left_out: int
    unknown: int
    refunded_jobs: int

    @property
    def refunded(self) -> int | None:
        """What was given back: a figure that fell in a later answer, and by how much."""
        return None if self.gross is None or self.net is None else self.gross - self.net


class Output(NamedTuple):
    """The videos that were completed: how many, for how long they run as far as `timed` ones tell, and what
    those of them cost whose credits and duration are both known (`rated`).

    Durations are milliseconds, credits thousandths; None where there is no such job.
    """

    videos: int
    timed: int
    milliseconds: int | None
    rated: int
    rated_milliseconds: int | None
    rated_credits: int | None


@dataclass(frozen=True, slots=True)
class Cell:
    """The jobs of one group: `key` has a value for each dimension asked for, None for the unknown."""

    key: tuple[object, ...]
    parts: Mapping[Part, Sums]

    @property
    def jobs(self) -> int:
        """How many there are, whatever is known of them."""
        return sum([sums.jobs for sums in self.parts.values()])

    def jobs_of(self, *statuses: Status | None) -> int:
        """How many have one of these statuses (None: not yet known)."""
        return sum([sums.jobs for (status, _), sums in self.parts.items() if status in statuses])

    def net(self, *, documented: bool = True) -> int:
        """Thousandths of credits that its jobs cost, with or without documented figures; 0 where none are
        known."""
        bases = COUNTED[documented]
        return sum([sums.credits for (_, basis), sums in self.parts.items() if basis in bases])

    def credits(self, *statuses: Status | None, documented: bool = True) -> Credits:
        """Credits of jobs of these statuses (of all, without any), with or without documented figures."""
        gross = net = known = by_documents = unknown = refunded = 0
        for (status, basis), sums in self.parts.items():
            if statuses and status not in statuses:
                continue
            if basis is None:
                unknown += sums.jobs
                continue
            if basis == CreditsBasis.DOCUMENTED:
                by_documents += sums.jobs
                if not documented:
                    continue
            gross, net = gross + sums.credits_most, net + sums.credits
            known, refunded = known + sums.jobs, refunded + sums.refunded
        return Credits(
            gross=gross if known else None,
            net=net if known else None,
            known=known,
            documented=by_documents,
            left_out=0 if documented else by_documents,
            unknown=unknown,
            refunded_jobs=refunded,
        )

    def output(self, *, documented: bool = True) -> Output:
        """The completed videos; their cost with or without documented figures."""
        completed = (Status.COMPLETED,)
        every = self.sums(completed)
        rated = self.sums(completed, COUNTED[documented])
        return Output(
            videos=every.jobs,
            timed=every.timed,
            milliseconds=every.milliseconds if every.timed else None,
            rated=rated.timed,
            rated_milliseconds=rated.milliseconds if rated.timed else None,
            rated_credits=rated.credits_timed if rated.timed else None,
        )

    def sums(
        self, statuses: Collection[str | None] | None = None, bases: Collection[str | None] | None = None
    ) -> Sums:
        """What the parts of these statuses and bases add up to; without, of all."""
        wanted = [
            sums
            for (status, basis), sums in self.parts.items()
            if (statuses is None or status in statuses) and (bases is None or basis in bases)
        ]
        return Sums._make(map(sum, zip(*wanted, strict=True))) if wanted else NOTHING


def summed(person: Person, question: Question) -> Sql | None:
    """The SELECT of what `totals` adds up (see `sources.source`), for statements that hold it against more.

    Raises OtherZone when days are cut by another zone than set.
    """
    check_zone()
    return source(KEPT, person, question, ZoneInfo(settings.REPORT_TIME_ZONE))


def totals(person: Person, question: Question, keys: Collection[Key] | None = None) -> list[Cell]:
    """The groups that have jobs, of what this person may see, in the order of their keys (unknown last);
    with `keys` no others than these.

    One statement, so all of it is of one moment. Raises OtherZone when days are cut by another zone than set.
    """
    found = summed(person, question.around(keys) if keys else question)
    if found is None:
        return []
    among = one_of(question.group_by, keys) if keys else Sql("")
    dimensions = [f"d{place}" for place in range(len(question.group_by))]
    groups = ", ".join((*dimensions, *KEPT.always))
    sums = ", ".join(f"sum({name})::bigint" for name in MEASURES)
    statement = f"""SELECT {groups}, {sums} FROM ({found.text}) AS found {among.text}
        GROUP BY {groups} HAVING sum(jobs) <> 0"""  # noqa: S608 - our own names
    cells: defaultdict[tuple[Wanted, ...], dict[Part, Sums]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(statement, (*found.values, *among.values))
        for row in cursor.fetchall():
            cells[row[:-9]][row[-9:-7]] = Sums._make(row[-7:])
    return [Cell(key, cells[key]) for key in in_order(cells)]


def in_order(keys: Iterable[Key]) -> list[Key]:
    """Keys in the order of their values, unknown ones last. Told to sort, the database would sort what it
    adds up, all of the cells, and not the groups that they come to."""
    return sorted(keys, key=lambda key: [(value is None, value) for value in key])


def totals_of_each(person: Person, questions: Sequence[Question]) -> list[Cell]:
    """What each question (of no groups) comes to, in one statement; a cell without jobs where there are none.

    Raises OtherZone when days are cut by another zone than set.
    """
    check_zone()
    found = source_of(KEPT, person, questions, ZoneInfo(settings.REPORT_TIME_ZONE))
    parts: list[dict[Part, Sums]] = [{} for _ in questions]
    if found is not None:
        groups = ", ".join(("part", *KEPT.always))
        sums = ", ".join(f"sum({name})::bigint" for name in MEASURES)
        statement = f"SELECT {groups}, {sums} FROM ({found.text}) AS found GROUP BY {groups}"  # noqa: S608 - our own names
        with connection.cursor() as cursor:
            cursor.execute(statement, found.values)
            for number, status, basis, *measures in cursor.fetchall():
                parts[number][status, basis] = Sums._make(measures)
    return [Cell((), one) for one in parts]
