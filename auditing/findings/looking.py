"""Looks at the rows of a period, in bounded time; what takes longer stays unanswered, and is said so."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from auditing.access import Person, visible_to
from auditing.filters.budget import Budget
from auditing.filters.reading import MAX_TEXT
from auditing.models import Generation, User
from auditing.records import Flag, Outcome, Status
from auditing.reports import Asked
from auditing.reports.naming import list_query

MOST_ROWS = 100
MOST_GROUPS = 20
MOST_SETTINGS = 5000
LEAST_TO_BE_USUAL = 5
USUAL_SHARE = 0.6
SECONDS, SECONDS_EACH = 6.0, 3.0
AGES = ((7, "up to 7 days old"), (30, "8 to 30 days"), (90, "31 to 90 days"), (None, "older"))
SUMS = {"jobs": Count("pk"), "known": Count("credits_thousandths"), "spent": Sum("credits_thousandths")}
DEAREST_FIRST = F("spent").desc(nulls_last=True)
SETTINGS = ("provider", "mode", "resolution", "duration_milliseconds")


@dataclass(frozen=True, slots=True)
class Part:
    """Some jobs: how many, their credits in thousandths as far as they are known, and of how many they are
    not; `query` leads to them in the list."""

    words: str
    jobs: int
    credits: int | None
    unknown: int = 0
    query: str = ""


@dataclass(frozen=True, slots=True)
class Charged:
    """Jobs that gave nothing and still cost credits: the oldest of them as `rows`, `ages` for all."""

    rows: tuple[Generation, ...]
    total: Part
    ages: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """Jobs of one person with the same prompt and the same settings on one day."""

    prompt: str
    whose: str
    day: date
    settings: str
    part: Part


@dataclass(frozen=True, slots=True)
class Odd:
    """Jobs that cost something else than most with the same settings: `usual` and `credits` each in
    thousandths, `of` how many jobs with a figure."""

    settings: str
    usual: int
    usual_jobs: int
    of: int
    credits: int
    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found in the rows of a period; None where it took too long to look."""

    asked: Asked
    charged: Charged | None
    reasons: tuple[Part, ...] | None
    repeats: tuple[Repeat, ...] | None
    odd: tuple[Odd, ...] | None
    changed: tuple[Part, ...] | None
    zone: ZoneInfo
    as_of: datetime


def findings_of(person: Person, asked: Asked, as_of: datetime) -> Findings:
    """What this person may see of what was found, as of now. Days are the report zone's."""
    zone = ZoneInfo(settings.REPORT_TIME_ZONE)
    look = _Look(visible_to(person), asked, zone, as_of)
    with Budget(SECONDS, SECONDS_EACH) as budget:
        return Findings(
            asked=asked,
            charged=budget.ask(look.charged),
            reasons=budget.ask(look.reasons),
            repeats=budget.ask(look.repeats),
            odd=budget.ask(look.odd),
            changed=budget.ask(partial(look.marked, (Flag.CHANGED_AFTER_COMPLETION, Flag.CREDITS_CHANGED))),
            zone=zone,
            as_of=as_of,
        )


def charged_rows(rows: QuerySet[Generation]) -> QuerySet[Generation]:
    """Of these, the jobs that failed or that their provider knows no more, and that still cost credits."""
    gave_nothing = Q(status=Status.FAILED) | Q(lookup__outcome=Outcome.MISSING)
    return rows.filter(gave_nothing, credits_thousandths__gt=0)


def rows_of(visible: QuerySet[Generation], asked: Asked, zone: ZoneInfo) -> QuerySet[Generation]:
    """Of the rows that somebody may see, those of the period and the filter."""
    first, last = asked.period.first, asked.period.last
    return replace(asked.filter, zone=zone, created_from=first, created_to=last).apply(visible)


