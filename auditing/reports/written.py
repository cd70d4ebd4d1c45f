"""A report as a file: CSV, JSON and XLSX with a header that says what it is, and text for a terminal."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from auditing.exports.harmless import harmless_text
from auditing.exports.workbook import OPTIONS
from auditing.reports.sheets import Figures, Sheet


@dataclass(frozen=True, slots=True)
class Written:
    """A file's bytes, its media type and its name's ending."""

    content: bytes
    media_type: str
    ending: str


def _groups(sheet: Sheet) -> list[str]:
    return [*sheet.groups] or ["group"]


def _rows(sheet: Sheet) -> Iterator[tuple[tuple[str, ...], Figures]]:
    """Each line with its names, the total last."""
    yield from sheet.lines
    yield ("Total", *[""] * (len(_groups(sheet)) - 1)), sheet.total


def as_csv(sheet: Sheet) -> Written:
    """The header's lines, an empty one, the columns' names, the groups and the total; empty is not known."""
    out = io.StringIO(newline="")
    write = csv.writer(out, lineterminator="\r\n").writerow
    for name, said in sheet.head:
        write((name, harmless_text(said)))
    write(())
    write((*_groups(sheet), *sheet.columns))
    for names, figures in _rows(sheet):
        write((*map(harmless_text, names), *figures.values()))
    return Written(out.getvalue().encode(), "text/csv; charset=utf-8; header=present", "csv")


def as_json(sheet: Sheet) -> Written:
    """One object."""
    said: dict[str, Any] = dict(sheet.head)
    said["lines"] = [
        {"group": dict(zip(sheet.groups, names, strict=True)), **figures} for names, figures in sheet.lines
    ]
    said |= {"total": sheet.total, **sheet.beside}
    content = json.dumps(said, indent=2, ensure_ascii=False).encode() + b"\n"
    return Written(content, "application/json", "json")


def as_xlsx(sheet: Sheet) -> Written:
    """One sheet with the same lines; text and number cells only."""
    out = io.BytesIO()
    options = {**OPTIONS, "constant_memory": False, "in_memory": True}
    with xlsxwriter.Workbook(out, options) as workbook:
        cells = workbook.add_worksheet(sheet.name)
        for number, (name, text) in enumerate(sheet.head):
            cells.write_string(number, 0, name)
            cells.write_string(number, 1, text)
        top = len(sheet.head) + 1
        for place, name in enumerate((*_groups(sheet), *sheet.columns)):
            cells.write_string(top, place, name)
        for below, (names, figures) in enumerate(_rows(sheet), top + 1):
            for place, text in enumerate(names):
                cells.write_string(below, place, text)
            for place, value in enumerate(figures.values(), len(names)):
                if value is not None:
                    cells.write_number(below, place, float(value))
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Written(out.getvalue(), media_type, "xlsx")


def as_text(sheet: Sheet) -> Written:
    """The header and a table of the main figures, for people at a terminal."""
    table = [[*_groups(sheet), *sheet.in_text]]
    for names, figures in _rows(sheet):
        shown = ["unknown" if figures[name] is None else str(figures[name]) for name in sheet.in_text]
        table.append([*names, *shown])
    widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))]
    words = len(_groups(sheet))
    lines = [
        "  ".join(
            cell.ljust(width) if place < words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
    head = [f"{name}: {said}" for name, said in sheet.head if said]
    return Written("\n".join([*head, "", *lines, ""]).encode(), "text/plain; charset=utf-8", "txt")


FORMATS: Mapping[str, Callable[[Sheet], Written]] = {
    "csv": as_csv,
    "json": as_json,
    "xlsx": as_xlsx,
    "text": as_text,
}
