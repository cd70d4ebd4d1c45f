"""What a file's rows come to: how many they are, and their credits, with how many are unknown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from auditing.exports.columns import Table
from auditing.records import CreditsBasis


@dataclass(frozen=True, slots=True)
class Credits:
    """The sum of all that are known (refunds not taken off), of how many rows, and of how many of these only
    the provider's documentation says it."""

    thousandths: int = 0
    known: int = 0
    documented: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the rows that were written. `credits` is None for rows that have none by nature."""

    rows: int
    credits: Credits | None

    @property
    def unknown(self) -> int:
        """How many rows have credits that nobody knows."""
        return self.rows - self.credits.known if self.credits else 0

    @classmethod
    def of_line(cls, line: bytes) -> "Totals":
        """As the statement of `totals_sql` says it, in whatever quotes."""
        rows, *credit = (int(part) for part in line.strip(b'", \r\n').split())
        return cls(rows, Credits(*credit) if credit else None)


def totals_sql(rows: QuerySet[Any], table: Table) -> tuple[str, tuple[Any, ...]]:
    """A SELECT of one text that says the rows' totals in whole numbers; to be put into the statement that
    writes the rows, so that both are of one moment."""
    query, values = select_sql(rows.order_by(), [F(name) for name in _counted(table)] or [F("pk")])
    said = "count(*)"
    if table.has_credits:
        said += (
            ", coalesce(sum(r.amount), 0), count(r.amount),"
            f" count(*) FILTER (WHERE r.basis = '{CreditsBasis.DOCUMENTED}')"
        )
    names = "amount, basis" if table.has_credits else "id"
    # Nothing in it is from outside: Django's own SQL with placeholders, and constants of this module.
    return f"SELECT concat_ws(' ', {said}) FROM ({query}) AS r ({names})", values  # noqa: S608


def select_sql(rows: QuerySet[Any], columns: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """The SELECT of these columns; also for rows of which Django knows that there are none."""
    compiler = rows.values_list(*columns).query.get_compiler(rows.db, elide_empty=False)
    query, values = compiler.as_sql()
    return query, tuple(values)


def _counted(table: Table) -> tuple[str, ...]:
    return ("credits_thousandths", "credits_basis") if table.has_credits else ()


class Counting:
    """Adds up rows as they pass; each ends in the values of `extra`, which `seen` takes off."""

    def __init__(self, table: Table) -> None:
        self.extra = [F(name) for name in _counted(table)]
        self._rows = self._thousandths = self._known = self._documented = 0

    def seen(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """One more row; without what was only to be added up."""
        self._rows += 1
        if not self.extra:
            return row
        *cells, amount, basis = row
        if amount is not None:
            self._thousandths += amount
            self._known += 1
            self._documented += basis == CreditsBasis.DOCUMENTED
        return tuple(cells)

    @property
    def totals(self) -> Totals:
        """Of the rows seen so far."""
        counted = Credits(self._thousandths, self._known, self._documented) if self.extra else None
        return Totals(self._rows, counted)
