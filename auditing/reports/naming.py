"""The groups of a report by name, and the query string of the list that shows each group's rows."""

from calendar import monthrange
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from auditing.access import Person, visible_to
from auditing.filters import UNKNOWN, GenerationFilter
from auditing.filters.fields import to_text
from auditing.filters.variants import Variants, query_pair
from auditing.models import Account, Project, Team, User
from auditing.providers import PROVIDERS
from auditing.reports.periods import Period
from auditing.reports.questions import TIMES, Dimension, Question

ONE_DAY = timedelta(days=1)
_OF_DAYS = ("&created", "&updated", "&registered", "&synced")
MOST_STRETCHES = 400
NOT_KNOWN: Mapping[Dimension, str] = {
    Dimension.OWNER: "Unassigned",
    Dimension.PROJECT: "Without a project",
    Dimension.MODE: "Mode unknown",
    Dimension.RESOLUTION: "Resolution unknown",
    Dimension.DAY: "Undated",
    Dimension.WEEK: "Undated",
    Dimension.MONTH: "Undated",
}


@dataclass(frozen=True, slots=True)
class Name:
    """What a group is called, and the filter's values that want its rows; `days` for a stretch of time, and
    what it is called where there is little room."""

    words: str
    wanted: Mapping[str, tuple[str | None, ...]]
    days: Period | None = None
    short: str = ""


def names_of(dimension: Dimension, values: Iterable[Any]) -> dict[Any, Name]:
    """The names of these values, in one query at most. Whoever sees a group's rows may know its name."""
    found = set(values)
    known = found - {None}
    names: dict[Any, Name] = {}
    if not found:
        return names
    if dimension in TIMES:
        names = {day: _of_time(dimension, day) for day in known}
    elif dimension in _ROWS:
        rows, columns, name_of = _ROWS[dimension]
        values_of = rows.filter(pk__in=known).values_list("pk", *columns)
        names = {pk: name_of(*values) for pk, *values in values_of}
    else:
        names = {word: Name(_word(dimension, word), {dimension.value: (word,)}) for word in known}
    if None in found:
        is_time = dimension in TIMES
        wanted = {} if is_time else {dimension.value: (None,)}
        names[None] = Name(NOT_KNOWN[dimension], wanted, Period(is_undated=True) if is_time else None)
    return names


class Names:
    """The names of a report's groups, each asked for once."""

    def __init__(self) -> None:
        self._known: dict[Dimension, dict[Any, Name]] = {}

    def of(self, dimension: Dimension, values: Iterable[Any]) -> Mapping[Any, Name]:
        """The names of these values, and of others of the dimension."""
        known = self._known.setdefault(dimension, {})
        known |= names_of(dimension, set(values) - known.keys())
        return known


def _of_team(name: str, slug: str) -> Name:
    return Name(name, {"team": (slug,)})


def _of_person(username: str, first_name: str, last_name: str) -> Name:
    """Called as `str` of a person says."""
    return Name(f"{first_name} {last_name}".strip() or username, {"owner": (username,)})


def _of_project(name: str, team: str) -> Name:
    return Name(name, {"project": (name,), "team": (team,)})


def _of_account(label: str) -> Name:
    return Name(label, {"account": (label,)})


_ROWS: Mapping[Dimension, tuple[QuerySet[Any], tuple[str, ...], Callable[..., Name]]] = {
    Dimension.TEAM: (Team.objects.all(), ("name", "slug"), _of_team),
    Dimension.OWNER: (User.objects.all(), ("username", "first_name", "last_name"), _of_person),
    Dimension.PROJECT: (Project.objects.all(), ("name", "team__slug"), _of_project),
    Dimension.ACCOUNT: (Account.objects.all(), ("label",), _of_account),
}
"""The rows of each, and the name that these columns give one. No row is made an object of: a report names
hundreds."""


def stretches(dimension: Dimension, period: Period, present: Collection[date]) -> list[date]:
    """Every day, week or month by its first day, from the first that is present up to the period's end (else
    the last that is present), those of nothing too: a picture leaves no time out."""
    if not present:
        return []
    found, last = [min(present)], period.last or max(present)
    while len(found) <= MOST_STRETCHES and (ends := _last_of(dimension, found[-1])) < last:
        found.append(ends + ONE_DAY)
    return found if len(found) <= MOST_STRETCHES else sorted(present)


def _last_of(dimension: Dimension, first: date) -> date:
    """The last day of the day, week or month that begins on this one, or of the calendar."""
    days = {Dimension.MONTH: monthrange(first.year, first.month)[1], Dimension.WEEK: 7}.get(dimension, 1)
    return first + min((days - 1) * ONE_DAY, date.max - first)