@dataclass(frozen=True)
class _Look:
    visible: QuerySet[Generation]
    asked: Asked
    zone: ZoneInfo
    as_of: datetime

    @property
    def rows(self) -> QuerySet[Generation]:
        return rows_of(self.visible, self.asked, self.zone).order_by()

    def _query(self, day: date | None = None, **narrowed: Any) -> str:
        period = replace(self.asked.period, first=day, last=day) if day else self.asked.period
        return list_query(replace(self.asked.filter, **narrowed), period, (), self.zone)

    def charged(self) -> Charged:
        """The oldest first: they are lost first."""
        rows = charged_rows(self.rows)
        by_day = rows.values(day=TruncDate("created_at", tzinfo=self.zone)).annotate(
            jobs=Count("pk"), spent=Sum("credits_thousandths")
        )
        days = [(row["day"], row["jobs"], row["spent"]) for row in by_day]
        shown = rows.select_related("account", "owner", "team", "lookup").defer("payload")
        total = Part("", sum(jobs for _, jobs, _ in days), sum(spent for *_, spent in days))
        return Charged(tuple(shown.order_by("created_at", "pk")[:MOST_ROWS]), total, self._ages(days))

    def _ages(self, days: Iterable[tuple[date | None, int, int]]) -> tuple[Part, ...]:
        """By how long ago the jobs were created; those of no known day are among the older ones."""
        today = self.as_of.astimezone(self.zone).date()
        sums: dict[str, list[int]] = {words: [0, 0] for _, words in AGES}
        for day, jobs, spent in days:
            age = today - day if day else timedelta.max
            words = next(words for most, words in AGES if most is None or age <= timedelta(days=most))
            sums[words][0] += jobs
            sums[words][1] += spent
        return tuple(Part(words, jobs, spent) for words, (jobs, spent) in sums.items())

    def reasons(self) -> tuple[Part, ...]:
        """Failures by what the provider said (empty: nothing), the dearest first."""
        failed: QuerySet[Any] = self.rows.filter(status=Status.FAILED)
        rows = failed.values("error").annotate(**SUMS).order_by(DEAREST_FIRST, "-jobs", "error")[:MOST_GROUPS]
        return tuple(
            Part(row["error"] or "", row["jobs"], row["spent"], row["jobs"] - row["known"], self._saying(row))
            for row in rows
        )

    def _saying(self, row: dict[str, Any]) -> str:
        text = (row["error"] or "").strip()[:MAX_TEXT]
        return self._query(status=(Status.FAILED.value,), q=text) if text else ""

    def repeats(self) -> tuple[Repeat, ...]:
        """The same prompt and settings more than once a day by one person, the dearest first."""
        found = list(
            self.rows.exclude(Q(description=None) | Q(description=""))
            .exclude(created_at=None)
            .values(
                "team_id", "owner_id", "description", *SETTINGS,
                day=TruncDate("created_at", tzinfo=self.zone),
            )
            .annotate(**SUMS)
            .filter(jobs__gt=1)
            .order_by(DEAREST_FIRST, "-jobs", "description")[:MOST_GROUPS]
        )  # fmt: skip
        people = User.objects.in_bulk({row["owner_id"] for row in found if row["owner_id"]})
        return tuple(self._repeat(row, people.get(row["owner_id"])) for row in found)

    def _repeat(self, row: dict[str, Any], owner: User | None) -> Repeat:
        text = row["description"].strip()[:MAX_TEXT]
        query = self._query(row["day"], q=text, owner=(owner.username if owner else None,), **_wanted(row))
        part = Part("", row["jobs"], row["spent"], row["jobs"] - row["known"], query)
        return Repeat(row["description"], str(owner or "Unassigned"), row["day"], _said(row), part)

    def odd(self) -> tuple[Odd, ...]:
        """Where most jobs with the same settings cost the same, those that cost something else."""
        found = (
            self.rows.filter(status=Status.COMPLETED, credits_thousandths__isnull=False)
            .values(*SETTINGS, "credits_thousandths")
            .annotate(jobs=Count("pk"))
            .order_by("-jobs")[:MOST_SETTINGS]
        )
        groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
        for row in found:
            groups[tuple(row[name] for name in SETTINGS)].append(row)
        odd = [one for rows in groups.values() for one in self._odd_of(rows)]
        odd.sort(key=lambda one: -abs(one.credits - one.usual) * one.part.jobs)
        return tuple(odd[:MOST_GROUPS])

    def _odd_of(self, rows: list[dict[str, Any]]) -> Iterable[Odd]:
        usual, of = rows[0], sum(row["jobs"] for row in rows)
        if of < LEAST_TO_BE_USUAL or usual["jobs"] < of * USUAL_SHARE:
            return
        for row in rows[1:]:
            charge = row["credits_thousandths"]
            query = self._query(
                status=(Status.COMPLETED.value,), credits_min=charge, credits_max=charge, **_wanted(row)
            )
            part = Part("", row["jobs"], charge * row["jobs"], 0, query)
            yield Odd(_said(row), usual["credits_thousandths"], usual["jobs"], of, charge, part)

    def marked(self, flags: Iterable[Flag]) -> tuple[Part, ...]:
        """How many rows have each of these marks."""
        parts = []
        for flag in flags:
            sums = self.rows.filter(flags__contains=[flag.value]).aggregate(**SUMS)
            unknown = sums["jobs"] - sums["known"]
            parts.append(
                Part(flag.value, sums["jobs"], sums["spent"], unknown, self._query(flag=(flag.value,)))
            )
        return tuple(parts)


def _wanted(row: dict[str, Any]) -> dict[str, Any]:
    """The settings of a group as the filter wants them; a duration that is not known as such."""
    length = row["duration_milliseconds"]
    wanted = {"provider": (row["provider"],), "mode": (row["mode"],), "resolution": (row["resolution"],)}
    if length is None:
        return {**wanted, "duration": (None,)}
    return {**wanted, "duration_min": length, "duration_max": length}


def _said(row: dict[str, Any]) -> str:
    length = row["duration_milliseconds"]
    seconds = None if length is None else f"{length / 1000:g} s"
    known = [part for part in (row["mode"], row["resolution"], seconds) if part]
    return ", ".join(known) or "settings unknown"
