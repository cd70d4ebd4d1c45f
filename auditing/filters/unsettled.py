"""Which of somebody's rows were not looked up since they could have changed, told by lookups alone.

Those that are not settled are few of many, and the database keeps there when their rows were created.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from auditing.access import Person, who_acts
from auditing.filters.flags import long_ago, stale
from auditing.filters.kept import condition, told_wishes, wish_of
from auditing.filters.outcomes import LOOKUPS, TOLD
from auditing.filters.paging import COUNT_CAP, BoundedCount, bounded_count
from auditing.filters.text import Found, Sought
from auditing.filters.wanted import Wanted
from auditing.models import Generation
from auditing.models.generations import UNKNOWN_TIME
from auditing.records import FAILING
from auditing.rollups.cells import Sql, seen_by, selected

_FAILING = f"outcome IN ({', '.join(f"'{word}'" for word in FAILING)})"
# As the index's condition has it.
_UNSETTLED = Sql(f"due_at IS NOT NULL OR outcome IS NULL OR {_FAILING}")


@dataclass(frozen=True, slots=True)
class Created:
    """When rows were created: `since` a moment, `before` another (None: open), or never (`is_unknown`)."""

    since: datetime | None = None
    before: datetime | None = None
    is_unknown: bool = False

    def conditions(self) -> Iterator[Sql]:
        """As lists have it: what is unknown was created before all that is known."""
        if self.is_unknown:
            yield Sql("created_at IS NULL")
        if self.before:
            yield Sql("created_at < %s", (self.before,))
        if self.since and (self.before or self.since > UNKNOWN_TIME):
            yield Sql("created_at >= %s", (self.since,))


def stale_count(
    person: Person,
    wanted: Wanted,
    created: Created,
    rows: QuerySet[Generation],
    now: datetime,
    cap: int = COUNT_CAP,
) -> BoundedCount:
    """How many of these `rows`, which are those that this person may see, that this filter leaves and that
    were created then, were not looked up well since they could have changed.

    Counts on lookup_unsettled. Where more is asked than lookups tell, the rows of those that are found there
    are looked at; where they are more than are counted, all rows.
    """
    only = [condition(key, wish) for key in TOLD if (wish := wish_of(wanted, key))]
    is_told = told_wishes(wanted, TOLD) is not None
    found = _found(person, [*created.conditions(), *only], now, cap + 1, with_ids=not is_told)
    if is_told:
        return BoundedCount(min(found.number, cap), more=found.number > cap)
    if found.number > cap:
        return bounded_count(rows.filter(stale(now)))
    return bounded_count(rows.filter(found.condition)) if found.number else BoundedCount(0)


def sought_stale(wanted: Wanted, wishes: Sequence[Q], now: datetime, cap: int) -> Sought | None:
    """The rows of who acts that this filter leaves, where it asks for what is stale and for nothing but whose
    that is; by its own wishes where they are more than `cap`. None for any other."""
    told = told_wishes(replace(wanted, flag=()), TOLD) if wanted.flag == ("stale",) else None
    if told is None:
        return None
    only = [condition(key, wish) for key, wish in told.items()]
    found = _found(who_acts(), only, now, cap + 1, with_ids=True)
    few = found.number <= cap
    return Sought((found.condition,) if few else tuple(wishes), number=found.number, is_all=True)


def _found(person: Person, conditions: list[Sql], now: datetime, most: int, *, with_ids: bool) -> Found:
    limit = long_ago(now)
    missed = f"(synced_at IS NULL OR synced_at <= %s) AND (due_at <= %s OR {_FAILING})"
    is_stale = Sql(f"outcome IS NULL OR {missed}", (limit, limit))
    parts = [
        selected(LOOKUPS, ("generation_id",), [_UNSETTLED, seen.condition, is_stale, *conditions])
        for seen in seen_by(person)
    ]
    if not parts:
        return Found(0, "{}")
    ids = Sql.joined(" UNION ALL ", parts)
    told = "coalesce(array_agg(generation_id), '{}')::text" if with_ids else "'{}'"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), {told} FROM ({ids.text} LIMIT %s) AS found",  # noqa: S608 - our own names
            [*ids.values, most],
        )
        return Found(*cursor.fetchone())
