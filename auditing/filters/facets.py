"""How many rows each value of a column would leave, counted in bounded rows and bounded time.

A value is counted among the rows that all other parts of the filter leave, those of its own column left
aside. Of a filter that rollups know all columns of, they tell the counts, but for those of the last lookup's
outcome, which lookups tell by themselves where nothing but teams and people is wished. Of any other filter,
where these rows are no more than COUNT_CAP, one query reads them once and every count is exact. Where they
are more, each value is counted up to COUNT_CAP, the frequent ones first, for as long as the budget lasts:
what it does not reach is not counted, and says so.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from auditing.filters.budget import Budget
from auditing.filters.fields import FIELDS, Value
from auditing.filters.paging import COUNT_CAP, BoundedCount, bounded_count
from auditing.filters.wish import Wish
from auditing.models import Generation

KEPT = ("status", "provider", "account", "owner", "mode", "resolution")
FACETS = (*KEPT, "outcome")
INDEXED = ("account", "owner")
VERY_FEW = 1000  # as quickly read as counted by indexes
CELLS_SECONDS = 0.6  # of everybody's jobs, ever, in a large installation
READ = ("status", "provider", "account_id", "owner_id", "mode", "resolution", "lookup__outcome")

_GROUPS = """
SELECT groups.status, groups.provider, account.label, person.username, groups.mode, groups.resolution,
    groups.outcome, groups.number
FROM (
    SELECT status, provider, account_id, owner_id, mode, resolution, outcome, count(*) AS number
    FROM ({rows}) AS found (status, provider, account_id, owner_id, mode, resolution, outcome)
    GROUP BY status, provider, account_id, owner_id, mode, resolution, outcome
) AS groups
JOIN auditing_account AS account ON account.id = groups.account_id
LEFT JOIN auditing_user AS person ON person.id = groups.owner_id
"""

type Cells = Callable[[], Mapping[str, Counter[Value]]]
"""How many rows have each value of each column of KEPT, out of rollups."""

type Lookups = Callable[[int], Counter[Value]]
"""How many rows have each outcome, out of lookups; it is given how many rows there are."""

type Rows = Callable[[frozenset[str]], QuerySet[Generation]]
"""The rows that a filter leaves when these columns of it are left aside."""


@dataclass(frozen=True, slots=True)
class Facet:
    """The counts of a column's values. Where it is `complete`, values without one have no row."""

    counts: Mapping[Value, BoundedCount]
    complete: bool

    def of(self, value: Value) -> BoundedCount | None:
        """How many rows have this value; None where that was not counted."""
        return self.counts.get(value, BoundedCount(0) if self.complete else None)


type Facets = Mapping[str, Facet]
"""The facet of every column of FACETS."""


@dataclass(frozen=True, slots=True)
class _Groups:
    """How many rows there are of each kind, by all columns of FACETS at once: of `all`, or of the first."""

    numbers: Mapping[tuple[Value, ...], int]
    all: bool

    def facet(self, key: str, wishes: Mapping[str, Wish]) -> dict[Value, int]:
        """The rows by one column's values, of those that fit what is wished of the others."""
        counter: Counter[Value] = Counter()
        for values, number in self.numbers.items():
            named = dict(zip(FACETS, values, strict=True))
            if all(wish.fits(named[other]) for other, wish in wishes.items() if other != key):
                counter[named[key]] += number
        return counter


def counted(
    rows: Rows,
    wishes: Mapping[str, Wish],
    values: Mapping[str, Sequence[Value]],
    budget: Budget,
    cells: Cells | None = None,
    lookups: Lookups | None = None,
) -> Facets:
    """The facets of a filter. `values` are those to be counted even where no row read first has them; `cells`
    is for filters that rollups can tell all of, and `lookups` for those of them that these can."""
    with budget:
        kept = budget.ask(cells, each=CELLS_SECONDS) if cells else None
        if kept is None:
            return _counted_in_rows(rows, wishes, values, budget)
        facets = {key: _exact(kept[key]) for key in KEPT}
        left = sum(number for value, number in kept["status"].items() if wishes["status"].fits(value))
        outcomes = (
            budget.ask(partial(lookups, left), each=CELLS_SECONDS) if lookups and left > VERY_FEW else None
        )
        if outcomes is not None:
            return facets | {"outcome": _exact(outcomes)}
        return facets | _outcomes(rows(frozenset()), left <= COUNT_CAP, values, budget)


