"""What every kind of condition is: read from a query string, put to the database, said in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.db.models import Q

from auditing.filters.reading import Reader

type Values = Mapping[str, Any]
"""The typed value of every key of a filter."""


@dataclass(frozen=True, slots=True)
class Standpoint:
    """From where a filter is seen: its days are those of `zone`, its ages and relative days as of `now`."""

    zone: ZoneInfo
    now: datetime

    @property
    def today(self) -> date:
        """The day that it is there."""
        return self.now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Part:
    """One active part of a filter: its key and value as a query string has them, and its words."""

    key: str
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Chip:
    """One active part of a filter: its key and value as a query string has them, its words, and the query
    string that is left when it is removed."""

    key: str
    value: str
    words: str
    remove_url_query: str


class Criterion(Protocol):
    """One kind of condition, below one or several keys of the query string."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys, in canonical order."""

    def read(self, reader: Reader) -> dict[str, Any]:
        """The value of each key: typed and acceptable, or what stands for nothing wanted."""

    def conditions(self, values: Values, at: Standpoint) -> Iterator[Q]:
        """What a row must fulfil, all of it."""

    def parts(self, values: Values, at: Standpoint) -> Iterator[Part]:
        """Its active parts: written in this order, they are read as the same values again."""

    def phrase(self, values: Values, at: Standpoint) -> str:
        """All of it as a person would say it; empty when nothing is wanted."""
