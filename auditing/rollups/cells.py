"""How cells and deltas are asked for: what a person may see of them, and which of their values are wanted.

The database's walls stand around each; what a person may see is asked for here once more, so that an index
serves it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from auditing.access import Person, id_of, sight_of

DELTAS = "auditing_rollupdelta"


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and the values of its placeholders."""

    text: str
    values: tuple[Any, ...] = ()

    @classmethod
    def joined(cls, word: str, pieces: Iterable["Sql"]) -> "Sql":
        """These pieces with a word in between."""
        found = list(pieces)
        text = word.join(piece.text for piece in found)
        return cls(text, tuple(value for piece in found for value in piece.values))


@dataclass(frozen=True, slots=True)
class Seen:
    """A part of what a person may see: a condition, and the columns that it asks for."""

    condition: Sql
    columns: frozenset[str] = frozenset()


def seen_by(person: Person) -> Iterator[Seen]:
    """The parts of what this person may see, of which no two have a row in common."""
    sight = sight_of(person)
    if sight.everything:
        yield Seen(Sql("true"))
    if sight.whole_teams:
        yield Seen(Sql("team_id = ANY(%s)", (list(sight.whole_teams),)), frozenset({"team_id"}))
    if sight.own_in_teams:
        own = Sql("owner_id = %s AND team_id = ANY(%s)", (id_of(person), list(sight.own_in_teams)))
        yield Seen(own, frozenset({"team_id", "owner_id"}))


def selected(table: str, columns: Sequence[str], conditions: Sequence[Sql]) -> Sql:
    """The rows of a table that fulfil all of these conditions, of which there is at least one."""
    wanted = Sql.joined(" AND ", (Sql(f"({one.text})", one.values) for one in conditions))
    return Sql(f"SELECT {', '.join(columns)} FROM {table} WHERE {wanted.text}", wanted.values)  # noqa: S608 - our own names


def any_of(column: str, values: Collection[Any]) -> Sql:
    """The rows that have one of these values in a column; None is the unknown."""
    known = [value for value in values if value is not None]
    condition = f"{column} = ANY(%s)"
    return Sql(f"{condition} OR {column} IS NULL" if None in values else condition, (known,))


def none_of(column: str, values: Collection[Any]) -> Sql:
    """The rows that have none of these values in a column: what is not known is none of the known."""
    found = any_of(column, values)
    return Sql(f"({found.text}) IS NOT TRUE", found.values)
