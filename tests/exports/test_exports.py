"""Exports hold what the list shows: the same rows in the same order, read by tools as they were written."""

import csv
import io
import json
import re
import zipfile
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditing.access import SYSTEM, Person, acting_as, visible_to
from auditing.exports import (
    COLUMNS,
    CUT,
    FOREIGN,
    FORMATS,
    FORMULA,
    export_csv,
    export_ndjson,
    export_xlsx,
    json_lines,
)
from auditing.filters import GenerationFilter
from auditing.models import Generation, Lookup
from auditing.records import iso_utc, json_number_of_thousandths
from tests.filters.population import PEOPLE, Population

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
DESIGN = """provider external_id team owner project account status provider_status outcome title description
    mode resolution duration_seconds output_url output_key thumbnail_url credits_used credits_basis message
    error created_at updated_at processing_started_at processing_completed_at synced_at"""


def exported(name: str, query: str = "", person: Person = SYSTEM, **options: Any) -> bytes:
    """The whole export of a query string, as this person gets it."""
    with acting_as(person):
        rows = GenerationFilter.from_query(QueryDict(query)).ordered(visible_to(person))
        return b"".join(FORMATS[name].write(rows, **options))


def objects(content: bytes) -> list[dict[str, Any]]:
    """The objects of an NDJSON export."""
    return [json.loads(line) for line in content.decode().splitlines()]


def table(content: bytes) -> list[list[str]]:
    """The cells of a CSV export, header included."""
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def sheets(content: bytes) -> list[list[list[str | float | None]]]:
    """The cells of a workbook, sheet by sheet; fails for any formula or link."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
        assert not any("rels" in name and "worksheets" in name for name in book.namelist())
        return [_sheet(ElementTree.fromstring(book.read(name))) for name in names]  # noqa: S314 - made here


def _sheet(root: ElementTree.Element) -> list[list[str | float | None]]:
    assert root.find(f".//{SHEET}f") is None
    assert root.find(f".//{SHEET}hyperlink") is None
    rows = []
    for row in root.iter(f"{SHEET}row"):
        cells: list[str | float | None] = [None] * len(COLUMNS)
        for cell in row:
            place = _column(cell.attrib["r"])
            cells[place] = _text(cell) if cell.attrib.get("t") == "inlineStr" else float(cell[0].text or "")
        rows.append(cells)
    return rows


def _column(reference: str) -> int:
    place = 0
    for letter in reference.rstrip("0123456789"):
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def _text(cell: ElementTree.Element) -> str:
    text = "".join(part.text or "" for part in cell.iter(f"{SHEET}t"))
    return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text)


def expected(row: Generation) -> dict[str, Any]:
    """One row as an export should have it, from Python's own account of the formats."""
    times = ("created_at", "updated_at", "processing_started_at", "processing_completed_at")
    found = Lookup.objects.filter(generation=row).first()
    values = {name: getattr(row, name, None) for name in COLUMNS}
    return values | {
        "team": row.team.slug,
        "owner": row.owner.username if row.owner else None,
        "project": row.project.name if row.project else None,
        "account": row.account.label,
        "outcome": found.outcome if found else None,
        "synced_at": iso_utc(found.synced_at) if found else None,
        "duration_seconds": json_number_of_thousandths(row.duration_milliseconds),
        "credits_used": json_number_of_thousandths(row.credits_thousandths),
        **{name: iso_utc(getattr(row, name)) for name in times},
    }


def test_the_columns_are_those_of_the_design_in_its_order() -> None:
    assert list(COLUMNS) == DESIGN.split()


def test_ndjson_has_every_value_as_the_records_have_it(population: Population) -> None:
    with acting_as(SYSTEM):
        rows = {row.external_id: expected(row) for row in population.generations}
    found = objects(exported("ndjson"))
    assert {row["external_id"]: row for row in found} == rows
    assert {tuple(row) for row in found} == {tuple(COLUMNS)}


def test_one_row_in_csv_and_ndjson(population: Population) -> None:
    row = population.generations[0]
    row.external_id, row.title, row.description, row.mode = "only-this", 'A "beach", at dusk', None, ""
    row.status, row.credits_thousandths, row.credits_basis = "completed", 2500, "reported"
    row.created_at = datetime(2026, 10, 1, 12, 30, 0, 120_456, tzinfo=UTC)
    row.duration_milliseconds = 8000
    row.save()
    (line,) = objects(exported("ndjson", "q=only-this"))
    assert {
        key: line[key] for key in ("title", "description", "mode", "credits_used", "duration_seconds")
    } == {
        "title": 'A "beach", at dusk',
        "description": None,
        "mode": "",
        "credits_used": 2.5,
        "duration_seconds": 8,
    }
    assert line["created_at"] == "2026-10-01T12:30:00.120Z"
    text = exported("csv", "q=only-this").decode()
    assert text.startswith("provider,external_id,team,")
    assert '"only-this"' in text
    assert '"A ""beach"", at dusk",,"",' in text
    assert ",2.5,reported," in text
    assert ",2026-10-01T12:30:00.120Z," in text


def test_csv_reopens_with_the_values_of_ndjson(population: Population) -> None:
    header, *lines = table(exported("csv", "sort=credits_used"))
    rows = objects(exported("ndjson", "sort=credits_used"))
    assert header == list(COLUMNS)
    assert len(lines) == len(rows) == len(population.generations)
    for line, row in zip(lines, rows, strict=True):
        for name, cell in zip(header, line, strict=True):
            assert cell == _as_csv(name, row[name])


