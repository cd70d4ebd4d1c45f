"""What closed months came to, and what became known since, out of their frozen cells and adjustments.

Both have the columns of rollups' cells. The database's walls stand around each; what a person may see is
asked for here once more, so that an index serves it.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from auditing.access import Person, id_of, sight_of
from auditing.reports.questions import Question
from auditing.reports.totals import MEASURES, Cell, Part, Sums, summed
from auditing.rollups.cells import Sql

CELLS, ADJUSTMENTS = "auditing_closedcell", "auditing_adjustment"
CLOSED, LEARNT, TODAY = "closed", "learnt", "today"
_SUMMED = ", ".join(f"sum({name})::bigint" for name in MEASURES)

type Sources = dict[str, list[Cell]]


def compared(person: Person, closed_id: int, question: Question, *, has_today: bool) -> Sources:
    """What a closed month came to (`CLOSED`), what became known of it since (`LEARNT`, as differences), and,
    if wanted, what the question's answer is now (`TODAY`); told apart as the question does, of what this
    person may see. One statement, so all of it is of one moment."""
    columns = [one.column for one in question.group_by]
    parts = {
        CLOSED: _rows(CELLS, person, [closed_id], columns),
        LEARNT: _rows(ADJUSTMENTS, person, [closed_id], columns),
        TODAY: summed(person, question) if has_today else None,
    }
    found: Sources = {CLOSED: [], LEARNT: [], TODAY: []}
    named = [Sql(f"SELECT '{name}' AS source, part.* FROM ({part.text}) AS part", part.values)  # noqa: S608
             for name, part in parts.items() if part is not None]  # fmt: skip
    for cell in _added_up(Sql.joined(" UNION ALL ", named), ["source", *_names(len(columns))]):
        found[str(cell.key[0])].append(Cell(cell.key[1:], cell.parts))
    return found


def by_month(person: Person, closed_ids: Sequence[int]) -> dict[int, Cell]:
    """What each of these closed months came to."""
    return _by_id(CELLS, person, closed_ids)


def learnt_by_month(person: Person, closed_ids: Sequence[int]) -> dict[int, Cell]:
    """What became known of each of these closed months."""
    return _by_id(ADJUSTMENTS, person, closed_ids)


def learnt_in(person: Person, closed_id: int, zone: str) -> dict[date, Cell]:
    """What became known of a closed month, by the month (its first day) in which it did."""
    rows = _rows(ADJUSTMENTS, person, [closed_id], [_KNOWN_IN], (zone,))
    return {cell.key[0]: cell for cell in _added_up(rows, ["d0"]) if isinstance(cell.key[0], date)}


def counted_adjustments(person: Person, closed_ids: Sequence[int], zone: str) -> dict[tuple[int, date], int]:
    """How many adjustments of each closed month this person may see, by the month of becoming known."""
    seen = _seen_by(person)
    statement = f"""SELECT closed_id, known, count(*) FROM (
            SELECT DISTINCT closed_id, {_KNOWN_IN} AS known, occasion, generation_id FROM {ADJUSTMENTS}
            WHERE closed_id = ANY(%s) AND ({seen.text})
        ) AS adjustment GROUP BY closed_id, known"""  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.execute(statement, [zone, list(closed_ids), *seen.values])
        return {(closed_id, known): number for closed_id, known, number in cursor.fetchall()}


_KNOWN_IN = "date_trunc('month', known_at AT TIME ZONE %s)::date"


def _by_id(table: str, person: Person, closed_ids: Sequence[int]) -> dict[int, Cell]:
    rows = _rows(table, person, closed_ids, ["closed_id"])
    return {cell.key[0]: cell for cell in _added_up(rows, ["d0"]) if isinstance(cell.key[0], int)}


def _seen_by(person: Person) -> Sql:
    """True for the rows that this person may see."""
    sight = sight_of(person)
    if sight.everything:
        return Sql("true")
    return Sql(
        "team_id = ANY(%s) OR (owner_id = %s AND team_id = ANY(%s))",
        (list(sight.whole_teams), id_of(person), list(sight.own_in_teams)),
    )


def _names(dimensions: int) -> list[str]:
    return [f"d{place}" for place in range(dimensions)]


def _rows(
    table: str,
    person: Person,
    closed_ids: Sequence[int],
    columns: Sequence[str],
    values: Sequence[Any] = (),
) -> Sql:
    """As `sources.source` has them: what is told apart, then status and basis, then the measures."""
    seen = _seen_by(person)
    dimensions = "".join(f"{column} AS d{place}, " for place, column in enumerate(columns))
    text = f"""SELECT {dimensions}status, credits_basis, {", ".join(MEASURES)} FROM {table}
        WHERE closed_id = ANY(%s) AND ({seen.text})"""  # noqa: S608 - our own names
    return Sql(text, (*values, list(closed_ids), *seen.values))


def _added_up(rows: Sql, names: Sequence[str]) -> list[Cell]:
    """Sums by group, status and basis; adjustments that cancel each other out leave zeros."""
    groups = ", ".join((*names, "status", "credits_basis"))
    statement = f"SELECT {groups}, {_SUMMED} FROM ({rows.text}) AS found GROUP BY {groups} ORDER BY {groups}"  # noqa: S608
    cells: dict[tuple[Any, ...], dict[Part, Sums]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, rows.values)
        for row in cursor.fetchall():
            (status, basis), measures = row[-len(MEASURES) - 2 : -len(MEASURES)], row[-len(MEASURES) :]
            cells.setdefault(row[: len(names)], {})[status, basis] = Sums._make(measures)
    return [Cell(key, parts) for key, parts in cells.items()]
