"""Generations as CSV, JSON Lines and XLSX: written by the database, streamed, in flat memory.

PostgreSQL formats CSV and JSON itself (`COPY … TO STDOUT`), several times as fast as Python could: so the
columns are SQL expressions. Rows come from `access.visible_to` and `GenerationFilter.ordered`. Streams must
be used up, or closed, inside `access.acting_as`.

A file shows the rows as they were at one moment: one statement, one snapshot. What its person may see is
asked anew all the while (`access.Watch`); a file that is broken off ends in words that no reader of its
format takes for a row, because not every server can let a download fail.
"""

import tempfile
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from django.db import connections, transaction
from django.db.models import F, Func, QuerySet, TextField
from django.db.models.expressions import Combinable
from django.db.models.fields import DecimalField

from auditing.access import Watch
from auditing.models import Generation

CHUNK = 64 * 1024
ROWS_AT_ONCE = 2000
ROWS_BETWEEN_LOOKS = 500
BROKEN_OFF = "This file is incomplete: it was broken off."


def _time(column: str) -> Func:
    """ISO 8601 UTC with `Z`, as `records.iso_utc` writes it: without a fraction, or with milliseconds."""
    return Func(
        F(column),
        template="replace(to_char(%(expressions)s AT TIME ZONE 'UTC', "
        """'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '.000Z', 'Z')""",
        output_field=TextField(),
    )


def _thousandths(column: str) -> Func:
    """Whole thousandths as the exact number that the provider gave: 7000 → 7, 2500 → 2.5."""
    return Func(
        F(column),
        template="trim_scale(%(expressions)s * 0.001)",
        output_field=DecimalField(max_digits=22, decimal_places=3),
    )


COLUMNS: Mapping[str, Combinable] = {
    "provider": F("provider"),
    "external_id": F("external_id"),
    "team": F("team__slug"),
    "owner": F("owner__username"),
    "project": F("project__name"),
    "account": F("account__label"),
    "status": F("status"),
    "provider_status": F("provider_status"),
    "outcome": F("lookup__outcome"),
    "title": F("title"),
    "description": F("description"),
    "mode": F("mode"),
    "resolution": F("resolution"),
    "duration_seconds": _thousandths("duration_milliseconds"),
    "output_url": F("output_url"),
    "output_key": F("output_key"),
    "thumbnail_url": F("thumbnail_url"),
    "credits_used": _thousandths("credits_thousandths"),
    "credits_basis": F("credits_basis"),
    "message": F("message"),
    "error": F("error"),
    "created_at": _time("created_at"),
    "updated_at": _time("updated_at"),
    "processing_started_at": _time("processing_started_at"),
    "processing_completed_at": _time("processing_completed_at"),
    "synced_at": _time("lookup__synced_at"),
}
"""Every column of an export, in order: its name and its value. Unknowns are null."""

FOREIGN = (
    "external_id",
    "team",
    "owner",
    "project",
    "account",
    "provider_status",
    "title",
    "description",
    "mode",
    "resolution",
    "output_url",
    "output_key",
    "thumbnail_url",
    "message",
    "error",
)
"""The columns whose text others wrote: providers and people. The rest are our own words and numbers."""

# What a spreadsheet skips before it looks for a formula's first character: white space and what has no width.
_SKIPPED = r"[\s\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]"
FORMULA = rf"^[\t\r\n]|^{_SKIPPED}*[-=+@\uff1d\uff0b\uff0d\uff20]"
"""What a cell must not begin with, as a regular expression that Python and PostgreSQL read alike."""


def _harmless(column: Combinable) -> Func:
    """Text with an apostrophe in front where a spreadsheet would take it for a formula.

    Most text begins with a letter, which needs no regular expression.
    """
    return Func(
        column,
        template="CASE WHEN ascii(%(expressions)s) BETWEEN 65 AND 126 THEN %(expressions)s "
        rf"WHEN %(expressions)s ~ '{FORMULA}' THEN '''' || %(expressions)s ELSE %(expressions)s END",
        output_field=TextField(),
    )


def export_csv(rows: QuerySet[Generation]) -> Generator[bytes]:
    """RFC 4180 in UTF-8 with a header; lines end with LF. An unknown is empty, an empty text is `""`.

    What others wrote is always quoted: a spreadsheet that separates by semicolons or tabs splits no cell.
    """
    columns = [_harmless(column) if name in FOREIGN else column for name, column in COLUMNS.items()]
    options = f"FORMAT csv, HEADER, FORCE_QUOTE ({_listed(FOREIGN)})"
    # More cells than the header has: programs refuse the file, and people read why.
    notice = f'"{BROKEN_OFF}"{"," * len(COLUMNS)}\n'.encode()
    yield from _aloud(_copied(rows, columns, select="*", options=options), notice)


def export_ndjson(rows: QuerySet[Generation]) -> Generator[bytes]:
    """One JSON object a line, in UTF-8: every column of every row, the unknown ones null."""
    # The CSV format puts out a JSON text as it is, when quote and delimiter are characters that JSON escapes.
    options = r"FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02'"
    chunks = _copied(rows, list(COLUMNS.values()), select="row_to_json(r)", options=options)
    yield from _aloud(chunks, f"{BROKEN_OFF}\n".encode())


def _aloud(chunks: Generator[bytes], notice: bytes) -> Generator[bytes]:
    """The chunks; and where they are broken off, the notice before the error goes on its way."""
    try:
        yield from chunks
    except Exception:
        yield notice
        raise


