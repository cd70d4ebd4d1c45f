"""How the last lookups of somebody's rows went, told by lookups alone: few of many are anything but well."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from django.db import connection
from django.db.models import Q

from auditing.access import Person, who_acts
from auditing.filters.facets import Lookups
from auditing.filters.fields import Value
from auditing.filters.kept import condition, told_wishes
from auditing.filters.text import Found, Sought
from auditing.filters.wanted import Wanted
from auditing.filters.wish import Wish
from auditing.models.lookups import NOT_OK
from auditing.records import Outcome
from auditing.rollups.cells import Sql, seen_by, selected

TOLD = ("team", "owner")
"""What of a filter lookups tell apart beside their outcome."""

LOOKUPS = "auditing_lookup"

# The words as the conditions of indexes have them, which hold whose a lookup is: no row of the table is read.
_KINDS = (
    Sql(f"outcome IN ({', '.join(f"'{word}'" for word in NOT_OK)})"),
    Sql("outcome IS NULL"),
)
_OUTCOMES = ("outcome", "NULL::text")


def lookups_of(wanted: Wanted) -> Lookups | None:
    """How to count the outcomes of what this filter leaves, for who acts; None where it asks for more than
    lookups tell apart."""
    wishes = told_wishes(wanted, TOLD)
    return None if wishes is None else lambda rows: _counted(who_acts(), rows, wishes)


def _counted(person: Person, rows: int, wishes: Mapping[str, Wish]) -> Counter[Value]:
    """How many rows that this person may see have each outcome; what is left of all `rows` went well."""
    only = [condition(key, wish) for key, wish in wishes.items()]
    parts = [
        selected(LOOKUPS, (f"{outcome} AS outcome", "count(*)"), [kind, seen.condition, *only])
        for seen in seen_by(person)
        for kind, outcome in zip(_KINDS, _OUTCOMES, strict=True)
    ]
    found: Counter[Value] = Counter()
    if parts:
        statement = Sql.joined(" UNION ALL ", (Sql(f"{one.text} GROUP BY 1", one.values) for one in parts))
        with connection.cursor() as cursor:
            cursor.execute(statement.text, statement.values)
            for outcome, number in cursor.fetchall():
                found[outcome] += number
    found[Outcome.OK.value] = rows - found.total()
    return found


def sought_by_lookups(wanted: Wanted, wishes: Sequence[Q], cap: int) -> Sought | None:
    """The rows of who acts that this filter leaves, where it asks for last lookups that did not go well and
    for nothing but whose they are; by its own wishes where they are more than `cap`. None for any other."""
    if not wanted.outcome or Outcome.OK.value in wanted.outcome:
        return None
    told = told_wishes(replace(wanted, outcome=()), TOLD)
    if told is None:
        return None
    only = [condition(key, wish) for key, wish in told.items()]
    found = _found(wanted.outcome, only, cap + 1)
    few = found.number <= cap
    return Sought((found.condition,) if few else tuple(wishes), number=found.number, is_all=True)


def _found(outcomes: tuple[Value, ...], only: Sequence[Sql], most: int) -> Found:
    """Counts on lookup_not_ok and lookup_never, which hold whose a lookup is: no row of any table is read."""
    parts = [
        selected(LOOKUPS, ("generation_id",), [kind, seen.condition, *only])
        for seen in seen_by(who_acts())
        for kind in _kinds(outcomes)
    ]
    if not parts:
        return Found(0, "{}")
    rows = Sql.joined(" UNION ALL ", parts)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(array_agg(generation_id), '{}')::text"  # noqa: S608 - our own names
            f" FROM ({rows.text} LIMIT %s) AS found",
            [*rows.values, most],
        )
        return Found(*cursor.fetchone())


def _kinds(outcomes: tuple[Value, ...]) -> Iterator[Sql]:
    """The lookups with these outcomes, of which none went well: the named, and those that never were."""
    not_ok, never = _KINDS
    if known := [word for word in outcomes if word is not None]:
        yield Sql(f"{not_ok.text} AND outcome = ANY(%s)", (known,))
    if None in outcomes:
        yield never
