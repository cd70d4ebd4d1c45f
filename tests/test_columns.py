"""The registry of the list's columns agrees with all that it names: files, sorts, cells, style sheet."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from auditing.columns import COLUMNS, LEADS, USUAL, Column, chosen, exports_of
from auditing.exports import GENERATIONS
from auditing.filters.sorting import SORTS
from auditing.templatetags.cells import CELLS
from auditing.views.table import ROOMS

STYLES = Path(settings.BASE_DIR) / "auditing" / "static" / "auditing" / "css" / "tables.css"


@pytest.mark.parametrize("column", COLUMNS.values(), ids=lambda column: column.key)
def test_what_a_column_names_is_there(column: Column) -> None:
    """Its sort, the columns of files, and in the style sheet the same width."""
    assert not column.sort or column.sort in SORTS
    assert set(column.exports) <= set(GENERATIONS.names)
    said = re.search(rf"\.col-{column.key} {{ width: ([0-9.]+)rem; }}", STYLES.read_text())
    assert column.stretches if said is None else float(said[1]) == column.width
    assert not column.stretches or f"--table-title: {column.width}rem" in STYLES.read_text()


def test_every_column_has_a_cell() -> None:
    """And every cell a column."""
    assert list(CELLS) == list(COLUMNS)


def test_the_style_sheet_knows_every_room() -> None:
    """A table that is wider than its room scrolls in its own box."""
    for room in ROOMS:
        assert f"(width < {room}rem) {{ .needs-{room} {{ --table-scrolls: auto;" in STYLES.read_text()
    assert sum(column.width for column in COLUMNS.values()) <= ROOMS[-1]


def test_columns_come_in_the_order_they_were_chosen_in() -> None:
    """Each once; what this version does not know is left out, what leads to a record never is."""
    assert [column.key for column in chosen(["team", "title", "team", "luck"])] == ["team", "title"]
    assert chosen(["team"]) == (LEADS, COLUMNS["team"])
    assert chosen(["luck"]) == chosen([]) == USUAL


def test_a_file_of_what_is_shown_has_each_column_once() -> None:
    """In the order of the list."""
    shown = chosen(["created", "title", "waiting"])
    assert exports_of(shown) == ("created_at", "title", "external_id", "processing_started_at")