def json_lines(rows: QuerySet[Generation]) -> list[bytes]:
    """The lines that `export_ndjson` writes for these rows, at once: for a page of them."""
    query, values = _sql(rows, list(COLUMNS.values()))
    # Nothing in it is from outside: Django's own SQL with placeholders, and constants of this module.
    select = f"SELECT row_to_json(r)::text FROM ({query}) AS r ({_listed(COLUMNS)})"  # noqa: S608
    with connections[rows.db].cursor() as cursor:
        cursor.execute(select, values)
        return [line.encode() for (line,) in cursor.fetchall()]


def _copied(
    rows: QuerySet[Generation], columns: list[Combinable], *, select: str, options: str
) -> Generator[bytes]:
    """What PostgreSQL writes for the rows, in chunks of about CHUNK bytes that end where a line does."""
    query, values = _sql(rows, columns)
    watch = Watch.begin()
    names = _listed(COLUMNS)
    # Nothing in it is from outside: Django's own SQL with placeholders, and constants of this module. Rows
    # are numbered as they come out, sorted already; the statement asks whether they may still be sent.
    copy = f"""COPY (
        SELECT {select} FROM (
            SELECT {names} FROM (SELECT *, row_number() OVER () AS number FROM ({query}) AS r ({names})) AS r
            WHERE CASE WHEN number %% {ROWS_BETWEEN_LOOKS} = 1 THEN {watch.sql} ELSE true END
        ) AS r
    ) TO STDOUT ({options})"""  # noqa: S608
    # A reader who leaves early cancels the COPY: the savepoint keeps the transaction around it whole.
    with (
        watch.telling(),
        transaction.atomic(using=rows.db),
        connections[rows.db].cursor() as cursor,
        cursor.copy(copy, (*values, *watch.values)) as written,
    ):
        yield from _in_chunks(written)
    watch.look()


def _in_chunks(written: Iterable[bytes | memoryview]) -> Generator[bytes]:
    lines: list[bytes | memoryview] = []
    size = 0
    for line in written:
        lines.append(line)
        size += len(line)
        if size >= CHUNK:
            yield b"".join(lines)
            lines.clear()
            size = 0
    if lines:
        yield b"".join(lines)


def _sql(rows: QuerySet[Generation], columns: list[Combinable]) -> tuple[str, tuple[Any, ...]]:
    """The SELECT of these columns; also for rows of which Django knows that there are none."""
    compiler = rows.values_list(*columns).query.get_compiler(rows.db, elide_empty=False)
    query, values = compiler.as_sql()
    return query, tuple(values)


def _listed(names: Mapping[str, Any] | tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names)


SHEET_ROWS = 1_048_576
CELL_CUT = 16_000
CUT = " … (cut: a cell holds no more; CSV and JSON Lines have all of it)"
TOO_LONG = -2


def export_xlsx(rows: QuerySet[Generation], *, sheet_rows: int = SHEET_ROWS) -> Generator[bytes]:
    """An Excel workbook with a header and text and number cells only: no formula, no link.

    Rows that don't fit on one sheet go on on the next. It is made in a temporary file before the first byte
    is yielded, because a workbook's index lies at its end: one that is broken off can't be opened.
    """
    watch = Watch.begin()
    with tempfile.TemporaryDirectory(prefix="clipledger-export-") as folder:
        path = Path(folder) / "export.xlsx"
        _write_workbook(path, _values(rows, watch), sheet_rows, folder)
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                watch.look()
                yield chunk


def _write_workbook(path: Path, values: Generator[tuple[Any, ...]], sheet_rows: int, folder: str) -> None:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": folder,
    }
    with xlsxwriter.Workbook(path, options) as workbook, closing(values):
        sheet, line = _new_sheet(workbook), 1
        for row in values:
            if line == sheet_rows:
                sheet, line = _new_sheet(workbook), 1
            _write_row(sheet, line, row)
            line += 1


def _values(rows: QuerySet[Generation], watch: Watch) -> Generator[tuple[Any, ...]]:
    found = rows.values_list(*COLUMNS.values()).iterator(chunk_size=ROWS_AT_ONCE)
    for number, row in enumerate(found):
        if number % ROWS_AT_ONCE == 0:
            watch.look()
        yield row


def _new_sheet(workbook: xlsxwriter.Workbook) -> Any:
    sheet = workbook.add_worksheet()
    sheet.freeze_panes(1, 0)
    for place, name in enumerate(COLUMNS):
        sheet.write_string(0, place, name)
    return sheet


def _write_row(sheet: Any, line: int, row: tuple[Any, ...]) -> None:
    for place, value in enumerate(row):
        if isinstance(value, Decimal):
            sheet.write_number(line, place, value)
        elif value is not None and sheet.write_string(line, place, value) == TOO_LONG:
            sheet.write_string(line, place, value[:CELL_CUT] + CUT)


@dataclass(frozen=True, slots=True)
class Format:
    """One format of exports: how it is written, its media type and its file name's ending."""

    write: Callable[[QuerySet[Generation]], Generator[bytes]]
    media_type: str
    ending: str


FORMATS: Mapping[str, Format] = {
    "ndjson": Format(export_ndjson, "application/x-ndjson", "ndjson"),
    "csv": Format(export_csv, "text/csv; charset=utf-8; header=present", "csv"),
    "xlsx": Format(export_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
}
