"""What a reader of a report asks for, out of a query string: a period, what to tell apart, and which rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict

from auditing.filters import UNKNOWN, GenerationFilter
from auditing.filters.criteria import NARROWING
from auditing.filters.days import DAYS
from auditing.filters.reading import Reader, Unacceptable, day_from, one_of, parse_day, shown
from auditing.filters.relative import PERIODS as NAMED
from auditing.filters.words import span_words
from auditing.reports.periods import Period, month_of
from auditing.reports.questions import TIMES, Dimension, times_offered

DEFAULT_PERIOD = "this-month"
CUSTOM = "dates"
EVERYTHING = "all-time"
MOST_GROUPS = 2
MOST_DAYS_OF_WEEKS = 190
GROUPS: tuple[Dimension, ...] = tuple(one for one in Dimension if one is not Dimension.STATUS)
PERIOD_WORDS: Mapping[str, str] = {
    "this-month": "This month",
    "last-month": "Last month",
    "last-30-days": "Last 30 days",
    "last-90-days": "Last 90 days",
    "last-12-months": "Last 12 months",
    "this-year": "This year",
    EVERYTHING: "All time",
    CUSTOM: "From … to …",
}
"""What the form offers; a month (2026-10) and a year (2026) can be asked for by themselves."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of report: its name, what it can tell apart, and what it does where nothing is asked for;
    `keys` of the query string are read by itself. Its chart `is_stacked` by what is told apart, or tells of
    all together."""

    name: str
    groups: tuple[Dimension, ...]
    usual: tuple[Dimension, ...]
    keys: frozenset[str] = frozenset()
    is_stacked: bool = False


COMPLETE = "complete"
"""Asks a page for what needs the rows, too: it makes no other report, and is in no address of one."""

_OF_PAGES = frozenset({COMPLETE})
CREDITS = Kind("credits", GROUPS, (Dimension.OWNER,), _OF_PAGES, is_stacked=True)
TIMING = Kind(
    "timing", tuple(one for one in GROUPS if one is not Dimension.PROJECT), (Dimension.PROVIDER,), _OF_PAGES
)
FINDINGS = Kind("findings", (), (), frozenset({"refund", "age", "page"}))

OWN_KEYS = frozenset({"period", "from", "to", "group", "documented", "format"})
_OF_CREATION = frozenset(DAYS["created"].keys)
_ROWS = frozenset(NARROWING) - _OF_CREATION
_MONTH, _YEAR = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])"), re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A report that is asked for: `period_key` is the query string's word for `period`.

    `filter` says which rows count, whatever their day; its days are the report zone's. Without `documented`,
    figures that only a provider's documentation gives are left out. `errors` has a message for each key whose
    value was bad and does not count, `ignored` the keys that are no part of a report.
    """

    kind: Kind = CREDITS
    period_key: str = DEFAULT_PERIOD
    period: Period
    group_by: tuple[Dimension, ...]
    documented: bool = True
    filter: GenerationFilter
    errors: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: QueryDict, today: date, zone: ZoneInfo, kind: Kind = CREDITS) -> "Asked":
        """The report that a query string asks for on this day of the report zone. Never raises."""
        reader = Reader(query)
        rows = QueryDict(mutable=True)
        for key in query:
            if key in _ROWS:
                rows.setlist(key, query.getlist(key))
        key, period = _period(reader, today)
        wanted = GenerationFilter.from_query(rows, zone)
        groups = _groups(query, reader, period, kind)
        return cls(
            kind=kind,
            period_key=key,
            period=period,
            group_by=groups,
            documented=reader.single("documented", one_of({"yes": True, "no": False}), True),
            filter=wanted,
            errors={**wanted.errors, **reader.errors},
            ignored=tuple(key for key in query if key not in _ROWS | OWN_KEYS | kind.keys),
        )

    def pairs(self) -> list[tuple[str, str]]:
        """The report as keys and values of a query string, in canonical order, without defaults."""
        pairs = []
        if self.period_key == CUSTOM:
            ends = (("from", self.period.first), ("to", self.period.last))
            pairs += [(key, day.isoformat()) for key, day in ends if day]
        elif self.period_key != DEFAULT_PERIOD:
            pairs.append(("period", self.period_key))
        if self.group_by != self.kind.usual:
            pairs += [("group", one.value) for one in self.group_by] or [("group", "none")]
        if not self.documented:
            pairs.append(("documented", "no"))
        return pairs + self.filter.pairs()

    def canonical(self) -> str:
        """The one query string of this report: parsed again on the same day, it asks for the same."""
        return urlencode(self.pairs())

    def permanent(self) -> str:
        """The query string that goes on asking for the same days, whenever it is opened."""
        moves = self.period_key in PERIOD_WORDS and self.period_key not in (CUSTOM, EVERYTHING)
        moves = moves or self.period_key in NAMED
        return replace(self, period_key=CUSTOM).canonical() if moves else self.canonical()

    def without(self, key: str, value: str) -> str:
        """The canonical query string without one value of the filter."""
        return urlencode([pair for pair in self.pairs() if pair != (key, value)])

    def words(self) -> str:
        """`October 2026, by person and month, failed`: the report as a person would say it."""
        by = " and ".join(group_words(one) for one in self.group_by)
        rows = self.filter.words().partition(";")[0]
        documented = "" if self.documented else "without documented credits"
        said = (self.period_words(), by and f"by {by}", documented, rows if self.filter.narrows else "")
        return ", ".join(part for part in said if part)

    def period_words(self) -> str:
        """`1 Oct 2026 to 31 Oct 2026`, `all time`."""
        return span_words(self.period.first, self.period.last) or "all time"

    @property
    def split(self) -> Dimension | None:
        """The first that is told apart and is no stretch of time."""
        return next((one for one in self.group_by if one not in TIMES), None)

    @property
    def chart_by(self) -> Dimension:
        """The stretches of time of the chart: what is told apart, else the finest that can be taken in; of a
        stacked chart not more than half a year of weeks."""
        times = [one for one in self.group_by if one in TIMES]
        if times:
            return times[0]
        finest = times_offered(self.period, is_split=True)[0]
        is_full = self.kind.is_stacked and self.split and (self.period.length or 0) > MOST_DAYS_OF_WEEKS
        return Dimension.MONTH if finest is Dimension.WEEK and is_full else finest


