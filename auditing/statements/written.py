"""A reconciliation as a file that says what it is: CSV as a stream, XLSX up to a size; sums come last."""

import csv
import io
import tempfile
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import xlsxwriter
from django.conf import settings

from auditing.exports import BROKEN_OFF
from auditing.exports.harmless import harmless_text
from auditing.exports.workbook import OPTIONS
from auditing.models import Statement
from auditing.records import decimal_of_thousandths, iso_utc
from auditing.statements.comparing import Pair
from auditing.statements.kinds import WORDS, Figure, Kind
from auditing.statements.reconciling import pairs_of

MOST_IN_XLSX = 100_000
CHUNK = 64 * 1024
CSV_TYPE = "text/csv; charset=utf-8; header=present"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (
    "class", "ids", "external_id", "line", "lines", "lines_without_credits", "charged_at", "credits_there",
    "credits_here", "credits_here_net", "credits_here_gross", "credits_elsewhere", "difference", "created_at",
    "status",
)  # fmt: skip
FIGURES = {Figure.NET: "net: what is charged by now", Figure.GROSS: "gross: what was charged at its most"}

type Cell = str | int | Decimal | None
type Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWanted:
    """A file of a statement's ids (of one kind), by one of our figures; the statement with its account."""

    statement: Statement
    figure: Figure
    kind: Kind | None
    asked_by: str
    as_of: datetime

    def head(self) -> list[tuple[str, str]]:
        """What the file is, by name."""
        of = self.statement
        return [
            ("report", "reconciliation"),
            ("statement", str(of.pk)),
            ("account", of.account.label),
            ("provider", of.account.provider),
            ("reference", of.reference),
            ("period_from", of.first.isoformat()),
            ("period_to", of.last.isoformat()),
            ("time_zone", settings.REPORT_TIME_ZONE),
            ("stated_total", _said(of.total_thousandths)),
            ("lines", str(of.lines)),
            ("lines_without_credits", str(of.lines_unknown)),
            ("lines_add_up_to", _said(of.lines_thousandths)),
            ("withdrawn", iso_utc(of.withdrawn_at) or ""),
            ("figure", FIGURES[self.figure]),
            ("class", self.kind.value if self.kind else "all"),
            ("difference", "what is known there less what is known here; what is unknown adds nothing to it"),
            ("as_of", iso_utc(self.as_of) or ""),
            ("asked_by", self.asked_by),
        ]

    def rows(self) -> Iterator[Row]:
        """A row for each id in their order, then the sums of each class, then all of them."""
        sums: dict[Kind, _Sum] = defaultdict(_Sum)
        for pair in pairs_of(self.statement, self.figure, self.kind):
            row = _row(pair)
            sums[pair.kind].add(row)
            yield row
        for kind in Kind:
            if kind in sums:
                yield sums[kind].row(f"Total: {WORDS[kind][0]}")
        if self.kind is None:
            yield from self._ends(sums.values())

    def _ends(self, sums: Iterable["_Sum"]) -> Iterator[Row]:
        """The stated total less its lines, and the total, whose difference is the sum of all above it."""
        every, of = _Sum(), self.statement
        for one in sums:
            every.add(one.row(""))
        if of.total_thousandths is not None:
            beside = _Sum()
            rest = decimal_of_thousandths(of.total_thousandths - (of.lines_thousandths or 0))
            beside.values |= {"credits_there": rest, "difference": rest}
            yield beside.row("Stated total less its lines")
            every.add(beside.row(""))
        yield every.row("Total")


@dataclass(slots=True)
class _Sum:
    """Cells that are added up, by their columns; None where nothing is known of any."""

    values: dict[str, Any] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        for name, value in zip(COLUMNS, row, strict=True):
            if name in _ADDED and value is not None:
                self.values[name] = self.values.get(name, 0) + value

    def row(self, words: str) -> Row:
        return (words, *(self.values.get(name) for name in COLUMNS[1:]))


_ADDED = frozenset(
    {
        "ids", "lines", "lines_without_credits", "credits_there", "credits_here", "credits_here_net",
        "credits_here_gross", "credits_elsewhere", "difference",
    }
)  # fmt: skip


def _row(pair: Pair) -> Row:
    counts = pair.kind.counts_ours
    return (
        pair.kind.value,
        1,
        pair.external_id,
        pair.line,
        pair.lines,
        pair.lines_unknown,
        iso_utc(pair.charged_at),
        decimal_of_thousandths(pair.theirs),
        decimal_of_thousandths(pair.ours) if counts else None,
        decimal_of_thousandths(pair.net) if counts else None,
        decimal_of_thousandths(pair.gross) if counts else None,
        None if counts else decimal_of_thousandths(pair.ours),
        decimal_of_thousandths(pair.difference),
        iso_utc(pair.created_at),
        pair.status,
    )


def _said(thousandths: int | None) -> str:
    return "" if thousandths is None else f"{decimal_of_thousandths(thousandths):f}"


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return harmless_text(cell)
    return "" if cell is None else f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def csv_of(wanted: FileWanted) -> Generator[bytes]:
    """The header's lines, an empty one, the columns' names, ids and sums, in chunks and flat memory; empty is
    not known. A file that is broken off says so in its last line."""
    lines = _csv_lines(wanted)
    chunk = list[str]()
    size = 0
    try:
        for line in lines:
            chunk.append(line)
            size += len(line)
            if size >= CHUNK:
                yield "".join(chunk).encode()
                chunk.clear()
                size = 0
    except Exception:
        yield f"{''.join(chunk)}{BROKEN_OFF}{',' * len(COLUMNS)}\r\n".encode()
        raise
    yield "".join(chunk).encode()


def _csv_lines(wanted: FileWanted) -> Iterator[str]:
    out = io.StringIO(newline="")
    write = csv.writer(out, lineterminator="\r\n").writerow
    head: Sequence[Sequence[str]] = (*wanted.head(), (), COLUMNS)
    for line in head:
        write(map(harmless_text, line))
    for row in wanted.rows():
        write(map(_text, row))
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def xlsx_of(wanted: FileWanted) -> bytes:
    """The same as a workbook of text and number cells; for MOST_IN_XLSX ids at the most."""
    with tempfile.TemporaryDirectory(prefix="clipledger-statement-") as folder:
        path = Path(folder) / "statement.xlsx"
        with xlsxwriter.Workbook(path, {**OPTIONS, "tmpdir": folder}) as workbook:
            sheet = workbook.add_worksheet("Reconciliation")
            above: Sequence[Row] = (*wanted.head(), (), COLUMNS)
            for line, row in enumerate(chain(above, wanted.rows())):
                for place, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(line, place, cell)
                    elif cell is not None:
                        sheet.write_number(line, place, float(cell))
        return path.read_bytes()
