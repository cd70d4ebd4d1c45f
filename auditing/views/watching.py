"""What a list on a screen waits for: rows that are not finished, and new ones; an address says it all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone

from auditing.filters import GenerationFilter, Page, Row, beginning_of
from auditing.records import Status
from auditing.views.asking import FOLLOWED_FOR

QUICKLY, SLOWLY = 5, 30
MOST_ROWS = 100
UNDER_WAY = (Status.PENDING.value, Status.PROCESSING.value)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BIGINT = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a list waits for. `rows` are those not finished, each with the moment of the lookup that is shown
    (`seen_of`); `wished` are those that somebody asked to be looked up at `asked` (as `seen_of`), finished or
    not. `beginning` is where the list begins (empty: nobody waits for new rows), `told` how many new ones
    have been told of."""

    filter: GenerationFilter
    rows: Mapping[int, int]
    wished: frozenset[int] = frozenset()
    asked: int = 0
    beginning: str = ""
    told: str = "0"

    @property
    def is_open(self) -> bool:
        """Whether there is anything to wait for."""
        return bool(self.rows or self.beginning)

    @property
    def every(self) -> int:
        """The seconds between two looks."""
        return QUICKLY if self.rows else SLOWLY

    @property
    def query(self) -> str:
        """All of it as a query string."""
        pairs = self.filter.pairs() + [("row", f"{pk}.{seen}") for pk, seen in self.rows.items()]
        if self.wished:
            pairs += [("asked", str(self.asked)), *(("wished", str(pk)) for pk in sorted(self.wished))]
        if self.beginning:
            pairs += [("beginning", self.beginning), ("told", self.told)]
        return urlencode(pairs)

    @classmethod
    def from_query(cls, query: QueryDict, wanted: GenerationFilter) -> "Watch":
        """What `query` says; what is no number does not count, nor a wish of too long ago."""
        rows = [parts for text in query.getlist("row")[:MOST_ROWS] if (parts := _numbers(text))]
        wished = [
            parts[0] for text in query.getlist("wished")[:MOST_ROWS] if (parts := _numbers(f"{text}.0"))
        ]
        _, asked = _numbers(f"0.{query.get('asked', '')}") or (0, 0)
        is_followed = asked > _microseconds(timezone.now() - FOLLOWED_FOR)
        return cls(
            filter=wanted,
            rows=dict(rows),
            wished=frozenset(wished) if is_followed else frozenset(),
            asked=asked if is_followed and wished else 0,
            beginning=query.get("beginning", ""),
            told=query.get("told", "0"),
        )

    def left(self, now_shown: Iterable[Row], told: str) -> "Watch":
        """What is still to wait for when these rows are shown, and so many new ones told of."""
        rows = list(now_shown)
        wished = frozenset(row.pk for row in rows if row.pk in self.wished and seen_of(row) < self.asked)
        open_rows = [row for row in rows if row.pk in wished or _is_under_way(row)]
        return replace(self, rows=_seen(open_rows), wished=wished, told=told)

    def also(self, wished: Iterable[Row], asked_at: datetime) -> "Watch":
        """This, and the rows that a look was asked for."""
        rows = list(wished)
        asked_for = frozenset(row.pk for row in rows)
        asked = _microseconds(asked_at)
        return replace(self, rows={**self.rows, **_seen(rows)}, wished=asked_for, asked=asked)


def watch_of(page: Page) -> Watch:
    """What the list waits for once this page is on the screen."""
    rows = _seen(row for row in page.rows if _is_under_way(row))
    return Watch(filter=page.filter, rows=rows, beginning=beginning_of(page))


def seen_of(row: Row) -> int:
    """The moment of a row's last lookup in microseconds since 1970; 0 when there was none."""
    looked_up_at = row.lookup.looked_up_at
    return 0 if looked_up_at is None else _microseconds(looked_up_at)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _seen(rows: Iterable[Row]) -> dict[int, int]:
    return {row.pk: seen_of(row) for row in rows}


def _is_under_way(row: Row) -> bool:
    """At its provider, or here: registered, and its first lookup is due some time."""
    never = row.lookup.outcome is None and row.lookup.due_at is not None
    return row.status in UNDER_WAY or never


def _numbers(text: str) -> tuple[int, int] | None:
    pk, _, seen = text.partition(".")
    is_number = pk.isascii() and pk.isdecimal() and seen.isascii() and seen.isdecimal()
    if not is_number or len(pk) > 19 or len(seen) > 19 or int(pk) >= _BIGINT:
        return None
    return int(pk), int(seen)
