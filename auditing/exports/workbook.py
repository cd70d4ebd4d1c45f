"""XLSX: a workbook of text and number cells, made in a temporary file in flat memory, and then sent."""

import tempfile
from collections.abc import Generator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from django.db.models import QuerySet

from auditing.access import Watch
from auditing.exports.columns import GENERATIONS, Table
from auditing.exports.texts import CHUNK, File, Seen, nobody
from auditing.exports.totals import Counting

ROWS_AT_ONCE = 2000
SHEET_ROWS = 1_048_576
CELL_CUT = 16_000
CUT = " … (cut: a cell holds no more; CSV and JSON Lines have all of it)"
TOO_LONG = -2
# Text stays text, whatever it looks like: no formula, no link, no number.
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def export_xlsx(
    rows: QuerySet[Any],
    table: Table = GENERATIONS,
    *,
    seen: Seen = nobody,
    sheet_rows: int = SHEET_ROWS,
) -> File:
    """An Excel workbook with a header and text and number cells only: no formula, no link.

    Rows that don't fit on one sheet go on on the next. It is made in a temporary file before the first byte
    is yielded, because a workbook's index lies at its end: one that is broken off can't be opened.
    """
    watch, counting = Watch.begin(), Counting(table)

    def look(done: int) -> None:
        watch.look()
        seen(done)

    with tempfile.TemporaryDirectory(prefix="clipledger-export-") as folder:
        path = Path(folder) / "export.xlsx"
        _write_workbook(path, _values(rows, table, counting, look), table.names, sheet_rows)
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                watch.look()
                yield chunk
    return counting.totals


def _write_workbook(
    path: Path, values: Generator[tuple[Any, ...]], names: tuple[str, ...], sheet_rows: int
) -> None:
    with xlsxwriter.Workbook(path, {**OPTIONS, "tmpdir": str(path.parent)}) as workbook, closing(values):
        sheet, line = _new_sheet(workbook, names), 1
        for row in values:
            if line == sheet_rows:
                sheet, line = _new_sheet(workbook, names), 1
            _write_row(sheet, line, row)
            line += 1


def _values(rows: QuerySet[Any], table: Table, counting: Counting, look: Seen) -> Generator[tuple[Any, ...]]:
    columns = [column.value for column in table.columns]
    found = rows.values_list(*columns, *counting.extra).iterator(chunk_size=ROWS_AT_ONCE)
    for number, row in enumerate(found):
        if number % ROWS_AT_ONCE == 0:
            look(number)
        yield counting.seen(row)


def _new_sheet(workbook: xlsxwriter.Workbook, names: tuple[str, ...]) -> Any:
    sheet = workbook.add_worksheet()
    sheet.freeze_panes(1, 0)
    for place, name in enumerate(names):
        sheet.write_string(0, place, name)
    return sheet


def _write_row(sheet: Any, line: int, row: tuple[Any, ...]) -> None:
    for place, value in enumerate(row):
        if isinstance(value, Decimal):
            sheet.write_number(line, place, value)
        elif value is not None and sheet.write_string(line, place, value) == TOO_LONG:
            sheet.write_string(line, place, value[:CELL_CUT] + CUT)
