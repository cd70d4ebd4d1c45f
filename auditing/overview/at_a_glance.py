"""Everything on the overview, put together for one person."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, Min, Q, QuerySet

from auditing.access import Person, visible_to
from auditing.filters import COUNT_CAP, GenerationFilter
from auditing.models import Generation
from auditing.overview.days import LONGEST, ONE_DAY, UNDER_WAY, Day, Days, Failures, Month, Spent, days_of
from auditing.overview.numbers import Links, Number, counted
from auditing.records import Flag, Outcome, Status
from auditing.reports import Cell, Question, totals

DAYS = 30
RECENT = 8
NEWEST = 1000
NOT_ANSWERED = tuple(word for word in Outcome if word is not Outcome.OK)


@dataclass(frozen=True, slots=True)
class StatusShare:
    """How many rows have one status (None: not yet known), and their share of all in thousandths."""

    status: str | None
    number: Number
    share: int


@dataclass(frozen=True, slots=True)
class Wasted:
    """Failed jobs of so many days: `charged` are those that still cost credits, `spent` what all cost."""

    days: int
    charged: Number
    spent: Spent


@dataclass(frozen=True, slots=True)
class Refunds:
    """Jobs of so many days whose credits fell, and what all of those days' jobs got back."""

    days: int
    marked: Number
    spent: Spent


@dataclass(frozen=True, slots=True)
class Freshness:
    """What the figures rest on: the last good lookup among the newest rows (`newest_of` of them, None: all),
    the longest ago of a job under way (of the `oldest_of` oldest), and what no good lookup stands behind."""

    newest: datetime | None
    newest_of: int | None
    oldest_under_way: datetime | None
    oldest_of: int | None
    never_looked_up: Number
    not_answered: Number


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the page. Days are those of `zone`, and `today` is the last of each period."""

    total: int
    zone: str
    today: date
    statuses: tuple[StatusShare, ...]
    freshness: Freshness
    under_way: Number
    stuck: Number
    failures: Failures
    this_month: Month
    last_month: Month
    wasted: tuple[Wasted, ...]
    refunds: Refunds
    days: tuple[Day, ...]
    recent: tuple[Generation, ...]


def overview_of(person: Person, zone: ZoneInfo, now: datetime) -> Overview:
    """What this person sees at a glance: two questions to the rollups, bounded counts, newest rows.

    Raises OtherZone when totals are cut by another zone than set.
    """
    visible = visible_to(person)
    links = Links(zone, ZoneInfo(settings.REPORT_TIME_ZONE), now)
    every = next(iter(totals(person, Question())), Cell((), {}))
    days = days_of(person, links)
    this_month, last_month = days.months()
    under_way = Number(every.jobs_of(*UNDER_WAY), links.to(status=UNDER_WAY).canonical())
    return Overview(
        total=every.jobs,
        zone=links.report.key,
        today=links.today,
        statuses=_statuses(every, links),
        freshness=_freshness(visible, every.jobs, under_way, links),
        under_way=under_way,
        stuck=counted(links.to(flag=("stuck",)), visible),
        failures=days.failures(),
        this_month=this_month,
        last_month=last_month,
        wasted=tuple(_wasted(visible, days, number) for number in (DAYS, LONGEST)),
        refunds=_refunds(visible, days),
        days=days.latest(DAYS),
        recent=_recent(visible),
    )


def _statuses(every: Cell, links: Links) -> tuple[StatusShare, ...]:
    """Every status that has rows; pending, processing and the finished ones always."""
    shares = []
    for word in (*Status, None):
        number = Number(every.jobs_of(word), links.to(status=(word,)).canonical())
        if number.value or word not in (Status.UNKNOWN, None):
            shares.append(StatusShare(word, number, round(number.value * 1000 / (every.jobs or 1))))
    return tuple(shares)


def _wasted(visible: QuerySet[Generation], days: Days, number: int) -> Wasted:
    last = days.links.today
    first = last - (number - 1) * ONE_DAY
    failed = (Status.FAILED,)
    charged = days.links.among(first, last, status=failed, credits_min=1, sort="-credits_used")
    return Wasted(
        days=number,
        charged=counted(charged, visible, Q(status=Status.FAILED, credits_thousandths__gt=0)),
        spent=days.spent(first, last, *failed),
    )


def _refunds(visible: QuerySet[Generation], days: Days) -> Refunds:
    last = days.links.today
    first = last - (LONGEST - 1) * ONE_DAY
    marked = days.links.among(first, last, flag=(Flag.REFUNDED.value,))
    return Refunds(LONGEST, counted(marked, visible), days.spent(first, last))


def _freshness(visible: QuerySet[Generation], total: int, under_way: Number, links: Links) -> Freshness:
    newest = GenerationFilter().ordered(visible)[:NEWEST]
    live = GenerationFilter(status=UNDER_WAY, sort="created_at").ordered(visible)[:COUNT_CAP]
    return Freshness(
        newest=newest.aggregate(moment=Max("lookup__synced_at"))["moment"],
        newest_of=NEWEST if total > NEWEST else None,
        oldest_under_way=live.aggregate(moment=Min("lookup__synced_at"))["moment"],
        oldest_of=COUNT_CAP if under_way.value > COUNT_CAP else None,
        never_looked_up=counted(links.to(outcome=(None,)), visible),
        not_answered=counted(links.to(outcome=NOT_ANSWERED), visible),
    )


def _recent(visible: QuerySet[Generation]) -> tuple[Generation, ...]:
    """The latest rows, as the list shows them first."""
    rows = GenerationFilter().ordered(visible).select_related("team", "account", "owner", "project", "lookup")
    return tuple(rows.defer("payload")[:RECENT])
