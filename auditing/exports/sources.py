"""From what somebody asked for to the rows that they may see of it, whoever writes the file, and whenever."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import QueryDict

from auditing.access import Person, visible_to
from auditing.exports.columns import GENERATIONS, TRAIL, Table
from auditing.filters import GenerationFilter
from auditing.trail_reading import TrailFilter

TABLES: Mapping[str, Table] = {table.name: table for table in (GENERATIONS, TRAIL)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file that somebody wants: rows of `table` in its columns, those of the canonical `query`, which
    `words` say; days are in `zone`, and named days and ages as of `at`."""

    table: Table
    format: str
    query: str
    words: str
    zone: ZoneInfo
    at: datetime = field(compare=False)

    @classmethod
    def generations(cls, wanted: GenerationFilter, format_key: str, table: Table = GENERATIONS) -> "Wanted":
        """The file of what a list shows, on all of its pages."""
        return cls(
            table=table,
            format=format_key,
            query=wanted.with_(per_page=None),
            words=wanted.words(),
            zone=wanted.zone,
            at=wanted.now,
        )

    @classmethod
    def trail(cls, wanted: TrailFilter, format_key: str, table: Table = TRAIL) -> "Wanted":
        """The file of what the trail's page shows, on all of its pages."""
        return cls(
            table=table,
            format=format_key,
            query=wanted.with_(per_page=None),
            words=wanted.words(),
            zone=wanted.zone,
            at=wanted.now,
        )

    @property
    def said_format(self) -> str:
        """The format, and of what, where that is not the generations: `csv of the trail`."""
        return (
            self.format if self.table.name == GENERATIONS.name else f"{self.format} of the {self.table.name}"
        )

    @property
    def said_query(self) -> str:
        """The query string that asks for this file: with its columns, where not all are wanted."""
        columns = self.table.names
        if columns == TABLES[self.table.name].names:
            return self.query
        return "&".join(filter(None, (self.query, f"columns={','.join(columns)}")))

    def rows(self, person: Person) -> QuerySet[Any]:
        """The generations, in their order, as far as this person may see them; inside `acting_as`."""
        wanted = GenerationFilter.from_query(QueryDict(self.query), self.zone, now=self.at)
        return wanted.ordered(visible_to(person))
