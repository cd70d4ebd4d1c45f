"""Which groups of a report come first: what ranks them is asked for alone, of cells that know little more."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from heapq import nlargest
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from auditing.access import Person
from auditing.records import CreditsBasis
from auditing.reports.questions import MANY, Dimension, Question, Wanted
from auditing.reports.sources import Kept, Key, source
from auditing.reports.totals import KEPT
from auditing.rollups import DURATION_CUBOIDS, NET_CUBOIDS, check_zone
from auditing.rollups.cells import Sql

_MEASURES = {
    "jobs": "jobs",
    "credits": "credits",
    "documented": f"CASE WHEN credits_basis = '{CreditsBasis.DOCUMENTED}' THEN credits ELSE 0 END",
}
_OF_TOTALS = Kept(KEPT.table, KEPT.cuboids, (), _MEASURES, is_computed=True)
_NETS = Kept("auditing_rollupnet", NET_CUBOIDS, (), _MEASURES, instead=_OF_TOTALS)

# Cells of times tell fewer things apart than totals, and have no credits.
_JOBS = {"jobs": "jobs", "credits": "0", "documented": "0"}
_JOBS_OF_TOTALS = replace(_OF_TOTALS, measures=_JOBS)
_JOBS_OF_TIMES = Kept(
    "auditing_rollupduration", DURATION_CUBOIDS, (), _JOBS, is_computed=True, instead=_JOBS_OF_TOTALS
)
_JOBS_OF_NETS = replace(_NETS, measures=_JOBS, is_computed=True, instead=_JOBS_OF_TIMES)


type Standing = tuple[int, int]
"""What ranks a group: its net credits in thousandths (0 where none are known), and its jobs."""


class Order(StrEnum):
    """What comes first: what costs the most (of these what has the most jobs), what has the most jobs, or
    what is the first by its key."""

    DEAREST = "net DESC, jobs DESC"
    BUSIEST = "jobs DESC"
    EARLIEST = "key"

    def ranks(self, groups: Mapping[Key, Standing]) -> Mapping[Key, Any]:
        """What is the larger the earlier a group comes, of each, where that does not go by its key."""
        return {key: jobs for key, (_, jobs) in groups.items()} if self is Order.BUSIEST else groups

    def least(self, standing: Standing) -> Standing:
        """What all groups have at the least that rank as high as this one."""
        net, jobs = standing
        return (net, 0) if self is Order.DEAREST else (0, jobs)


NOTHING: Standing = (0, 0)


@dataclass(frozen=True, slots=True)
class Ranked:
    """The first groups' keys, and how many groups there are in all; None: more, and nobody counted them."""

    keys: Sequence[Key]
    many: int | None


class Standings:
    """How the groups of what a question asks for stand, with or without documented credits; told apart in
    several ways, each asked for once. Who wants them by their jobs alone (`only_jobs`) reads fewer cells, and
    is told of no credits. Raises OtherZone when days are cut by another zone than set.
    """

    def __init__(
        self, person: Person, question: Question, *, documented: bool = True, only_jobs: bool = False
    ) -> None:
        self.question = question
        self._person, self._documented = person, documented
        self._kept = _JOBS_OF_NETS if only_jobs else _NETS
        self._known: dict[tuple[Dimension, ...], dict[Key, Standing]] = {}

    def by(self, *wanted: Dimension) -> Mapping[Key, Standing]:
        """Every group's, by its key."""
        if wanted not in self._known:
            self._known[wanted] = self.among(wanted, {})
        return self._known[wanted]

    def among(
        self, wanted: tuple[Dimension, ...], only: Mapping[Dimension, tuple[Wanted, ...]]
    ) -> dict[Key, Standing]:
        """Those of groups with these values alone."""
        return self._told(replace(self.question, group_by=wanted).of(only), Sql("TRUE"))

    def first(
        self,
        only: Mapping[Dimension, tuple[Wanted, ...]],
        order: Order,
        most: int,
        least: Standing = NOTHING,
    ) -> dict[Key, Standing]:
        """Those of the first `most` of the question's own groups with these values, and all on a par with the
        last; of those that have at least so much."""
        wanted = Sql(
            f"net >= %s AND jobs >= %s ORDER BY {order} FETCH FIRST %s ROWS WITH TIES", (*least, most)
        )
        return self._told(self.question.of(only), wanted)

    def _told(self, question: Question, wanted: Sql) -> dict[Key, Standing]:
        found = self.groups(question)
        if found is None:
            return {}
        statement = f"SELECT * FROM ({found.text}) AS one WHERE {wanted.text}"  # noqa: S608 - our own names
        with connection.cursor() as cursor:
            cursor.execute(statement, (*found.values, *wanted.values))
            return {row[:-2]: row[-2:] for row in cursor.fetchall()}

    def groups(self, question: Question) -> Sql | None:
        """A SELECT of the groups that have jobs: their keys, `net` and `jobs`; None when this person sees
        nothing."""
        check_zone()
        found = source(self._kept, self._person, question, ZoneInfo(settings.REPORT_TIME_ZONE))
        if found is None:
            return None
        keys, net = _keys_of(question), "credits" if self._documented else "credits - documented"
        text = f"""SELECT {keys}, sum({net})::bigint AS net, sum(jobs)::bigint AS jobs
            FROM ({found.text}) AS found GROUP BY {keys} HAVING sum(jobs) <> 0"""  # noqa: S608 - our own names
        return Sql(text, found.values)


