"""CSV and JSON Lines: PostgreSQL formats both (`COPY … TO STDOUT`), several times as fast as Python could."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction
from django.db.models import QuerySet
from django.db.models.expressions import Combinable

from auditing.access import Watch
from auditing.exports.columns import GENERATIONS, Table
from auditing.exports.harmless import harmless
from auditing.exports.totals import Totals, select_sql, totals_sql

CHUNK = 64 * 1024
ROWS_BETWEEN_LOOKS = 500
BROKEN_OFF = "This file is incomplete: it was broken off."

type File = Generator[bytes, None, Totals]
"""A file in chunks, each of whole lines where it has lines, which returns what its rows came to."""

type Seen = Callable[[int], object]
"""Told now and then how many rows of a file are done."""


def nobody(rows: int) -> None:
    """Nobody wants to know how many rows are done."""


def export_csv(rows: QuerySet[Any], table: Table = GENERATIONS, *, seen: Seen = nobody) -> File:
    """RFC 4180 in UTF-8 with a header; lines end with LF. An unknown is empty, an empty text is `""`.

    What others wrote is always quoted, and begins no formula (`harmless`).
    """
    columns: list[Combinable] = [
        harmless(column.value) if column.foreign else column.value for column in table.columns
    ]
    quoted = f", FORCE_QUOTE ({_listed(table.foreign)})" if table.foreign else ""
    # More cells than the header has: programs refuse the file, and people read why.
    notice = f'"{BROKEN_OFF}"{"," * len(table.columns)}\n'.encode()
    # The totals are one more row at the end, so the first column has to be of text.
    first, *others = (f'"{name}"' for name in table.names)
    select = ", ".join((f"{first}::text AS {first}", *others))
    end = ", NULL" * len(others)
    copying = Copying(select=select, end=end, options=f"FORMAT csv, HEADER{quoted}", seen=seen)
    return (yield from _aloud(_copied(rows, table, columns, copying), notice))


def export_ndjson(rows: QuerySet[Any], table: Table = GENERATIONS, *, seen: Seen = nobody) -> File:
    """One JSON object a line, in UTF-8: every column of every row, the unknown ones null."""
    # The CSV format puts out a JSON text as it is, when quote and delimiter are characters that JSON escapes.
    options = r"FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02'"
    values = [column.value for column in table.columns]
    copying = Copying(select="row_to_json(r)::text", end="", options=options, seen=seen)
    return (yield from _aloud(_copied(rows, table, values, copying), f"{BROKEN_OFF}\n".encode()))


def _aloud(chunks: File, notice: bytes) -> File:
    """The chunks; and where they are broken off, the notice before the error goes on its way."""
    try:
        return (yield from chunks)
    except Exception:
        yield notice
        raise


def json_lines(rows: QuerySet[Any], table: Table = GENERATIONS) -> list[bytes]:
    """The lines that `export_ndjson` writes for these rows, at once: for a page of them."""
    query, values = select_sql(rows, [column.value for column in table.columns])
    # Nothing in it is from outside: Django's own SQL with placeholders, and constants of this package.
    select = f"SELECT row_to_json(r)::text FROM ({query}) AS r ({_listed(table.names)})"  # noqa: S608
    with connections[rows.db].cursor() as cursor:
        cursor.execute(select, values)
        return [line.encode() for (line,) in cursor.fetchall()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copying:
    """How a COPY writes: what is selected of the table's columns, and with which options. `end` are the
    further columns of the totals' row, which comes last."""

    select: str
    end: str
    options: str
    seen: Seen


def _copied(rows: QuerySet[Any], table: Table, columns: list[Combinable], how: Copying) -> File:
    """What PostgreSQL writes for the rows, in chunks of about CHUNK bytes that end where a line does.

    One statement, one snapshot: rows and totals are of the same moment.
    """
    query, values = select_sql(rows, columns)
    totals, counted = totals_sql(rows, table)
    watch = Watch.begin()
    names = _listed(table.names)
    # Nothing in it is from outside: Django's own SQL with placeholders, and constants of this package. Rows
    # are numbered as they come out, sorted already; the statement asks whether they may still be sent.
    copy = f"""COPY (
        SELECT {how.select} FROM (
            SELECT {names} FROM (SELECT *, row_number() OVER () AS number FROM ({query}) AS r ({names})) AS r
            WHERE CASE WHEN number %% {ROWS_BETWEEN_LOOKS} = 1 THEN {watch.sql} ELSE true END
        ) AS r
        UNION ALL
        SELECT r.said{how.end} FROM ({totals}) AS r (said)
    ) TO STDOUT ({how.options})"""  # noqa: S608
    # A reader who leaves early cancels the COPY: the savepoint keeps the transaction around it whole.
    with (
        watch.telling(),
        transaction.atomic(using=rows.db),
        connections[rows.db].cursor() as cursor,
        cursor.copy(copy, (*values, *watch.values, *counted)) as written,
    ):
        said = yield from _in_chunks(written, how.seen)
    watch.look()
    return Totals.of_line(said)


def _in_chunks(written: Iterable[bytes | memoryview], seen: Seen) -> Generator[bytes, None, bytes]:
    """The lines, several at a time; the last one is returned instead. A header counts as a line."""
    lines: list[bytes | memoryview] = []
    size = done = 0
    for line in written:
        if size >= CHUNK:
            yield b"".join(lines)
            done += len(lines)
            seen(done)
            lines.clear()
            size = 0
        lines.append(line)
        size += len(line)
    last = bytes(lines.pop())  # there is one at least: the totals
    if lines:
        yield b"".join(lines)
    return last


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
