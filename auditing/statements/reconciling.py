"""What a statement says against what we have: sums by kind that add up to the difference, and the ids."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from auditing.access import Person, Watch
from auditing.models import Statement
from auditing.reports import Cell, Dimension, Period, Question, totals_of_each
from auditing.statements.comparing import Comparing, Pair, pair_of
from auditing.statements.kinds import Figure, Kind

AT_ONCE = 2000
ROWS_ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Sums:
    """The ids of one kind, added up: `theirs` and `ours` are thousandths of what is known (None: of nothing).

    Of its `lines` on the statement `lines_unknown` have no figure, of its jobs here `ours_unknown` have none.
    `in_period` are its jobs of the account and period, `period_unknown` those of them without a figure and
    `documented` those whose figure only the provider's documentation says.
    """

    kind: Kind
    ids: int = 0
    lines: int = 0
    lines_unknown: int = 0
    theirs: int | None = None
    ours: int | None = None
    net: int | None = None
    gross: int | None = None
    ours_unknown: int = 0
    period_unknown: int = 0
    documented: int = 0
    in_period: int = 0

    @property
    def difference(self) -> int:
        """What this kind adds to the difference of the totals."""
        return (self.theirs or 0) - ((self.ours or 0) if self.kind.counts_ours else 0)


@dataclass(frozen=True, slots=True)
class Totals:
    """A statement's total (None: it has no figure) beside what we know that the account's `jobs` of the
    period cost: `ours` is their `net` or their `gross`, as was asked for. `unknown` of them have no figure
    and are in no total; the figure of `documented` ones is only documented."""

    theirs: int | None
    ours: int
    net: int
    gross: int
    jobs: int
    unknown: int
    documented: int

    @property
    def difference(self) -> int | None:
        """By how much the statement is above ours, as far as both are known."""
        return None if self.theirs is None else self.theirs - self.ours


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A statement by lines against ours: `kinds` has every kind, those of no id too."""

    statement: Statement
    kinds: tuple[Sums, ...]

    @property
    def totals(self) -> Totals:
        """Both totals. Their difference is that of all kinds, and `beside_lines`."""
        counting = [one for one in self.kinds if one.kind.counts_ours]
        return Totals(
            theirs=self.statement.thousandths,
            ours=sum(one.ours or 0 for one in counting),
            net=sum(one.net or 0 for one in counting),
            gross=sum(one.gross or 0 for one in counting),
            jobs=sum(one.in_period for one in self.kinds),
            unknown=sum(one.period_unknown for one in self.kinds),
            documented=sum(one.documented for one in self.kinds),
        )

    @property
    def beside_lines(self) -> int:
        """By how much the stated total is above what the lines add up to."""
        return (self.statement.thousandths or 0) - (self.statement.lines_thousandths or 0)

    def of(self, kind: Kind) -> Sums:
        """The sums of one kind."""
        return next(one for one in self.kinds if one.kind is kind)


def reconciled(statement: Statement, figure: Figure) -> Reconciliation:
    """A statement's lines against our jobs, in one SQL statement: as of one moment.

    The statement is one of `visible_statements`, with its account: who reads it sees all of its team's jobs.
    """
    sql, values = Comparing(statement, figure).sums()
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = {Kind(kind): sums for kind, *sums in cursor.fetchall()}
    return Reconciliation(
        statement,
        tuple(Sums(kind, *map(_whole, found[kind])) if kind in found else Sums(kind) for kind in Kind),
    )


def _whole(value: Any) -> Any:
    """Sums come as decimals from the database."""
    return None if value is None else int(value)


@dataclass(frozen=True, slots=True)
class PairsPage:
    """Some ids of one kind in their order; `next_after` is the last one where there are more."""

    pairs: tuple[Pair, ...]
    next_after: str


def page_of(statement: Statement, figure: Figure, kind: Kind, after: str = "") -> PairsPage:
    """The ids of this kind behind one, as many as a page shows."""
    sql, values = Comparing(statement, figure).rows(kind, after, ROWS_ON_A_PAGE + 1)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        pairs = tuple(pair_of(row) for row in cursor.fetchall())
    has_more = len(pairs) > ROWS_ON_A_PAGE
    shown = pairs[:ROWS_ON_A_PAGE]
    return PairsPage(shown, shown[-1].external_id if has_more else "")


def pairs_of(statement: Statement, figure: Figure, kind: Kind | None = None) -> Iterator[Pair]:
    """Every id (of one kind), as of one moment, in flat memory. Raises SightLost as soon as its person may
    not see it any more; use it up, or close it, inside `access.acting_as`."""
    watch = Watch.begin()
    sql, values = Comparing(statement, figure).rows(kind)
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(AT_ONCE):
            watch.look()
            yield from map(pair_of, rows)
    watch.look()


def totals_of(person: Person, statements: Sequence[Statement], figure: Figure) -> list[Totals]:
    """Each statement's total and ours of its account and period, from the rollups, in one SQL statement.

    Raises OtherZone where their days are cut by another zone than set.
    """
    wanted = [(one.account_id, one.first, one.last) for one in statements]
    distinct = list(dict.fromkeys(wanted))
    questions = [
        Question(Period(first, last), only={Dimension.ACCOUNT: (account,)})
        for account, first, last in distinct
    ]
    cells = dict(zip(distinct, totals_of_each(person, questions), strict=True))
    return [_totals(one, cells[key], figure) for one, key in zip(statements, wanted, strict=True)]


def _totals(statement: Statement, cell: Cell, figure: Figure) -> Totals:
    ours = cell.credits()
    net, gross = ours.net or 0, ours.gross or 0
    counts = net if figure is Figure.NET else gross
    return Totals(statement.thousandths, counts, net, gross, cell.jobs, ours.unknown, ours.documented)
