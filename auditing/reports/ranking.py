"""Which groups of a report come first: what ranks them is asked for alone, of cells that know little more."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from auditing.access import Person
from auditing.records import CreditsBasis
from auditing.reports.questions import Dimension, Question
from auditing.reports.sources import Kept, source
from auditing.reports.totals import KEPT
from auditing.rollups import NET_CUBOIDS, check_zone
from auditing.rollups.cells import Sql

_MEASURES = {
    "jobs": "jobs",
    "credits": "credits",
    "documented": f"CASE WHEN credits_basis = '{CreditsBasis.DOCUMENTED}' THEN credits ELSE 0 END",
}
_OF_TOTALS = Kept(KEPT.table, KEPT.cuboids, (), _MEASURES, is_computed=True)
_NETS = Kept("auditing_rollupnet", NET_CUBOIDS, (), _MEASURES, instead=_OF_TOTALS)

# Of these there may be thousands, each with some of another dimension's values.
MANY = (Dimension.OWNER, Dimension.PROJECT)
AT_FIRST = 40

type Key = tuple[Any, ...]


class Order(StrEnum):
    """What comes first: what costs the most (of these what has the most jobs), what has the most jobs, or
    what is the first by its key."""

    DEAREST = "net DESC, jobs DESC"
    BUSIEST = "jobs DESC"
    EARLIEST = "key"


class Standing(NamedTuple):
    """What ranks a group: its net credits in thousandths (0 where none are known), and its jobs."""

    net: int
    jobs: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """The first groups' keys, and how many groups there are in all; None: more, and nobody counted them."""

    keys: Sequence[Key]
    many: int | None


def standings(person: Person, question: Question, *, documented: bool) -> dict[Key, Standing]:
    """How each group stands, with or without documented credits.

    Raises OtherZone when days are cut by another zone than set.
    """
    found = _groups(person, question, documented=documented)
    if found is None:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(found.text, found.values)
        return {tuple(key): Standing(net, jobs) for *key, net, jobs in cursor.fetchall()}


def first_of(person: Person, question: Question, order: Order, most: int, *, documented: bool) -> Ranked:
    """The first `most` groups in this order, with all that are on a par with the last of them.

    Raises OtherZone when days are cut by another zone than set.
    """
    split = next((one for one in MANY if one in question.group_by), None)
    if split and len(question.group_by) > 1 and order is not Order.EARLIEST:
        return _first_of_pairs(person, question, split, _RANKS[order], most, documented=documented)
    found = _groups(person, question, documented=documented)
    if found is None:
        return Ranked([], 0)
    keys = _keys_of(question)
    statement = f"""SELECT {keys}, count(*) OVER () FROM ({found.text}) AS one
        ORDER BY {keys if order is Order.EARLIEST else order} FETCH FIRST %s ROWS WITH TIES"""  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.execute(statement, (*found.values, most))
        rows = cursor.fetchall()
    return Ranked([row[:-1] for row in rows], rows[0][-1] if rows else 0)


def largest(ranks: Mapping[Any, Any], most: int) -> list[Any]:
    """The keys that rank the highest, the highest first, with all that are on a par with the last of them."""
    ranked = sorted(ranks, key=ranks.__getitem__, reverse=True)
    if len(ranked) > most:
        least = ranks[ranked[most - 1]]
        ranked = ranked[:most] + [key for key in ranked[most:] if ranks[key] == least]
    return ranked


def _first_of_pairs(
    person: Person,
    question: Question,
    split: Dimension,
    rank: Callable[[Standing], Any],
    most: int,
    *,
    documented: bool,
) -> Ranked:
    """The first of tens of thousands of pairs, out of few of them.

    No pair costs more, or has more jobs, than all of its person's (or project's) together: so once `most`
    pairs of the first people rank higher than the next person does, nobody has to look at the others'.
    """
    alone = standings(person, replace(question, group_by=(split,)), documented=documented)
    values = largest({key: rank(standing) for key, standing in alone.items()}, len(alone))
    taken = AT_FIRST
    while True:
        of_these = (
            question
            if taken >= len(values)
            else question.of({split: tuple(key for (key,) in values[:taken])})
        )
        pairs = standings(person, of_these, documented=documented)
        ranks = {key: rank(standing) for key, standing in pairs.items()}
        first = largest(ranks, most)
        if taken >= len(values):
            return Ranked(first, len(pairs))
        if len(first) >= most and ranks[first[most - 1]] > rank(alone[values[taken]]):
            return Ranked(first, None)
        taken *= 3


def _by_net(standing: Standing) -> tuple[int, int]:
    return standing.net, standing.jobs


def _by_jobs(standing: Standing) -> int:
    return standing.jobs


_RANKS: Mapping[Order, Callable[[Standing], Any]] = {Order.DEAREST: _by_net, Order.BUSIEST: _by_jobs}


def _groups(person: Person, question: Question, *, documented: bool) -> Sql | None:
    """The groups that have jobs, by their keys, with `net` and `jobs`; None when this person sees nothing."""
    check_zone()
    found = source(_NETS, person, question, ZoneInfo(settings.REPORT_TIME_ZONE))
    if found is None:
        return None
    keys, net = _keys_of(question), "credits" if documented else "credits - documented"
    text = f"""SELECT {keys}, sum({net})::bigint AS net, sum(jobs)::bigint AS jobs
        FROM ({found.text}) AS found GROUP BY {keys} HAVING sum(jobs) <> 0"""  # noqa: S608 - our own names
    return Sql(text, found.values)


def _keys_of(question: Question) -> str:
    return ", ".join(f"d{place}" for place in range(len(question.group_by)))
