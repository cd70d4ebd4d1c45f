"""Files read back as spreadsheets read them."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator

from auditing.exports import FORMULA

# Written apart from the code's own list: the signs that begin a formula, and what spreadsheets may skip.
SIGNS = frozenset("=+-@−\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20")
UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def is_skipped(letter: str) -> bool:
    """White space of every kind, control and format characters, and fillers that look like nothing."""
    return (
        letter in UNSEEN or letter.isspace() or unicodedata.category(letter) in ("Cc", "Cf", "Zs", "Zl", "Zp")
    )


def begins_formula(cell: str) -> bool:
    """Whether a spreadsheet could take a cell with this text for a formula."""
    if cell[:1] in ("\t", "\r", "\n"):
        return True
    rest = cell
    while rest and is_skipped(rest[0]):
        rest = rest[1:]
    return rest[:1] in SIGNS


def as_written(cell: str) -> str:
    """The text that a cell of a CSV export stands for, by the documented rule."""
    return cell[1:] if cell[:1] == "'" and re.search(FORMULA, cell[1:]) else cell


def table(content: bytes) -> list[list[str]]:
    """The cells of a CSV file, header included."""
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def unescaped(text: str) -> str:
    """A workbook's text with its escapes for control characters undone."""
    return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text)


def rows_of_workbook(content: bytes) -> Iterator[tuple[object, ...]]:
    """Every row of every sheet, as another library reads it; fails for a formula and for a link."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=False)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n", "inlineStr"), (cell.coordinate, cell.data_type)
                assert cell.hyperlink is None, cell.coordinate
            yield tuple(unescaped(cell.value) if isinstance(cell.value, str) else cell.value for cell in row)
