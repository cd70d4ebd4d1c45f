"""A report as a file: CSV, JSON and XLSX with a header that says what it is, and text for a terminal."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from auditing.exports.harmless import harmless_text
from auditing.exports.workbook import OPTIONS
from auditing.records import decimal_of_thousandths, iso_utc
from auditing.reports.asked import group_words
from auditing.reports.credit_report import CreditReport, Line

type Figure = int | str | None


def _credits(thousandths: int | None) -> str | None:
    """Whole credits as decimal text; None where nobody knows."""
    return None if thousandths is None else f"{decimal_of_thousandths(thousandths):f}"


COLUMNS: Mapping[str, Callable[[Line], Figure]] = {
    "jobs": lambda line: line.jobs,
    "completed_jobs": lambda line: line.completed_jobs,
    "failed_jobs": lambda line: line.failed_jobs,
    "unresolved_jobs": lambda line: line.unresolved,
    "credits_gross": lambda line: _credits(line.credits.gross),
    "credits_refunded": lambda line: _credits(line.credits.refunded),
    "credits_net": lambda line: _credits(line.credits.net),
    "credits_on_completed": lambda line: _credits(line.completed.net),
    "credits_on_failed": lambda line: _credits(line.failed.net),
    "jobs_with_credits": lambda line: line.credits.known,
    "jobs_with_documented_credits": lambda line: line.credits.documented,
    "jobs_left_out": lambda line: line.credits.left_out,
    "jobs_without_credits": lambda line: line.credits.unknown,
    "credits_per_completed_video": lambda line: _credits(line.per_video),
    "credits_per_completed_second": lambda line: _credits(line.per_second),
}
"""The columns of every file, in order. An empty one is not known, which is never 0."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file's bytes, its media type and its name's ending."""

    content: bytes
    media_type: str
    ending: str


def figures(line: Line) -> dict[str, Figure]:
    """The figures of one line by the names of the columns."""
    return {name: read(line) for name, read in COLUMNS.items()}


def preamble(report: CreditReport, asked_by: str) -> list[tuple[str, str]]:
    """What the report is, before its figures."""
    period = report.asked.period
    return [
        ("report", "credits"),
        ("what", report.asked.words()),
        ("period_from", period.first.isoformat() if period.first else ""),
        ("period_to", period.last.isoformat() if period.last else ""),
        ("query", report.asked.canonical()),
        ("time_zone", report.zone.key),
        ("as_of", iso_utc(report.as_of) or ""),
        ("asked_by", asked_by),
        ("documented_credits", "counted" if report.asked.documented else "left out"),
        ("undated_jobs", f"{report.undated.jobs} ({'counted' if report.has_undated else 'in no period'})"),
    ]


def _groups(report: CreditReport) -> list[str]:
    return [group_words(one) for one in report.asked.group_by]


def _rows(report: CreditReport) -> Iterable[tuple[tuple[str, ...], Line]]:
    """Each line with its names, the total last."""
    for line in report.lines:
        yield line.names, line
    width = len(report.asked.group_by)
    yield ("Total", *[""] * (width - 1))[: max(width, 1)], report.total


def as_csv(report: CreditReport, asked_by: str) -> Written:
    """The header's lines, an empty one, the columns' names, the groups and the total."""
    out = io.StringIO(newline="")
    write = csv.writer(out, lineterminator="\r\n").writerow
    for name, said in preamble(report, asked_by):
        write((name, harmless_text(said)))
    write(())
    write((*(_groups(report) or ["group"]), *COLUMNS))
    for names, line in _rows(report):
        write((*map(harmless_text, names), *figures(line).values()))
    return Written(out.getvalue().encode(), "text/csv; charset=utf-8; header=present", "csv")


def as_json(report: CreditReport, asked_by: str) -> Written:
    """One object; credits are decimal text, since readers take JSON's numbers for inexact ones."""
    said: dict[str, Any] = dict(preamble(report, asked_by))
    groups = _groups(report)
    said["lines"] = [
        {"group": dict(zip(groups, line.names, strict=True)), **figures(line)} for line in report.lines
    ]
    said["total"] = figures(report.total)
    said["undated"] = figures(report.undated)
    if report.before and report.before_period and report.before_period.first and report.before_period.last:
        ends = (report.before_period.first.isoformat(), report.before_period.last.isoformat())
        said["period_before"] = {"period_from": ends[0], "period_to": ends[1], **figures(report.before)}
    return Written(
        json.dumps(said, indent=2, ensure_ascii=False).encode() + b"\n", "application/json", "json"
    )


def as_xlsx(report: CreditReport, asked_by: str) -> Written:
    """One sheet with the same lines; text and number cells only."""
    out = io.BytesIO()
    options = {**OPTIONS, "constant_memory": False, "in_memory": True}
    with xlsxwriter.Workbook(out, options) as workbook:
        sheet, line_number = workbook.add_worksheet("Credits"), 0
        for line_number, (name, text) in enumerate(preamble(report, asked_by)):
            sheet.write_string(line_number, 0, name)
            sheet.write_string(line_number, 1, text)
        for place, name in enumerate((*(_groups(report) or ["group"]), *COLUMNS)):
            sheet.write_string(line_number + 2, place, name)
        for below, (names, line) in enumerate(_rows(report), line_number + 3):
            for place, value in enumerate((*names, *figures(line).values())):
                if place >= len(names) and value is not None:
                    sheet.write_number(below, place, float(value))
                elif value is not None:
                    sheet.write_string(below, place, str(value))
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Written(out.getvalue(), media_type, "xlsx")


_IN_TEXT = ("jobs", "credits_gross", "credits_refunded", "credits_net", "credits_on_failed")


def as_text(report: CreditReport, asked_by: str) -> Written:
    """The header and a table of the main figures, for people at a terminal."""
    head = [f"{name}: {said}" for name, said in preamble(report, asked_by) if said]
    columns = [*(_groups(report) or ["group"]), *_IN_TEXT, "jobs_without_credits"]
    table = [columns]
    for names, line in _rows(report):
        found = figures(line)
        shown = ["unknown" if found[name] is None else str(found[name]) for name in columns[len(names) :]]
        table.append([*names, *shown])
    widths = [max(len(row[place]) for row in table) for place in range(len(columns))]
    words = len(columns) - len(_IN_TEXT) - 1
    lines = [
        "  ".join(
            cell.ljust(width) if place < words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
    return Written("\n".join([*head, "", *lines, ""]).encode(), "text/plain; charset=utf-8", "txt")


FORMATS: Mapping[str, Callable[[CreditReport, str], Written]] = {
    "csv": as_csv,
    "json": as_json,
    "xlsx": as_xlsx,
    "text": as_text,
}
