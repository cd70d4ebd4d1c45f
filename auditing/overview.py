"""The overview's figures for one person: plain values, each with the list's query string for its rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from auditing.access import Person, visible_to
from auditing.filters import GenerationFilter
from auditing.models import Generation
from auditing.records import CreditsBasis, Outcome, Status

DAYS = 30
FAILURE_DAYS = 7
RECENT = 8
COUNTED = ("completed", "failed", "under_way", "unknown")
UNDER_WAY = (Status.PENDING, Status.PROCESSING)
NOT_ANSWERED = tuple(word for word in Outcome if word is not Outcome.OK)


@dataclass(frozen=True, slots=True)
class Number:
    """How many rows, and the query string of the list that shows them."""

    value: int
    query: str


@dataclass(frozen=True, slots=True)
class StatusShare:
    """How many rows have one status (None: not yet known), and their share of all in thousandths."""

    status: str | None
    number: Number
    share: int


@dataclass(frozen=True, slots=True)
class Credits:
    """Credits (thousandths) of the rows where they are known; `unknown` rows are in no sum.

    `known` rows have a figure; `documented` is the part of the sum that the provider's documentation says,
    and its answers don't. The list of `query` shows the rows.
    """

    thousandths: int
    documented: int
    known: int
    unknown: int
    query: str


@dataclass(frozen=True, slots=True)
class Freshness:
    """What the figures rest on: the last good lookup of any row, and the longest ago of a job under way."""

    newest: datetime | None
    oldest_under_way: datetime | None
    never_looked_up: Number
    not_answered: Number


@dataclass(frozen=True, slots=True)
class Day:
    """How many generations were created on one day of the viewer's zone, by how they stand now."""

    day: date
    completed: int
    failed: int
    under_way: int
    unknown: int
    query: str

    @property
    def total(self) -> int:
        """All of the day's generations."""
        return self.completed + self.failed + self.under_way + self.unknown


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the page; `since` and `failures_since` are the first days of the two periods."""

    total: int
    statuses: tuple[StatusShare, ...]
    freshness: Freshness
    under_way: Number
    failures: Number
    credits: Credits
    credits_on_failures: Credits
    days: tuple[Day, ...]
    recent: tuple[Generation, ...]
    since: date
    failures_since: date


def overview_of(person: Person, zone: ZoneInfo, now: datetime) -> Overview:
    """What this person sees at a glance, in three queries over the rows they may see (and one for which)."""
    visible = visible_to(person)
    today = now.astimezone(zone).date()
    since, failures_since = today - timedelta(days=DAYS - 1), today - timedelta(days=FAILURE_DAYS - 1)
    period = Q(created_at__gte=_midnight(since, zone))
    failures = Q(created_at__gte=_midnight(failures_since, zone), status=Status.FAILED)
    sums = visible.aggregate(**_counts(), **_credits(period), failures=Count("pk", filter=failures))
    links = _Links(zone)
    return Overview(
        total=sums["total"],
        statuses=_statuses(sums, links),
        freshness=_freshness(sums, links),
        under_way=Number(sums["under_way"], links.to(status=UNDER_WAY)),
        failures=Number(sums["failures"], links.to(status=(Status.FAILED,), created_from=failures_since)),
        credits=_summed(sums, "credits", links.to(created_from=since, sort="credits_used")),
        credits_on_failures=_summed(
            sums, "wasted", links.to(status=(Status.FAILED,), created_from=since, sort="-credits_used")
        ),
        days=tuple(_days(visible.filter(period), since, today, links)),
        recent=_recent(visible),
        since=since,
        failures_since=failures_since,
    )


def _recent(visible: QuerySet[Generation]) -> tuple[Generation, ...]:
    """The latest rows, as the list shows them first."""
    rows = GenerationFilter().ordered(visible).select_related("team", "account", "owner", "project", "lookup")
    return tuple(rows.defer("payload")[:RECENT])


@dataclass(frozen=True, slots=True)
class _Links:
    """Makes the list's query strings for one viewer's zone."""

    zone: ZoneInfo

    def to(self, **wanted: Any) -> str:
        return GenerationFilter(zone=self.zone, **wanted).canonical()


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


def _counts() -> dict[str, Any]:
    """All rows, by status, by how their lookups went, and when."""
    under_way = Q(status__in=UNDER_WAY)
    return {
        "total": Count("pk"),
        "status_none": Count("pk", filter=Q(status__isnull=True)),
        **{f"status_{word}": Count("pk", filter=Q(status=word)) for word in Status},
        "under_way": Count("pk", filter=under_way),
        "newest": Max("lookup__synced_at"),
        "oldest_under_way": Min("lookup__synced_at", filter=under_way),
        "never_looked_up": Count("pk", filter=Q(lookup__outcome__isnull=True)),
        "not_answered": Count("pk", filter=Q(lookup__outcome__in=NOT_ANSWERED)),
    }


def _credits(period: Q) -> dict[str, Any]:
    """Sums of credits in a period, of all its rows and of its failures, and how many rows have none."""
    asked: dict[str, Any] = {}
    for name, rows in (("credits", period), ("wasted", period & Q(status=Status.FAILED))):
        known = Q(credits_thousandths__isnull=False)
        documented = rows & Q(credits_basis=CreditsBasis.DOCUMENTED)
        asked |= {
            name: Sum("credits_thousandths", filter=rows, default=0),
            f"{name}_documented": Sum("credits_thousandths", filter=documented, default=0),
            f"{name}_known": Count("pk", filter=rows & known),
            f"{name}_unknown": Count("pk", filter=rows & ~known),
        }
    return asked


def _summed(sums: Mapping[str, Any], name: str, query: str) -> Credits:
    return Credits(
        thousandths=int(sums[name]),
        documented=int(sums[f"{name}_documented"]),
        known=sums[f"{name}_known"],
        unknown=sums[f"{name}_unknown"],
        query=query,
    )


def _statuses(sums: Mapping[str, Any], links: _Links) -> tuple[StatusShare, ...]:
    """Every status that has rows; pending, processing and the finished ones always."""
    total = sums["total"] or 1
    shares = []
    for word in (*Status, None):
        number = Number(sums[f"status_{word or 'none'}"], links.to(status=(word,)))
        if number.value or word not in (Status.UNKNOWN, None):
            shares.append(StatusShare(word, number, round(number.value * 1000 / total)))
    return tuple(shares)


def _freshness(sums: Mapping[str, Any], links: _Links) -> Freshness:
    return Freshness(
        newest=sums["newest"],
        oldest_under_way=sums["oldest_under_way"],
        never_looked_up=Number(sums["never_looked_up"], links.to(outcome=(None,))),
        not_answered=Number(sums["not_answered"], links.to(outcome=NOT_ANSWERED)),
    )


def _days(rows: QuerySet[Generation], first: date, last: date, links: _Links) -> Iterator[Day]:
    """One value for each day, those without generations too; what lies in the future counts with no day."""
    counted = (
        rows.order_by()
        .values(day=TruncDate("created_at", tzinfo=links.zone))
        .annotate(
            completed=Count("pk", filter=Q(status=Status.COMPLETED)),
            failed=Count("pk", filter=Q(status=Status.FAILED)),
            under_way=Count("pk", filter=Q(status__in=UNDER_WAY)),
            unknown=Count("pk", filter=Q(status=Status.UNKNOWN)),
        )
    )
    by_day: dict[date, Any] = {row["day"]: row for row in counted}
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        numbers = {name: by_day[day][name] if day in by_day else 0 for name in COUNTED}
        yield Day(day=day, query=links.to(created_from=day, created_to=day), **numbers)