def report_on(wanted: GenerationFilter) -> str:
    """The query string of a report of a list's rows: of its days of creation, else of all time."""
    names = {"created": "period", "created_from": "from", "created_to": "to"}
    pairs = [
        (names.get(key, key), value)
        for key, value in wanted.pairs()
        if key in NARROWING and (key, value) != ("created", UNKNOWN)
    ]
    has_days = any(key in names.values() for key, _ in pairs)
    return urlencode(pairs if has_days else [("period", EVERYTHING), *pairs])


def group_words(dimension: Dimension) -> str:
    """What people call it: a record's owner is a person."""
    return "person" if dimension is Dimension.OWNER else dimension.value


def period_of(key: str, today: date) -> Period:
    """The days of a period's word when today is this one. Raises ValueError for what is no period."""
    if key == EVERYTHING:
        return Period()
    if key in NAMED:
        return Period(*NAMED[key].span(today))
    if key == "last-12-months":
        first = (today.replace(day=1) - timedelta(days=330)).replace(day=1)
        return Period(first, today)
    if _MONTH.fullmatch(key):
        return month_of(date.fromisoformat(f"{key}-01"))
    return Period(date(int(key), 1, 1), date(int(key), 12, 31))


def _period(reader: Reader, today: date) -> tuple[str, Period]:
    """The period's word and its days; dates count where no other period is named."""
    first = reader.single("from", parse_day, None)
    last = reader.single("to", day_from(first), None)
    has_dates = first is not None or last is not None
    key = reader.single("period", _period_key, CUSTOM if has_dates else DEFAULT_PERIOD)
    if key != CUSTOM and has_dates:
        reader.errors["from"] = f"choose “{PERIOD_WORDS[CUSTOM]}” as the period for these days to count"
    elif key == CUSTOM and not has_dates:
        reader.errors.setdefault("from", "write the first day, the last day, or both")
        key = DEFAULT_PERIOD
    return key, Period(first, last) if key == CUSTOM else period_of(key, today)


def _period_key(text: str) -> str:
    is_year = _YEAR.fullmatch(text) or _MONTH.fullmatch(text)
    if text in PERIOD_WORDS or text in NAMED or (is_year and "1900" <= text[:4] <= "9998"):
        return text
    raise Unacceptable(
        f"{shown(text)} is no period; write a month like 2026-10, a year, or one of {', '.join(PERIOD_WORDS)}"
    )


def _groups(query: QueryDict, reader: Reader, period: Period, kind: Kind) -> tuple[Dimension, ...]:
    """Up to two dimensions, each once; a period too long for its stretches of time is said at the field."""
    texts = [text for text in query.getlist("group") if text.strip()]
    if not texts:
        return kind.usual
    accepted: dict[str, Dimension] = {one.value: one for one in kind.groups}
    unknown = [text for text in texts if text not in accepted and text != "none"]
    groups = tuple(dict.fromkeys(accepted[text] for text in texts if text in accepted))
    if unknown:
        reader.errors["group"] = (
            f"{shown(unknown[0])} is no group; accepted: {', '.join((*accepted, 'none'))}"
        )
    if len(groups) > MOST_GROUPS or len([one for one in groups if one in TIMES]) > 1:
        reader.errors["group"] = "at most two groups, and one of them a stretch of time"
        groups = groups[:1]
    offered = times_offered(period, is_split=len(groups) > 1)
    too_fine = [one for one in groups if one in TIMES and one not in offered]
    if too_fine:
        reader.errors["group"] = (
            f"{too_fine[0].value}s are too many for this period; took {offered[0].value}s"
        )
        groups = tuple(offered[0] if one in too_fine else one for one in groups)
    return groups