def _outcomes(
    rows: QuerySet[Generation], are_few: bool, values: Mapping[str, Sequence[Value]], budget: Budget
) -> dict[str, Facet]:
    """The facet that rollups don't tell: out of all rows where they are few, else each value by its index."""
    first = budget.ask(partial(_groups, rows)) if are_few else _Groups({}, all=False)
    return _facets(rows, first, ("outcome",), values, budget)


def _counted_in_rows(
    rows: Rows, wishes: Mapping[str, Wish], values: Mapping[str, Sequence[Value]], budget: Budget
) -> Facets:
    active = frozenset(key for key in FACETS if wishes[key])
    widest = budget.ask(partial(_groups, rows(active)))
    if widest is not None and widest.all:
        return {key: _exact(widest.facet(key, wishes)) for key in FACETS}
    facets: dict[str, Facet] = {}
    for aside, keys in _sets_of_rows(active):
        left = rows(aside)
        found = widest if aside == active else budget.ask(partial(_groups, left))
        facets |= _facets(left, found, keys, values, budget)
    return facets


def _sets_of_rows(active: frozenset[str]) -> Iterable[tuple[frozenset[str], tuple[str, ...]]]:
    """The columns whose conditions are left aside, and the columns that are counted among such rows."""
    yield frozenset(), tuple(key for key in FACETS if key not in active)
    for key in FACETS:
        if key in active:
            yield frozenset((key,)), (key,)


def _groups(rows: QuerySet[Generation]) -> _Groups:
    """Up to COUNT_CAP rows in one query that reads no further: through an index, or whatever comes first."""
    try:
        sql, places = rows.order_by().values_list(*READ)[: COUNT_CAP + 1].query.sql_with_params()
    except EmptyResultSet:
        return _Groups({}, all=True)
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS.format(rows=sql), places)
        numbers = {tuple(row[:-1]): row[-1] for row in cursor.fetchall()}
    return _Groups(numbers, all=sum(numbers.values()) <= COUNT_CAP)


def _exact(numbers: Mapping[Value, int]) -> Facet:
    return Facet({value: BoundedCount.of(number) for value, number in numbers.items()}, complete=True)


def _facets(
    rows: QuerySet[Generation],
    first: _Groups | None,
    keys: tuple[str, ...],
    values: Mapping[str, Sequence[Value]],
    budget: Budget,
) -> dict[str, Facet]:
    """The facets of some columns among these rows, of which `first` were read (None: not in time)."""
    if first is None:
        return {key: Facet({}, complete=False) for key in keys}
    seen = {key: first.facet(key, {}) for key in keys}
    if first.all:
        return {key: _exact(numbers) for key, numbers in seen.items()}
    asked = [(key, value) for key in keys for value in dict.fromkeys((*seen[key], *values[key]))]
    asked.sort(key=lambda one: (-seen[one[0]].get(one[1], 0), one[0] not in INDEXED))
    counts: dict[str, dict[Value, BoundedCount]] = {key: {} for key in keys}
    for key, value in asked:
        if budget.is_spent:
            break
        number = budget.ask(partial(_having, rows, key, value))
        if number is not None:
            counts[key][value] = number
    return {key: Facet(found, complete=False) for key, found in counts.items()}


def _having(rows: QuerySet[Generation], key: str, value: Value) -> BoundedCount:
    """How many of the rows have this value, whose row is looked up first where it names one."""
    return bounded_count(rows.filter(FIELDS[key].condition((value,))))
