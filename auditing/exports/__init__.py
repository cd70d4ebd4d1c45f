"""Rows as CSV, JSON Lines and XLSX: exactly what a filter selects, streamed, in flat memory.

Rows come from `access.visible_to` and `GenerationFilter.ordered`; columns are SQL expressions of a `Table`.
Streams must be used up, or closed, inside `access.acting_as`.

A file shows the rows as they were at one moment: one statement, one snapshot. What its person may see is
asked anew all the while (`access.Watch`); a file that is broken off ends in words that no reader of its
format takes for a row, because not every server can let a download fail.
"""

from auditing.exports.columns import GENERATIONS, TRAIL, Column, Table, UnknownColumns
from auditing.exports.formats import FORMATS, Format
from auditing.exports.harmless import FORMULA
from auditing.exports.texts import BROKEN_OFF, File, export_csv, export_ndjson, json_lines
from auditing.exports.totals import Credits, Totals
from auditing.exports.workbook import CUT, export_xlsx

__all__ = [
    "BROKEN_OFF",
    "CUT",
    "FORMATS",
    "FORMULA",
    "GENERATIONS",
    "TRAIL",
    "Column",
    "Credits",
    "File",
    "Format",
    "Table",
    "Totals",
    "UnknownColumns",
    "export_csv",
    "export_ndjson",
    "export_xlsx",
    "json_lines",
]
