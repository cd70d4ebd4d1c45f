"""Which groups of a report come first: what ranks them is asked for alone, of cells that know little more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from auditing.access import Person
from auditing.records import CreditsBasis
from auditing.reports.questions import Dimension, Question
from auditing.reports.sources import Kept, Key, source
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


class Standing(NamedTuple):
    """What ranks a group: its net credits in thousandths (0 where none are known), and its jobs."""

    net: int
    jobs: int


class Order(StrEnum):
    """What comes first: what costs the most (of these what has the most jobs), what has the most jobs, or
    what is the first by its key."""

    DEAREST = "net DESC, jobs DESC"
    BUSIEST = "jobs DESC"
    EARLIEST = "key"

    def rank(self, standing: Standing) -> tuple[int, ...]:
        """What is the larger the earlier a group comes; nothing where that goes by its key."""
        return {Order.DEAREST: tuple(standing), Order.BUSIEST: (standing.jobs,)}.get(self, ())

    def least(self, standing: Standing) -> Standing:
        """What all groups have at the least that rank as high as this one."""
        return standing._replace(jobs=0) if self is Order.DEAREST else standing._replace(net=0)


NOTHING = Standing(0, 0)


@dataclass(frozen=True, slots=True)
class Ranked:
    """The first groups' keys, and how many groups there are in all; None: more, and nobody counted them."""

    keys: Sequence[Key]
    many: int | None


def standings(
    person: Person, question: Question, *, documented: bool, least: Standing = NOTHING
) -> dict[Key, Standing]:
    """How each group stands that has at least so much, with or without documented credits.

    Raises OtherZone when days are cut by another zone than set.
    """
    found = _groups(person, question, documented=documented)
    if found is None:
        return {}
    statement = f"SELECT * FROM ({found.text}) AS one WHERE net >= %s AND jobs >= %s"  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.execute(statement, (*found.values, *least))
        return {tuple(key): Standing(net, jobs) for *key, net, jobs in cursor.fetchall()}


def first_of(person: Person, question: Question, order: Order, most: int, *, documented: bool) -> Ranked:
    """The first `most` groups in this order, with all that are on a par with the last of them.

    Raises OtherZone when days are cut by another zone than set.
    """
    split = next((one for one in MANY if one in question.group_by), None)
    if split and len(question.group_by) > 1 and order is not Order.EARLIEST:
        return _first_of_pairs(person, question, split, order, most, documented=documented)
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
    person: Person, question: Question, split: Dimension, order: Order, most: int, *, documented: bool
) -> Ranked:
    """The first of tens of thousands of pairs, out of few of them.

    No pair costs more, or has more jobs, than all of its person's (or project's) together. So once the pairs
    of the first `most` people are known, others' have to be looked at only where their person ranks as high
    as the last of `most` pairs; and of theirs, only pairs that do.
    """
    alone = standings(person, replace(question, group_by=(split,)), documented=documented)
    people = _first(alone, order, len(alone))
    some, others = people[:most], people[most:]
    pairs = standings(person, _of(question, split, some) if others else question, documented=documented)
    if not others:
        return Ranked(_first(pairs, order, most), len(pairs))
    last = pairs[_first(pairs, order, most)[most - 1]]
    near = [key for key in others if order.rank(alone[key]) >= order.rank(last)]
    if near:
        of_near = _of(question, split, near)
        pairs |= standings(person, of_near, documented=documented, least=order.least(last))
    return Ranked(_first(pairs, order, most), None)


def _of(question: Question, split: Dimension, keys: Sequence[Key]) -> Question:
    return question.of({split: tuple(key for (key,) in keys)})


def _first(groups: Mapping[Key, Standing], order: Order, most: int) -> list[Key]:
    return largest({key: order.rank(standing) for key, standing in groups.items()}, most)


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
