"""Looks at the rows of a period, in bounded time; what takes longer stays unanswered, and is said so."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.db.models.functions import Lower, Trim

from auditing.access import Person, visible_to
from auditing.filters.budget import Budget
from auditing.filters.flags import FLAGS
from auditing.filters.reading import MAX_TEXT
from auditing.findings.days import day_of_creation
from auditing.findings.refunds import Choice, Refunds, refunds_of
from auditing.models import Generation, User
from auditing.records import Flag, Status
from auditing.reports import Asked
from auditing.reports.naming import list_query

MOST_GROUPS = 20
MOST_SETTINGS = 5000
LEAST_TO_BE_USUAL = 5
USUAL_SHARE = 0.6
SECONDS, SECONDS_EACH = 6.0, 3.0
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


@dataclass(frozen=True, slots=True)
class Changed:
    """Jobs that changed after they were over: how many by kind, and some whose credits did."""

    parts: tuple[Part, ...]
    rows: tuple[Generation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found in the rows of a period; None where it took too long to look."""

    asked: Asked
    refunds: Refunds | None
    reasons: tuple[Part, ...] | None
    repeats: tuple[Repeat, ...] | None
    odd: tuple[Odd, ...] | None
    changed: Changed | None
    zone: ZoneInfo
    as_of: datetime


def findings_of(person: Person, asked: Asked, choice: Choice, as_of: datetime) -> Findings:
    """What this person may see of what was found, as of now. Days are the report zone's."""
    zone = ZoneInfo(settings.REPORT_TIME_ZONE)
    look = _Look(visible_to(person), asked, choice, zone, as_of)
    with Budget(SECONDS, SECONDS_EACH) as budget:
        return Findings(
            asked=asked,
            refunds=budget.ask(look.refunds),
            reasons=budget.ask(look.reasons),
            repeats=budget.ask(look.repeats),
            odd=budget.ask(look.odd),
            changed=budget.ask(look.changed),
            zone=zone,
            as_of=as_of,
        )


def rows_of(visible: QuerySet[Generation], asked: Asked, zone: ZoneInfo) -> QuerySet[Generation]:
    """Of the rows that somebody may see, those of the period and the filter."""
    first, last = asked.period.first, asked.period.last
    return replace(asked.filter, zone=zone, created_from=first, created_to=last).apply(visible)


@dataclass(frozen=True)
class _Look:
    visible: QuerySet[Generation]
    asked: Asked
    choice: Choice
    zone: ZoneInfo
    as_of: datetime

    @property
    def rows(self) -> QuerySet[Generation]:
        return rows_of(self.visible, self.asked, self.zone).order_by()

    def _query(self, day: date | None = None, **narrowed: Any) -> str:
        period = replace(self.asked.period, first=day, last=day) if day else self.asked.period
        return list_query(replace(self.asked.filter, **narrowed), period, (), self.zone)

    def refunds(self) -> Refunds:
        """How refunds stand, and a page of the chosen ones."""
        return refunds_of(self.rows, self.choice, self.as_of.astimezone(self.zone).date(), self.zone)

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
        """The same prompt, whatever its case, and settings more than once a day by one person, the dearest
        first."""
        found = list(
            self.rows.exclude(Q(description=None) | Q(description=""))
            .exclude(created_at=None)
            .values(
                "team__slug", "owner_id", *SETTINGS, prompt=Lower(Trim("description")),
                day=day_of_creation(self.zone),
            )
            .annotate(**SUMS, said=Min("description"))
            .filter(jobs__gt=1)
            .order_by(DEAREST_FIRST, "-jobs", "prompt")[:MOST_GROUPS]
        )  # fmt: skip
        people = User.objects.in_bulk({row["owner_id"] for row in found if row["owner_id"]})
        return tuple(self._repeat(row, people.get(row["owner_id"])) for row in found)

    def _repeat(self, row: dict[str, Any], owner: User | None) -> Repeat:
        text = row["said"].strip()[:MAX_TEXT]
        whose = {"team": (row["team__slug"],), "owner": (owner.username if owner else None,)}
        query = self._query(row["day"], q=text, **whose, **_wanted(row))
        part = Part("", row["jobs"], row["spent"], row["jobs"] - row["known"], query)
        return Repeat(row["said"], str(owner or "Unassigned"), row["day"], _said(row), part)

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

    def changed(self) -> Changed:
        """How many rows have each mark of a later change, and some whose credits changed, latest first."""
        parts = tuple(self._marked(flag) for flag in (Flag.CHANGED_AFTER_COMPLETION, Flag.CREDITS_CHANGED))
        rows = self.rows.filter(FLAGS[Flag.CREDITS_CHANGED](self.as_of))
        shown = rows.select_related("account", "owner", "team", "lookup").defer("payload", "description")
        return Changed(parts, tuple(shown.order_by("-lookup__looked_up_at", "-pk")[:MOST_GROUPS]))

    def _marked(self, flag: Flag) -> Part:
        sums = self.rows.filter(FLAGS[flag](self.as_of)).aggregate(**SUMS)
        return Part(
            flag.value,
            sums["jobs"],
            sums["spent"],
            sums["jobs"] - sums["known"],
            self._query(flag=(flag.value,)),
        )


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