def first_of(standings: Standings, order: Order, most: int) -> Ranked:
    """The first `most` of the question's own groups in this order, with all on a par with the last."""
    group_by = standings.question.group_by
    split = next((one for one in MANY if one in group_by), None)
    if split is None or order is Order.EARLIEST:
        return _first_by_sql(standings, order, most)
    if len(group_by) > 1:
        return _first_of_pairs(standings, split, order, most)
    every = standings.by(split)
    return Ranked(largest(order.ranks(every), most), len(every))


def _first_by_sql(standings: Standings, order: Order, most: int) -> Ranked:
    """The same where nobody else wants to know how all of them stand."""
    found = standings.groups(standings.question)
    if found is None:
        return Ranked([], 0)
    keys = _keys_of(standings.question)
    statement = f"""SELECT {keys}, count(*) OVER () FROM ({found.text}) AS one
        ORDER BY {keys if order is Order.EARLIEST else order} FETCH FIRST %s ROWS WITH TIES"""  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.execute(statement, (*found.values, most))
        rows = cursor.fetchall()
    return Ranked([row[:-1] for row in rows], rows[0][-1] if rows else 0)


def largest(ranks: Mapping[Any, Any], most: int) -> list[Any]:
    """The keys that rank the highest, the highest first, with all that are on a par with the last of them."""
    found: Iterable[Any] = ranks
    if 0 < most < len(ranks):
        least = nlargest(most, ranks.values())[-1]
        found = (key for key, rank in ranks.items() if rank >= least)
    return sorted(found, key=ranks.__getitem__, reverse=True)


def _first_of_pairs(standings: Standings, split: Dimension, order: Order, most: int) -> Ranked:
    """The first of tens of thousands of pairs, out of few of them.

    No pair costs more, or has more jobs, than all of its person's (or project's) together. So once the pairs
    of the first `most` people are known, others' have to be looked at only where their person ranks as high
    as the last of `most` pairs; and of theirs, only pairs that do.
    """
    group_by, alone = standings.question.group_by, order.ranks(standings.by(split))
    people = largest(alone, len(alone))
    some, others = people[:most], people[most:]
    if not others:
        every = standings.by(*group_by)
        return Ranked(largest(order.ranks(every), most), len(every))
    pairs = standings.first({split: _values(some)}, order, most)
    ranks = order.ranks(pairs)
    first = largest(ranks, most)
    last = first[most - 1]
    near = [key for key in others if alone[key] >= ranks[last]]
    if near:
        pairs |= standings.first({split: _values(near)}, order, most, order.least(pairs[last]))
        first = largest(order.ranks(pairs), most)
    return Ranked(first, None)


def _values(keys: Sequence[Key]) -> tuple[Wanted, ...]:
    return tuple(key for (key,) in keys)


def _keys_of(question: Question) -> str:
    return ", ".join(f"d{place}" for place in range(len(question.group_by)))
