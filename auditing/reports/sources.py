"""Where an answer comes from: the smallest cells that tell apart what is asked, and deltas; else the rows.

Each stretch of a period has its own: of days for which there are no such cells the rows are read.

All have the same columns.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from auditing.access import Person
from auditing.exports.totals import select_sql
from auditing.reports.periods import Period, Span
from auditing.reports.questions import MANY, TIMES, Dimension, Question
from auditing.rollups import Cuboid, Grain, smallest_with
from auditing.rollups.cells import DELTAS, Seen, Sql, any_of, seen_by, selected

# As `models.generations.sort_key` has it, and so the indexes.
_CREATED = "CASE WHEN created_at IS NULL THEN timestamptz '0001-01-01 00:00:00+00' ELSE created_at END"
_WORD = ("text", "\x01")
_MANY = frozenset(one.column for one in MANY)
_KINDS: Mapping[Dimension, tuple[str, object]] = {
    **dict.fromkeys((Dimension.TEAM, Dimension.OWNER, Dimension.PROJECT, Dimension.ACCOUNT), ("bigint", -1)),
    **dict.fromkeys(TIMES, ("date", date.min)),
}

type Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What answers one kind of question: the table of its cells, their cuboids, the columns that every answer
    has, and each measure as a fact (a delta or a row) has it. Cells have measures by their names, unless it
    `is_computed` of what they have, as of facts. `instead` has more cells for the same question, and larger
    ones."""

    table: str
    cuboids: tuple[Cuboid, ...]
    always: tuple[str, ...]
    measures: Mapping[str, str]
    is_computed: bool = False
    instead: "Kept | None" = None


def source(kept: Kept, person: Person, question: Question, zone: ZoneInfo) -> Sql | None:
    """A SELECT of rows that together are what is asked; None when this person may see nothing at all.

    Its columns are `d0`, `d1` and so on for the dimensions, then what every answer has, then the measures.
    """
    parts = [part for seen in seen_by(person) for part in _parts(kept, question, seen, zone)]
    return Sql.joined(" UNION ALL ", parts) if parts else None


def source_of(kept: Kept, person: Person, questions: Sequence[Question], zone: ZoneInfo) -> Sql | None:
    """The same of several questions with the same groups at once; `part` is the question's number."""
    seen_parts = list(seen_by(person))
    parts = [
        Sql(f"SELECT {number} AS part, one.* FROM ({found.text}) AS one", found.values)  # noqa: S608
        for number, question in enumerate(questions)
        for seen in seen_parts
        for found in _parts(kept, question, seen, zone)
    ]
    return Sql.joined(" UNION ALL ", parts) if parts else None


def one_of(dimensions: Sequence[Dimension], keys: Collection[Key]) -> Sql:
    """The condition (WHERE …) that a group of a source is one of these, by a hash of them: in that no value
    is unknown, so that another value stands for it which none has."""
    kinds = [_KINDS.get(one, _WORD) for one in dimensions]
    columns = zip(*keys, strict=True)
    values = [
        _array_of([nobody if value is None else value for value in column])
        for column, (_, nobody) in zip(columns, kinds, strict=True)
    ]
    groups = ", ".join(f"coalesce(d{place}, %s::{kind})" for place, (kind, _) in enumerate(kinds))
    lists = ", ".join(f"%s::{kind}[]" for kind, _ in kinds)
    text = f"WHERE ({groups}) IN (SELECT * FROM unnest({lists}))"  # noqa: S608 - our own names
    return Sql(text, (*(nobody for _, nobody in kinds), *values))


def _array_of(values: Sequence[Any]) -> Any:
    """The values as an array for a placeholder: whole numbers as PostgreSQL writes one, for psycopg would go
    through hundreds of them one by one, in Python."""
    is_of_ids = all(type(value) is int for value in values)
    return f"{{{','.join(map(str, values))}}}" if is_of_ids else values


def _parts(kept: Kept, question: Question, seen: Seen, zone: ZoneInfo) -> Iterator[Sql]:
    """Cells and deltas; the rows of those days for which no cells tell apart what is asked."""
    conditions = [seen.condition, *_only(question)]
    facts = partial(_select, kept, question, of_facts=True)
    if question.rows is not None:
        text, values = select_sql(question.rows.order_by(), ("pk",))
        among = Sql(f"generation_id IN ({text})", values)
        yield facts("auditing_fact", [*conditions, *_within(question.period, zone), among])
        return
    for span in question.period.spans(question.finest):
        if found := _cells_of(kept, span, question.columns | seen.columns):
            cells, cuboid = found
            on_days = [*conditions, *_days(span)]
            yield _select(
                cells,
                question,
                cells.table,
                [Sql(f"cuboid = {cuboid.number}"), *on_days],
                of_facts=cells.is_computed,
            )
            yield facts(DELTAS, on_days)
        else:
            yield facts("auditing_fact", [*conditions, *_within(span, zone)])


def _cells_of(kept: Kept, span: Span, columns: set[str]) -> tuple[Kept, Cuboid] | None:
    """The smallest cells of the span's grain, else of days, which everything longer consists of: the first
    of those that tell apart the fewest of what has thousands of values, where nobody asks for it."""
    for grain in (span.grain, Grain.DAY):
        found: list[tuple[Kept, Cuboid]] = []
        cells: Kept | None = kept
        while cells:
            if cuboid := smallest_with(cells.cuboids, grain, columns):
                found.append((cells, cuboid))
            cells = cells.instead
        if found:
            return min(found, key=lambda one: len(one[1].columns & _MANY - columns))
    return None


def _select(
    kept: Kept, question: Question, table: str, conditions: list[Sql], *, of_facts: bool = False
) -> Sql:
    dimensions = [f"{one.column} AS d{place}" for place, one in enumerate(question.group_by)]
    measures = [f"{read if of_facts else name} AS {name}" for name, read in kept.measures.items()]
    return selected(table, (*dimensions, *kept.always, *measures), conditions)


def _days(days: Period | Span) -> Iterator[Sql]:
    if days.is_undated:
        yield Sql("day IS NULL")
    if days.first:
        yield Sql("day >= %s", (days.first,))
    if days.last:
        yield Sql("day <= %s", (days.last,))


def _only(question: Question) -> Iterator[Sql]:
    for dimension, values in question.only.items():
        yield any_of(dimension.column, values)


def _within(days: Period | Span, zone: ZoneInfo) -> Iterator[Sql]:
    """The condition on days of rows themselves: by the column as lists are sorted by it, which a person's and
    a team's index have."""
    begins, is_over = Period(days.first, days.last).moments(zone)
    if days.is_undated:
        yield Sql("created_at IS NULL")
    if begins or is_over:
        yield Sql("created_at IS NOT NULL")
    if begins:
        yield Sql(f"{_CREATED} >= %s", (begins,))
    if is_over:
        yield Sql(f"{_CREATED} < %s", (is_over,))