def _as_csv(name: str, value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if name in FOREIGN and re.search(FORMULA, text) else text


def test_xlsx_reopens_with_the_values_of_ndjson(population: Population) -> None:
    ((header, *lines),) = sheets(exported("xlsx", "sort=-updated_at"))
    rows = objects(exported("ndjson", "sort=-updated_at"))
    assert header == list(COLUMNS)
    assert len(rows) == len(population.generations)
    assert [dict(zip(COLUMNS, line, strict=True)) for line in lines] == rows


def test_what_does_not_fit_on_a_sheet_goes_on_on_the_next(population: Population) -> None:
    found = sheets(exported("xlsx", sheet_rows=81))
    assert [len(sheet) for sheet in found] == [81, 81, 41]
    assert [sheet[0] for sheet in found] == [list(COLUMNS)] * 3
    ids = [line[1] for sheet in found for line in sheet[1:]]
    assert ids == [row["external_id"] for row in objects(exported("ndjson"))]
    assert len(ids) == len(population.generations)


def test_a_text_that_no_cell_holds_is_cut_and_says_so(population: Population) -> None:
    row = population.generations[0]
    row.description = "long " * 10_000
    row.save()
    ((_, *lines),) = sheets(exported("xlsx", "q=long+long"))
    assert [str(line[10]).endswith(CUT) for line in lines] == [True]
    assert [len(line["description"]) for line in objects(exported("ndjson", "q=long+long"))] == [50_000]


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("query", ["", "sort=updated_at&per_page=25", "owner=bob&owner=~none&sort=-title"])
def test_an_export_is_the_persons_list_row_by_row(population: Population, name: str, query: str) -> None:
    person = population.people[name]
    listed: list[str] = []
    with acting_as(person):
        page = GenerationFilter.from_query(QueryDict(query)).page(visible_to(person))
        listed.extend(row.external_id for row in page.rows)
        while page.next is not None:
            page = GenerationFilter.from_query(QueryDict(page.next)).page(visible_to(person))
            listed.extend(row.external_id for row in page.rows)
    assert [row["external_id"] for row in objects(exported("ndjson", query, person))] == listed
    assert [line[1].removeprefix("'") for line in table(exported("csv", query, person))[1:]] == listed


def test_the_page_of_a_query_string_does_not_narrow_an_export(population: Population) -> None:
    with acting_as(SYSTEM):
        query = GenerationFilter().page(visible_to(SYSTEM)).next
    assert query is not None
    assert len(objects(exported("ndjson", query))) == len(population.generations)


CELLS = st.lists(
    st.text(
        st.one_of(
            st.sampled_from("=+-@\t\r\n '\"\u00a0\u3000\ufeff\u200b\uff1d\uff0b\uff0d\uff20|%;,a1"),
            st.characters(exclude_characters="\0", codec="utf-8"),
        ),
        max_size=8,
    ),
    min_size=20,
    max_size=20,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=CELLS)
def test_no_cell_of_a_csv_starts_a_formula_and_every_text_can_be_read_back(
    population: Population, cells: list[str]
) -> None:
    chosen = population.generations[: len(cells)]
    for row, text in zip(chosen, cells, strict=True):
        row.title = text
    Generation.objects.bulk_update(chosen, ["title"])
    texts = {row.external_id: row.title for row in chosen}
    seen = 0
    for line in table(exported("csv"))[1:]:
        assert not any(cell.lstrip(" \u00a0\u3000\ufeff\u200b")[:1] in FORMULA_STARTS for cell in line)
        wanted = texts.get(line[1].removeprefix("'"))
        if wanted is not None:
            assert line[9] in (wanted, f"'{wanted}")
            seen += 1
    assert seen == len(cells)


FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=CELLS)
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(population: Population, cells: list[str]) -> None:
    chosen = population.generations[: len(cells)]
    for row, text in zip(chosen, cells, strict=True):
        row.title = f"{text}http://example.com"
    Generation.objects.bulk_update(chosen, ["title"])
    ((_, *lines),) = sheets(exported("xlsx"))
    assert len(lines) == len(population.generations)


def test_our_own_numbers_stay_numbers(population: Population) -> None:
    row = population.generations[0]
    row.credits_thousandths, row.credits_basis, row.external_id = 7000, "reported", "only-this"
    row.save()
    assert table(exported("csv", "q=only-this"))[1][17] == "7"
    assert sheets(exported("xlsx", "q=only-this"))[0][1][17] == 7.0


def test_an_export_of_nothing_is_a_header_or_nothing(population: Population) -> None:
    assert population.generations
    assert table(exported("csv", "q=nowhere")) == [list(COLUMNS)]
    assert exported("ndjson", "q=nowhere") == b""
    assert sheets(exported("xlsx", "q=nowhere")) == [[list(COLUMNS)]]


def test_a_stream_that_nobody_reads_on_leaves_the_connection_in_order(population: Population) -> None:
    for write in (export_csv, export_ndjson, export_xlsx):
        with acting_as(SYSTEM):
            chunks = write(GenerationFilter().ordered(visible_to(SYSTEM)))
            assert next(chunks)
            chunks.close()
    with acting_as(SYSTEM):
        assert visible_to(SYSTEM).count() == len(population.generations)


def test_who_sees_nothing_exports_a_header_or_nothing(db: None) -> None:  # noqa: ARG001
    """Django knows that there are no such rows and would not even ask."""
    with acting_as(SYSTEM):
        nothing = Generation.objects.filter(pk__in=[])
        assert b"".join(export_csv(nothing)) == (",".join(COLUMNS) + "\n").encode()
        assert b"".join(export_ndjson(nothing)) == b""
        assert json_lines(nothing) == []
