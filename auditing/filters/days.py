"""Days between two ends, or by a name that moves along, as conditions on the moments the database has."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from auditing.filters.criterion import Part, Standpoint, Values
from auditing.filters.fields import UNKNOWN
from auditing.filters.reading import Reader, Unacceptable, day_from, one_of, parse_day
from auditing.filters.relative import PERIODS, Span
from auditing.filters.words import span_words
from auditing.models.generations import sort_key

type Ends = tuple[date | None, date | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The criterion of one moment of a row, by the days it may lie on: those of the viewer's zone.

    `since` and `before` are conditions on the moment; `said` stands before days in words. `unknown` is the
    condition for there being no such moment and `unknown_words` says so, both absent where there always is.
    """

    name: str
    since: Callable[[datetime], Q]
    before: Callable[[datetime], Q]
    said: str
    unknown: Q | None = None
    unknown_words: str = ""

    @property
    def keys(self) -> tuple[str, str, str]:
        """Those of named days, and of the first and the last one."""
        return self.name, f"{self.name}_from", f"{self.name}_to"

    def read(self, reader: Reader) -> dict[str, Any]:
        """A name (empty: none), and dates; never both."""
        name, start, end = self.keys
        named = reader.single(name, one_of({word: word for word in self.names}), "")
        first = reader.single(start, _unless(named, parse_day), None)
        return {name: named, start: first, end: reader.single(end, _unless(named, day_from(first)), None)}

    @property
    def names(self) -> tuple[str, ...]:
        """What may stand in place of dates."""
        return tuple(PERIODS) if self.unknown is None else (*PERIODS, UNKNOWN)

    def conditions(self, values: Values, at: Standpoint) -> Iterator[Q]:
        """From the first midnight on, and before the one after the last day."""
        if self.unknown is not None and values[self.name] == UNKNOWN:
            yield self.unknown
            return
        first, last = self._ends(values, at)
        if first is not None:
            yield self.since(_midnight(first, at.zone))
        if last is not None:
            yield self.before(_midnight(last + timedelta(days=1), at.zone))

    def _ends(self, values: Values, at: Standpoint) -> Ends:
        name, start, end = self.keys
        if values[name]:
            span: Span = PERIODS[values[name]].span(at.today)
            return span
        return values[start], values[end]

    def parts(self, values: Values, at: Standpoint) -> Iterator[Part]:
        """One for a name, one for each end."""
        name, start, end = self.keys
        if values[name]:
            yield Part(name, values[name], self.phrase(values, at))
        if values[start]:
            yield Part(start, str(values[start]), self._said(span_words(values[start], None), at))
        if values[end]:
            yield Part(end, str(values[end]), self._said(span_words(None, values[end]), at))

    def phrase(self, values: Values, at: Standpoint) -> str:
        """`created in the last 30 days (Europe/Berlin)`, `created 1 Oct 2026 to 31 Oct 2026 (UTC)`."""
        name, start, end = self.keys
        if values[name] == UNKNOWN:
            return self.unknown_words
        if values[name]:
            return self._said(PERIODS[values[name]].words, at)
        days = span_words(values[start], values[end])
        return self._said(days, at) if days else ""

    def _said(self, days: str, at: Standpoint) -> str:
        return f"{self.said} {days} ({at.zone.key})"


def _unless(named: str, parse: Callable[[str], date]) -> Callable[[str], date]:
    """A parser of a date, where no days are named already."""

    def checked(text: str) -> date:
        if named:
            raise Unacceptable(f"has no place beside “{named}”: either that, or dates")
        return parse(text)

    return checked


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which a day begins in a zone."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _sorted_by(column: str) -> dict[str, Any]:
    """Conditions on the sort's expression, which has the index and puts the unknown before all days."""
    return {
        "since": lambda moment: Q(GreaterThanOrEqual(sort_key(column), moment)),
        "before": lambda moment: Q(LessThan(sort_key(column), moment)) & Q(**{f"{column}__isnull": False}),
        "unknown": Q(**{f"{column}__isnull": True}),
    }


def _column(name: str) -> dict[str, Any]:
    return {
        "since": lambda moment: Q(**{f"{name}__gte": moment}),
        "before": lambda moment: Q(**{f"{name}__lt": moment}),
    }


_DAYS = (
    Days(
        name="created",
        **_sorted_by("created_at"),
        said="created",
        unknown_words="time of creation unknown",
    ),
    Days(
        name="updated",
        **_sorted_by("updated_at"),
        said="last changed",
        unknown_words="time of the last change unknown",
    ),
    Days(name="registered", **_column("registered_at"), said="registered"),
    Days(
        name="synced",
        **_column("lookup__synced_at"),
        said="last good lookup",
        unknown=Q(lookup__synced_at__isnull=True),
        unknown_words="without a good lookup yet",
    ),
)

DAYS: Mapping[str, Days] = {days.name: days for days in _DAYS}
