"""How many jobs have which values: of all days at once, those of an unknown day among them."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from auditing.access import Person
from auditing.rollups.cells import DELTAS, Seen, Sql, seen_by, selected
from auditing.rollups.cuboids import TOTAL_CUBOIDS, Cuboid, smallest_of_all_days

TABLE = "auditing_rollup"
WORDS = frozenset(("provider", "mode", "resolution", "status", "credits_basis"))

type Value = int | str | None


@dataclass(frozen=True, slots=True)
class _Reading:
    """The columns that are counted together, out of those cells of one cuboid that fulfil all conditions."""

    cuboid: Cuboid
    conditions: tuple[Sql, ...]
    columns: tuple[str, ...]


def jobs_by(
    person: Person, columns: Sequence[str], only: Mapping[str, Sql] | None = None
) -> dict[str, Counter[Value]]:
    """How many jobs that this person may see have each value of each of these columns, exactly.

    `only` are conditions on columns: each counts for all columns but its own. Values without a job are not
    among the keys. One statement, so all of it is of one moment; it reads a few thousand cells of a team.
    """
    conditions = only or {}
    readings = [one for seen in seen_by(person) for one in _readings(columns, conditions, seen)]
    found: dict[str, Counter[Value]] = {column: Counter() for column in columns}
    if readings:
        statement = _statement(readings)
        with connection.cursor() as cursor:
            cursor.execute(statement.text, statement.values)
            for column, number, word, jobs in cursor.fetchall():
                found[column][word if column in WORDS else number] += jobs
    return found


def jobs_of(person: Person, only: Mapping[str, Sql]) -> int:
    """How many jobs that this person may see fulfil all of these conditions on columns, exactly."""
    parts = [
        _facts(_Reading(_cuboid_for(tuple(only), seen), (seen.condition, *only.values()), ()))
        for seen in seen_by(person)
    ]
    if not parts:
        return 0
    facts = Sql.joined(" UNION ALL ", parts)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(sum(jobs), 0)::bigint FROM ({facts.text}) AS fact", facts.values)  # noqa: S608 - our own names
        return int(cursor.fetchone()[0])


def _readings(columns: Iterable[str], only: Mapping[str, Sql], seen: Seen) -> Iterator[_Reading]:
    """Which cuboids are read for which columns: what needs larger ones goes first, and others join it where
    its cells tell them apart, too. A column of which something is asked is counted in other cells: by itself.
    """
    for column in columns:
        if column in only:
            others = [one for one in only if one != column]
            cuboid = _cuboid_for((column, *others), seen)
            yield _Reading(cuboid, (seen.condition, *(only[one] for one in others)), (column,))
    together: dict[Cuboid, list[str]] = {}
    own = {column: _cuboid_for((column, *only), seen) for column in columns if column not in only}
    for column in sorted(own, key=lambda one: -len(own[one].columns)):
        read = next((one for one in together if column in one.columns), own[column])
        together.setdefault(read, []).append(column)
    for cuboid, counted in together.items():
        yield _Reading(cuboid, (seen.condition, *only.values()), tuple(counted))


def _cuboid_for(columns: Collection[str], seen: Seen) -> Cuboid:
    return smallest_of_all_days(TOTAL_CUBOIDS, {*columns, *seen.columns})


def _statement(readings: Sequence[_Reading]) -> Sql:
    """Each reading's cells, added up once by all of its columns; and out of these each column's sums."""
    cells = [
        Sql(f"cells_{place} AS MATERIALIZED ({found.text})", found.values)
        for place, found in enumerate(map(_added_up, readings))
    ]
    sums = [
        _sums(f"cells_{place}", column)
        for place, reading in enumerate(readings)
        for column in reading.columns
    ]
    found = Sql.joined(", ", cells)
    return Sql(f"WITH {found.text} {' UNION ALL '.join(sums)}", found.values)


def _added_up(reading: _Reading) -> Sql:
    facts, names = _facts(reading), ", ".join(reading.columns)
    text = f"SELECT {names}, sum(jobs) AS jobs FROM ({facts.text}) AS fact GROUP BY {names}"  # noqa: S608 - our own names
    return Sql(text, facts.values)


def _facts(reading: _Reading) -> Sql:
    """Cells and deltas together."""
    columns, of_cuboid = (*reading.columns, "jobs"), Sql(f"cuboid = {reading.cuboid.number}")
    cells = selected(TABLE, columns, (of_cuboid, *reading.conditions))
    return Sql.joined(" UNION ALL ", (cells, selected(DELTAS, columns, reading.conditions)))


def _sums(cells: str, column: str) -> str:
    """One column's values and their jobs: numbers and words each in a column of the answer's own."""
    value = f"NULL::bigint, {column}::text" if column in WORDS else f"{column}, NULL::text"
    return f"""SELECT '{column}', {value}, sum(jobs)::bigint FROM {cells}
        GROUP BY {column} HAVING sum(jobs) <> 0"""  # noqa: S608 - our own names
