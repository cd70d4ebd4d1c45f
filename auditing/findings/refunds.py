"""Refunds of a period's jobs: how many stand how, by how old the jobs are, and the rows of each number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import chain
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When
from django.http import QueryDict

from auditing.filters.reading import Reader, one_of
from auditing.findings.days import day_of_creation
from auditing.models import Generation, RefundState
from auditing.models.generations import sort_key
from auditing.records import Outcome, Status
from auditing.reports import Period

PER_PAGE = 100
MOST_ROWS = 10_000
ONE_DAY = timedelta(days=1)


class Stands(StrEnum):
    """How refunds stand, as the page tells them apart; `unknown` are jobs that gave nothing and have no
    figure: whether there is anything to claim is not known."""

    OPEN = "open"
    CLAIMED = "claimed"
    REFUNDED = "refunded"
    REFUSED = "refused"
    UNKNOWN = "unknown"


MARKED = (Stands.CLAIMED, Stands.REFUNDED, Stands.REFUSED)


@dataclass(frozen=True, slots=True)
class Age:
    """Jobs that were created from `least` to `most` days ago; both None: nobody knows when."""

    key: str
    words: str
    least: int | None = None
    most: int | None = None

    def has(self, days: int | None) -> bool:
        """Whether a job is of this age, so many days after it was created."""
        if days is None or (self.least is None and self.most is None):
            return days is None and self.least is None and self.most is None
        return (self.least is None or days >= self.least) and (self.most is None or days <= self.most)

    def condition(self, today: date, zone: ZoneInfo) -> Q:
        """The rows of this age."""
        if self.least is None and self.most is None:
            return Q(created_at__isnull=True)
        first = None if self.most is None else today - self.most * ONE_DAY
        last = None if self.least is None else today - self.least * ONE_DAY
        begins, ends = Period(first, last).moments(zone)
        bounds = {"created_at__gte": begins, "created_at__lt": ends}
        return Q(**{name: moment for name, moment in bounds.items() if moment})


# What was created tomorrow, by its provider's clock, is of today.
AGES = (
    Age("0-7", "up to 7 days", None, 7),
    Age("8-30", "8 to 30 days", 8, 30),
    Age("31-90", "31 to 90 days", 31, 90),
    Age("older", "older", 91, None),
    Age("undated", "day unknown"),
)
AGE_OF: dict[str, Age | None] = {age.key: age for age in AGES}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which refunds are listed: how they stand, how old the jobs are (None: of any age), and the page."""

    stands: Stands = Stands.OPEN
    age: Age | None = None
    page: int = 1
    errors: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_query(cls, query: QueryDict) -> "Choice":
        """What a query string chooses; a bad value counts as none, and is said. Never raises."""
        reader = Reader(query)
        pages = {str(number): number for number in range(1, MOST_ROWS // PER_PAGE + 1)}
        return cls(
            reader.single("refund", one_of({one.value: one for one in Stands}), Stands.OPEN),
            reader.single("age", one_of(AGE_OF), None),
            pages.get(query.get("page", "1"), 1),
            reader.errors,
        )

    def query(self, asked: str, **changed: Any) -> str:
        """The page's query string with this choice, or with some of it changed."""
        choice = {"refund": self.stands, "age": self.age, "page": self.page} | changed
        pairs = [("refund", str(choice["refund"]))] if choice["refund"] is not Stands.OPEN else []
        pairs += [("age", choice["age"].key)] if choice["age"] else []
        pairs += [("page", str(choice["page"]))] if choice["page"] != 1 else []
        return "&".join(part for part in (asked, urlencode(pairs)) if part)


@dataclass(frozen=True, slots=True)
class Tally:
    """So many jobs, the credits that are known of them in thousandths, and how many have no figure."""

    jobs: int = 0
    credits: int = 0
    unknown: int = 0

    @property
    def figure(self) -> int | None:
        """The credits; None where there are jobs, and of none of them a figure is known."""
        return None if self.jobs and self.jobs == self.unknown else self.credits

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.jobs + other.jobs, self.credits + other.credits, self.unknown + other.unknown)


@dataclass(frozen=True, slots=True)
class Line:
    """All that stands in one way: by age in the order of `AGES`, and together."""

    stands: Stands
    by_age: tuple[Tally, ...]
    total: Tally


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of what was chosen, the oldest jobs first; those of no known day before them."""

    rows: tuple[Generation, ...]
    total: Tally
    pages: int


@dataclass(frozen=True, slots=True)
class Refunds:
    """How the refunds of some rows stand as of a day of the zone, and the chosen ones of them."""

    lines: tuple[Line, ...]
    listed: Listed
    choice: Choice


def refunds_of(rows: QuerySet[Generation], choice: Choice, today: date, zone: ZoneInfo) -> Refunds:
    """Of these rows, in few queries: each begins with the few that failed, vanished or were marked."""
    lines = tuple(_line(stands, rows, today, zone) for stands in Stands)
    line = next(line for line in lines if line.stands is choice.stands)
    total = line.by_age[AGES.index(choice.age)] if choice.age else line.total
    first = (choice.page - 1) * PER_PAGE
    ids = chosen_ids(rows, choice, today, zone, first + PER_PAGE)[first:]
    pages = -(-min(total.jobs, MOST_ROWS) // PER_PAGE)
    return Refunds(lines, Listed(tuple(in_order(rows, ids)), total, pages), choice)


def chosen_ids(
    rows: QuerySet[Generation], choice: Choice, today: date, zone: ZoneInfo, most: int = MOST_ROWS
) -> list[int]:
    """The numbers of the chosen of these rows, the oldest jobs first, `most` at most."""
    found: list[tuple[datetime, int]] = []
    for piece in pieces(rows, choice.stands):
        wanted = piece.filter(choice.age.condition(today, zone)) if choice.age else piece
        made = wanted.annotate(made=sort_key("created_at")).order_by("made", "pk")
        found += made.values_list("made", "pk")[:most]
    return [pk for _, pk in sorted(found)[:most]]


def in_order(rows: QuerySet[Generation], ids: Iterable[int]) -> list[Generation]:
    """These of the rows, in the order of the numbers, with all that a line about them says."""
    order = {pk: number for number, pk in enumerate(ids)}
    found = rows.filter(pk__in=order).select_related(
        "account", "owner", "team", "lookup", "refund__marked_by"
    )
    return sorted(found.defer("payload", "description"), key=lambda row: order[row.pk])


def pieces(rows: QuerySet[Generation], stands: Stands) -> tuple[QuerySet[Generation], ...]:
    """The rows that stand so, each once, in parts that an index of its own leads to."""
    if stands in MARKED:
        return (rows.filter(refund__state=stands.value),)
    charge = Q(credits_thousandths__gt=0) if stands is Stands.OPEN else Q(credits_thousandths__isnull=True)
    is_open = charge & (Q(refund__isnull=True) | Q(refund__state=RefundState.OPEN))
    vanished = Q(lookup__outcome=Outcome.MISSING, status__isnull=False) & ~Q(status=Status.FAILED)
    return rows.filter(is_open, status=Status.FAILED), rows.filter(is_open, vanished)


def amount_of(stands: Stands) -> Any:
    """The thousandths of a row that count where it stands so: what is charged, what was charged when it was
    claimed, what came back (where no lookup shows that yet, what was claimed)."""
    if stands is Stands.REFUNDED:
        found = When(refund__back_thousandths__gt=0, then=F("refund__back_thousandths"))
        return Case(found, default=F("refund__credits_thousandths"))
    return F("refund__credits_thousandths" if stands in MARKED else "credits_thousandths")


def _line(stands: Stands, rows: QuerySet[Generation], today: date, zone: ZoneInfo) -> Line:
    amount = amount_of(stands)
    sums = {"jobs": Count("pk"), "known": Count(amount), "spent": Sum(amount)}
    by_day: list[QuerySet[Any]] = [
        piece.order_by().values(day=day_of_creation(zone)).annotate(**sums) for piece in pieces(rows, stands)
    ]
    by_age = [Tally() for _ in AGES]
    for row in chain.from_iterable(by_day):
        days = (today - row["day"]).days if row["day"] else None
        place = next(number for number, age in enumerate(AGES) if age.has(days))
        by_age[place] += Tally(row["jobs"], row["spent"] or 0, row["jobs"] - row["known"])
    return Line(stands, tuple(by_age), sum(by_age, Tally()))