def _word(dimension: Dimension, word: str) -> str:
    return PROVIDERS[word].name if dimension is Dimension.PROVIDER and word in PROVIDERS else word


@lru_cache(maxsize=2048)
def _of_time(dimension: Dimension, first: date) -> Name:
    """Days, weeks and months are called the same in every report."""
    days = Period(first, _last_of(dimension, first))
    if dimension is Dimension.MONTH:
        return Name(f"{first:%B %Y}", {}, days, f"{first:%b %Y}")
    short = f"{first.day} {first:%b}"
    week = "Week of " if dimension is Dimension.WEEK else ""
    return Name(f"{week}{short} {first:%Y}", {}, days, short)


def list_filter(
    wanted: GenerationFilter, period: Period, names: Iterable[Name], zone: ZoneInfo
) -> GenerationFilter:
    """The filter of the list that shows these rows of the period, days cut in the report zone."""
    return replace(wanted, zone=zone, usual_zone=zone, **_changes(period, names))


def _changes(period: Period, names: Iterable[Name]) -> dict[str, Any]:
    """The filter's values that want the rows of these names in the period."""
    changes: dict[str, Any] = {}
    for name in names:
        changes |= name.wanted
        if name.days is not None:
            period = within(period, name.days)
    if period.is_undated:
        return {**changes, "created": UNKNOWN}
    return {**changes, "created_from": period.first, "created_to": period.last}


class Lists:
    """The query strings of the lists that show the rows of a report, of which there are many: each names the
    zone of its days."""

    def __init__(self, wanted: GenerationFilter, zone: ZoneInfo) -> None:
        self._variants = Variants(replace(wanted, zone=zone, usual_zone=zone))
        self._zone = query_pair("zone", zone.key)

    def query(self, period: Period, names: Iterable[Name] = ()) -> str:
        """That of the list of `list_filter`."""
        query = self._variants.query(_changes(period, names))
        return f"{query}&{self._zone}" if any(key in f"&{query}" for key in _OF_DAYS) else query


def list_query(wanted: GenerationFilter, period: Period, names: Iterable[Name], zone: ZoneInfo) -> str:
    """One such query string."""
    return Lists(wanted, zone).query(period, names)


class Narrowing:
    """What narrows lists to those of their rows that have these values: a report has the same for each of its
    lines. No key of a list's has a letter that is written otherwise in a query string."""

    def __init__(self, wanted: Mapping[str, tuple[str | None, ...]]) -> None:
        self._keys = frozenset(wanted)
        self._marks = [f"{key}=" for key in wanted]
        self._said = urlencode([(key, to_text(value)) for key, values in wanted.items() for value in values])

    def of(self, query: str) -> str:
        """The query string of a list for those rows, where it shows any such."""
        for mark in self._marks:
            if mark in query:
                pairs = query.split("&")
                query = "&".join([pair for pair in pairs if pair.partition("=")[0] not in self._keys])
        return f"{query}&{self._said}" if query and self._said else query or self._said


def within(period: Period, days: Period) -> Period:
    """The days that both have."""
    if days.is_undated:
        return days
    firsts = [day for day in (period.first, days.first) if day]
    lasts = [day for day in (period.last, days.last) if day]
    return Period(max(firsts, default=None), min(lasts, default=None))


_BY_NAME: Mapping[str, tuple[Dimension, QuerySet[Any], str]] = {
    "team": (Dimension.TEAM, Team.objects.all(), "slug"),
    "owner": (Dimension.OWNER, User.objects.all(), "username"),
    "project": (Dimension.PROJECT, Project.objects.all(), "name"),
    "account": (Dimension.ACCOUNT, Account.objects.all(), "label"),
}
_BY_WORD = ("provider", "mode", "resolution", "status")


def question_of(
    wanted: GenerationFilter, period: Period, group_by: tuple[Dimension, ...], person: Person
) -> Question:
    """What to ask for the rows of this filter in this period: by values of dimensions where the filter says
    no more than that, which rollups answer; else of the rows themselves."""
    asked = {key for key, _ in wanted.pairs()}
    if asked - {*_BY_NAME, *_BY_WORD}:
        return Question(period, group_by, rows=wanted.apply(visible_to(person)))
    only: dict[Dimension, tuple[Any, ...]] = {}
    for key, (dimension, rows, name) in _BY_NAME.items():
        values = wanted.columns[key]
        if values:
            known = [value for value in values if value is not None]
            ids = rows.filter(**{f"{name}__in": known}).values_list("pk", flat=True)
            only[dimension] = (*ids, *([None] if None in values else []))
    for key in _BY_WORD:
        if wanted.columns[key]:
            only[Dimension(key)] = wanted.columns[key]
    return Question(period, group_by, only)
