"""Reads the trail for its page: query string ↔ typed values ↔ SQL, one page by keyset, newest first."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, Q, QuerySet, Subquery
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import QueryDict

from auditing.filters.fields import Field, Value, to_text
from auditing.filters.reading import Reader, Unacceptable, day_from, parse_day, parse_text, shown
from auditing.models import Act, Generation, TrailEntry, User

PER_PAGE = 50
VIEWERS = 10
IN_UTC = ZoneInfo("UTC")
RELATED = ("team", "owner", "account")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MOST_MICROSECONDS = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_BIGINT = 2**63


def _by_username(names: tuple[str, ...]) -> Q:
    people = User.objects.filter(username__in=names).order_by().values("pk")
    # A single name is compared by `=` with a scalar, which the index on (owner, acted_at, id) serves.
    return Q(owner_id=Subquery(people[:1])) if len(names) == 1 else Q(owner_id__in=people)


ACT = Field(
    key="act",
    known=lambda acts: Q(act__in=acts),
    words=lambda act: Act(act).label,
    accepted=tuple(Act.values),
)
PERSON = Field(
    key="person",
    known=_by_username,
    words=lambda username: f"by {username}",
    unknown=Q(owner_id__isnull=True),
    unknown_words="by nobody known",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Between two entries of the trail: just before or after this one."""

    microseconds: int
    id: int

    def __str__(self) -> str:
        return f"{self.microseconds}-{self.id}"

    @property
    def moment(self) -> datetime:
        """When the entry is dated."""
        return _EPOCH + self.microseconds * _MICROSECOND


def place_of(entry: TrailEntry) -> Place:
    """Where this entry stands."""
    return Place((entry.acted_at - _EPOCH) // _MICROSECOND, entry.pk)


def parse_place(text: str) -> Place:
    """The reverse of `str`; raises Unacceptable for everything else."""
    moment, _, number = text.partition("-")
    if not (moment.isascii() and moment.isdecimal() and number.isascii() and number.isdecimal()):
        raise Unacceptable(f"{shown(text)} is no place in the trail; it starts at its newest entry")
    if len(text) > 40 or int(moment) > _MOST_MICROSECONDS or int(number) >= _BIGINT:
        raise Unacceptable(f"{shown(text)} is no place in the trail; it starts at its newest entry")
    return Place(int(moment), int(number))


@dataclass(frozen=True, slots=True)
class TrailPage:
    """One page: its entries, newest first, and the query strings of the pages around it, where there are."""

    entries: list[TrailEntry]
    newer: str | None
    older: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailFilter:
    """Which entries are wanted. Days are in `zone`, both included; `errors` has a message for each key whose
    value was bad and does not count."""

    person: tuple[Value, ...] = ()
    act: tuple[Value, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    q: str = ""
    older_than: Place | None = None
    newer_than: Place | None = None
    zone: ZoneInfo = IN_UTC
    errors: dict[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def from_query(cls, query: QueryDict, zone: ZoneInfo = IN_UTC) -> "TrailFilter":
        """The filter that a query string asks for. Never raises."""
        reader = Reader(query)
        first: date | None = reader.single("from", parse_day, None)
        older: Place | None = reader.single("older", parse_place, None)
        newer: Place | None = None if older else reader.single("newer", parse_place, None)
        return cls(
            person=reader.any_of(PERSON),
            act=reader.any_of(ACT),
            first_day=first,
            last_day=reader.single("to", day_from(first), None),
            q=reader.single("q", parse_text, ""),
            older_than=older,
            newer_than=newer,
            zone=zone,
            errors=reader.errors,
        )

    @property
    def person_text(self) -> str:
        """The wanted person as the form has it."""
        return to_text(self.person[0]) if self.person else ""

    @property
    def narrows(self) -> bool:
        """True when the filter leaves anything out."""
        return bool(self.person or self.act or self.first_day or self.last_day or self.q)

    def query(self, **changes: object) -> str:
        """The canonical query string, with these parts replaced."""
        wanted = replace(self, **changes)  # type: ignore[arg-type]
        pairs = [("person", to_text(value)) for value in wanted.person]
        pairs += [("act", to_text(value)) for value in wanted.act]
        singles = (
            ("from", wanted.first_day),
            ("to", wanted.last_day),
            ("q", wanted.q),
            ("older", wanted.older_than),
            ("newer", wanted.newer_than),
        )
        return urlencode(pairs + [(key, str(value)) for key, value in singles if value])

    def apply(self, entries: QuerySet[TrailEntry]) -> QuerySet[TrailEntry]:
        """Of these entries, the wanted ones, in no order."""
        if self.person:
            entries = entries.filter(PERSON.condition(self.person))
        if self.act:
            entries = entries.filter(ACT.condition(self.act))
        if self.first_day:
            entries = entries.filter(acted_at__gte=_midnight(self.first_day, self.zone))
        if self.last_day:
            entries = entries.filter(acted_at__lt=_midnight(self.last_day + timedelta(days=1), self.zone))
        return entries.filter(asked__icontains=self.q) if self.q else entries

    def page(self, entries: QuerySet[TrailEntry]) -> TrailPage:
        """The wanted page in one query: an index range from the place on, one entry more than is shown."""
        backwards = self.newer_than is not None
        rows = self.apply(entries).select_related(*RELATED).defer("owner__password")
        place = self.newer_than or self.older_than
        if place is not None:
            compare = TupleGreaterThan if backwards else TupleLessThan
            rows = rows.filter(compare(Tuple(F("acted_at"), F("pk")), (place.moment, place.id)))
        order = ("acted_at", "pk") if backwards else ("-acted_at", "-pk")
        found = list(rows.order_by(*order)[: PER_PAGE + 1])
        further, shown = len(found) > PER_PAGE, found[:PER_PAGE]
        if backwards:
            shown.reverse()
        return self._around(shown, backwards, further)

    def _around(self, shown: list[TrailEntry], backwards: bool, further: bool) -> TrailPage:
        has_newer = further if backwards else self.older_than is not None
        has_older = backwards or further
        if not shown:
            return TrailPage([], self.query(older_than=None, newer_than=None) if has_newer else None, None)
        newest, oldest = place_of(shown[0]), place_of(shown[-1])
        return TrailPage(
            shown,
            self.query(older_than=None, newer_than=newest) if has_newer else None,
            self.query(older_than=oldest, newer_than=None) if has_older else None,
        )


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who opened a record's page: how often, and when last."""

    name: str
    username: str
    times: int
    last_at: datetime


def viewers_of(entries: QuerySet[TrailEntry] | None, generation: Generation) -> list[Viewer] | None:
    """The last people who opened a record's page, each once, the latest first; None for who sees none of the
    trail's entries of its team."""
    if entries is None:
        return None
    views = entries.filter(
        provider=generation.provider, external_id=generation.external_id, act=Act.VIEWED, owner__isnull=False
    )
    names = ("owner__username", "owner__first_name", "owner__last_name")
    found = (
        views.filter(team_id=generation.team_id)
        .values(*names)
        .annotate(times=Count("pk"), last_at=Max("acted_at"))
        .order_by("-last_at")[:VIEWERS]
    )
    return [
        Viewer(
            name=f"{row['owner__first_name']} {row['owner__last_name']}".strip() or row["owner__username"],
            username=row["owner__username"],
            times=row["times"],
            last_at=row["last_at"],
        )
        for row in found
    ]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)
