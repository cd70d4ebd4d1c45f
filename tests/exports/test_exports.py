"""Exports hold what the list shows: the same rows in the same order, read by tools as they were written."""

import io
import json
import re
import zipfile
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.http import QueryDict

from auditing.access import SYSTEM, Person, acting_as, visible_to
from auditing.exports import (
    CUT,
    FORMATS,
    FORMULA,
    GENERATIONS,
    Credits,
    File,
    Totals,
    export_csv,
    export_ndjson,
    export_xlsx,
    json_lines,
)
from auditing.filters import GenerationFilter
from auditing.models import Generation, Lookup
from auditing.records import iso_utc, json_number_of_thousandths
from tests.exports.reopening import as_written, rows_of_workbook, table, unescaped
from tests.filters.population import PEOPLE, Population

COLUMNS, FOREIGN = GENERATIONS.names, GENERATIONS.foreign
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
    return unescaped(text)


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


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 10, 1, 12, 30, tzinfo=UTC), "2026-10-01T12:30:00Z"),
        (datetime(2026, 10, 1, 12, 30, 0, 120_000, tzinfo=UTC), "2026-10-01T12:30:00.120Z"),
        (datetime(2026, 10, 1, 12, 30, 59, 999_999, tzinfo=UTC), "2026-10-01T12:30:59.999Z"),
        (datetime(2026, 10, 1, 12, 30, 0, 400, tzinfo=UTC), "2026-10-01T12:30:00Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "9999-12-31T23:59:59Z"),
        (None, None),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
def test_times_are_in_utc_to_the_millisecond(
    population: Population, moment: datetime | None, said: str | None, zone: str
) -> None:
    """Whatever the session's zone is; what is less than a millisecond is left out."""
    Generation.objects.filter(pk=population.generations[0].pk).update(
        external_id="only-this", created_at=moment
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
    assert objects(exported("ndjson", "q=only-this"))[0]["created_at"] == said == iso_utc(moment)


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
    assert [as_written(line[1]) for line in table(exported("csv", query, person))[1:]] == listed


def test_the_page_of_a_query_string_does_not_narrow_an_export(population: Population) -> None:
    with acting_as(SYSTEM):
        query = GenerationFilter().page(visible_to(SYSTEM)).next
    assert query is not None
    assert len(objects(exported("ndjson", query))) == len(population.generations)


def test_our_own_numbers_stay_numbers(population: Population) -> None:
    row = population.generations[0]
    row.credits_thousandths, row.credits_basis, row.external_id = 7000, "reported", "only-this"
    row.save()
    assert table(exported("csv", "q=only-this"))[1][17] == "7"
    assert sheets(exported("xlsx", "q=only-this"))[0][1][17] == 7.0


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("columns", ["", "credits_used", "synced_at,title", "provider"])
def test_a_file_says_what_its_rows_come_to(population: Population, name: str, columns: str) -> None:
    """Whichever columns it has; what nobody knows is counted, and is not 0."""
    bob = population.people["bob"]
    with acting_as(bob):
        rows = GenerationFilter.from_query(QueryDict("status=failed&status=completed")).ordered(
            visible_to(bob)
        )
        known = [row for row in rows if row.credits_thousandths is not None]
        file = FORMATS[name].write(rows, GENERATIONS.with_columns(columns))
        assert used_up(file) == Totals(
            len(rows), Credits(sum(row.credits_thousandths or 0 for row in known), len(known), 0)
        )
        assert 0 < len(known) < len(rows)
        assert used_up(FORMATS[name].write(rows.none())) == Totals(0, Credits(0, 0, 0))


def used_up(file: File) -> Totals:
    """What a file returns at its end."""
    while True:
        try:
            next(file)
        except StopIteration as end:
            totals: Totals = end.value
            return totals


def test_documented_credits_are_counted_apart(population: Population) -> None:
    Generation.objects.filter(credits_basis="reported").update(credits_basis="documented")
    for name in FORMATS:
        with acting_as(SYSTEM):
            totals = used_up(FORMATS[name].write(visible_to(SYSTEM)))
        assert totals.credits
        assert 0 < totals.credits.documented == totals.credits.known
        assert totals.unknown == len(population.generations) - totals.credits.known


def test_chosen_columns_keep_their_order_in_every_format(population: Population) -> None:
    columns = GENERATIONS.with_columns(" credits_used , external_id,credits_used")
    header, *lines = table(exported("csv", table=columns))
    assert header == ["credits_used", "external_id"]
    found = objects(exported("ndjson", table=columns))
    assert [tuple(row) for row in found] == [("credits_used", "external_id")] * len(population.generations)
    assert [as_written(line[1]) for line in lines] == [row["external_id"] for row in found]
    assert next(rows_of_workbook(exported("xlsx", table=columns))) == ("credits_used", "external_id")


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
