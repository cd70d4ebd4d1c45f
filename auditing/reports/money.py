"""What credits cost in money, currency by currency: each account's price of the day times its jobs' credits.

All of it is exact: sums of whole parts of a unit (`currencies.PARTS`), which are rounded where they are
shown, and never before. Amounts of different currencies are never added up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import add
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from auditing.access import Person, visible_prices
from auditing.models import AccountPrice
from auditing.models.prices import PLACES
from auditing.records import CreditsBasis, Status
from auditing.reports.periods import UNDATED, Period
from auditing.reports.questions import Dimension, Question
from auditing.reports.sources import Kept, source_of
from auditing.rollups import TOTAL_CUBOIDS
from auditing.rollups.cells import Sql

ONE_DAY = timedelta(days=1)
_KEPT = Kept(
    "auditing_rollup",
    TOTAL_CUBOIDS,
    ("status", "credits_basis"),
    {name: name for name in ("jobs", "credits", "credits_most")},
)


class Amounts(NamedTuple):
    """Jobs with a figure, their credits in thousandths as charged now, and what they cost at the most and now
    in parts of a unit (0 where there is no price)."""

    jobs: int = 0
    credits: int = 0
    gross: int = 0
    net: int = 0

    def plus(self, other: "Amounts") -> "Amounts":
        """Both together."""
        return Amounts._make(map(add, self, other))


type Part = tuple[str | None, str | None, str]
"""A status, a credits' basis, and a currency (empty: without a price)."""


@dataclass(frozen=True, slots=True)
class Money:
    """What jobs cost in one currency, exactly, in parts of a unit."""

    currency: str
    jobs: int
    gross: int
    net: int
    on_completed: int
    on_failed: int

    @property
    def refunded(self) -> int:
        """What was given back."""
        return self.gross - self.net


@dataclass(frozen=True, slots=True)
class Costs:
    """What the jobs of one group cost, by status, basis and currency."""

    parts: Mapping[Part, Amounts] = field(default_factory=dict)

    def plus(self, other: "Costs") -> "Costs":
        """Both together: exact, and currency by currency."""
        parts = dict(self.parts)
        for part, amounts in other.parts.items():
            parts[part] = parts.get(part, Amounts()).plus(amounts)
        return Costs(parts)

    @property
    def currencies(self) -> list[str]:
        """Those that any job was paid in, by their codes."""
        return sorted({currency for _, _, currency in self.parts if currency})

    def money(self, currency: str, *, documented: bool = True) -> Money | None:
        """The jobs that cost something in this currency; None where there is none: that is no 0."""
        every = self._sum(currency, documented)
        if not every.jobs:
            return None
        return Money(
            currency,
            every.jobs,
            every.gross,
            every.net,
            self._sum(currency, documented, Status.COMPLETED).net,
            self._sum(currency, documented, Status.FAILED).net,
        )

    def unpriced(self, *, documented: bool = True) -> Amounts:
        """The jobs whose credits are known, and of whose account nobody knows a price on their day."""
        return self._sum("", documented)

    def _sum(self, currency: str, documented: bool, status: Status | None = None) -> Amounts:
        bases = (CreditsBasis.REPORTED, CreditsBasis.DOCUMENTED) if documented else (CreditsBasis.REPORTED,)
        total = Amounts()
        for (of_status, basis, of_currency), amounts in self.parts.items():
            if of_currency == currency and basis in bases and status in (None, of_status):
                total = total.plus(amounts)
        return total


def prices_of(person: Person, period: Period) -> list[AccountPrice]:
    """The prices of accounts this person sees jobs of that may matter in a period, by account and day; none
    where no account has one. One query."""
    rows = visible_prices(person).order_by("account_id", "valid_from")
    return list(rows.filter(valid_from__lte=period.last) if period.last else rows)


def costs(
    person: Person, question: Question, prices: Sequence[AccountPrice]
) -> dict[tuple[object, ...], Costs]:
    """What each group's jobs cost: with a known figure of credits, and a price or none. One statement.

    The period is parted at the days on which a price begins, so that within each part every account has one
    price, and cells of whole months serve where they can.
    """
    zone = ZoneInfo(settings.REPORT_TIME_ZONE)
    parts = _parted(question.period, prices)
    questions = [
        Question(part, (*question.group_by, Dimension.ACCOUNT), question.only, question.rows)
        for part in parts
    ]
    found = source_of(_KEPT, person, questions, zone)
    if found is None:
        return {}
    statement = _statement(len(question.group_by), found, _priced(parts, prices))
    result: dict[tuple[object, ...], Costs] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.values)
        for *key, status, basis, currency, jobs, credits_now, gross, net in cursor.fetchall():
            one = Costs({(status, basis, currency): Amounts(jobs, credits_now, int(gross), int(net))})
            result[tuple(key)] = result.get(tuple(key), Costs()).plus(one)
    return result


def together(found: Iterable[Costs]) -> Costs:
    """These groups as one."""
    total = Costs()
    for one in found:
        total = total.plus(one)
    return total


def _parted(period: Period, prices: Sequence[AccountPrice]) -> list[Period]:
    """The period in parts with one price each; of all time, those of no day are a part by themselves."""
    if period.is_undated:
        return [period]
    firsts = [period.first, *sorted({one.valid_from for one in prices if _is_within(one.valid_from, period)})]
    lasts = [*(day - ONE_DAY for day in firsts[1:] if day), period.last]
    parts = [Period(first, last) for first, last in zip(firsts, lasts, strict=True)]
    return [*parts, UNDATED] if len(parts) > 1 and period == Period() else parts


def _is_within(day: date, period: Period) -> bool:
    return (period.first is None or day > period.first) and (period.last is None or day <= period.last)


def _priced(parts: Sequence[Period], prices: Sequence[AccountPrice]) -> list[tuple[int, int, str, int]]:
    """For each part of the period, the accounts that have a price in it: its number, the account, the
    currency, and the price in whole parts."""
    found = []
    for number, part in enumerate(parts):
        valid: dict[int, AccountPrice] = {}
        for one in prices:
            if not part.is_undated and part.first is not None and one.valid_from <= part.first:
                valid[one.account_id] = one
        found += [
            (number, account, one.currency, int(one.price.scaleb(PLACES)))
            for account, one in valid.items()
            if one.price is not None
        ]
    return found


def _statement(groups: int, found: Sql, priced: Sequence[tuple[int, int, str, int]]) -> Sql:
    """Groups, statuses, bases and currencies with their sums; `d{groups}` is the account."""
    keys = "".join(f"d{place}, " for place in range(groups))
    columns: tuple[list[object], ...] = (
        tuple(list(column) for column in zip(*priced, strict=True)) or ([],) * 4
    )
    return Sql(
        f"""WITH price AS (
            SELECT * FROM unnest(%s::int[], %s::bigint[], %s::text[], %s::numeric[])
                AS one (part, account, currency, parts)
        )
        SELECT {keys}status, credits_basis, coalesce(currency, ''), sum(jobs)::bigint, sum(credits)::bigint,
            coalesce(sum(credits_most * price.parts), 0), coalesce(sum(credits * price.parts), 0)
        FROM ({found.text}) AS found
        LEFT JOIN price ON price.part = found.part AND price.account = found.d{groups}
        WHERE credits_basis IS NOT NULL
        GROUP BY {keys}status, credits_basis, coalesce(currency, '') HAVING sum(jobs) <> 0""",  # noqa: S608
        (*columns, *found.values),
    )
