"""No cell of a file is a formula or a link, whatever others wrote; and what they wrote can be read back."""

import random
import re
import sys
from collections.abc import Iterator

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditing.access import SYSTEM, acting_as
from auditing.exports import FORMATS, FORMULA, GENERATIONS
from auditing.models import Generation
from tests.exports.reopening import as_written, begins_formula, rows_of_workbook, table
from tests.exports.test_exports import exported
from tests.filters.population import Population
from tests.stage import an_account

TEXTS = (
    "provider_status", "title", "description", "mode", "resolution",
    "output_url", "output_key", "thumbnail_url", "message", "error",
)  # fmt: skip
ALIKE = "=+-@−\uff1d\uff0b\uff0d\uff20\ufe63''\"\t\r\n  \u00a0\u3000\ufeff\u200b\u00ad\u2066\x01\x1f\x85|;%a1"
# fmt: off
DANGEROUS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u3000\uff1d1", "\uff0b1",
    "\uff0d1", "\uff20x", "−1", "\ufeff=1", "\u200b \u2060@x", "'=1", "''=1", "' =1", "\u0085=1", "\x1f=1",
    "\u00ad=1", "\t", "\nplain", "=cmd|' /C calc'!A0", '=HYPERLINK("http://example.com")',
)
HARMLESS = (
    "a=1", "'", "''", "it's", "'quoted'", " plain", "", "5-1", "1,5", "%1", "|x", "ärger", "_x003D_1",
)
# fmt: on


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_a_spreadsheet_could_take_for_a_formula_gets_an_apostrophe(
    population: Population, text: str
) -> None:
    assert cell_of(population, text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_what_no_spreadsheet_takes_for_one_stays(population: Population, text: str) -> None:
    assert cell_of(population, text) == text


def cell_of(population: Population, text: str) -> str:
    """The text as a cell of a CSV file."""
    row = population.generations[0]
    row.title, row.external_id = text, "only-this"
    row.save()
    return table(exported("csv", "q=only-this"))[1][9]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.one_of(st.sampled_from(ALIKE), st.characters(codec="utf-8", min_codepoint=1)), max_size=8)
)
def test_the_rule_knows_every_beginning_that_readers_skip(text: str) -> None:
    """Compared to another account of it, made of Unicode's own categories."""
    if begins_formula(text.lstrip("'")):
        assert re.search(FORMULA, text)


def test_every_character_that_readers_skip_is_known_to_the_rule(db: None) -> None:  # noqa: ARG001
    """One by one, all that a database can hold; PostgreSQL finds the same as Python."""
    characters = [chr(point) for point in range(1, sys.maxunicode + 1) if not 0xD800 <= point <= 0xDFFF]
    found = {one for one in characters if re.search(FORMULA, f"{one}=")}
    assert {one for one in characters if begins_formula(f"{one}=")} <= found
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT chr(point) FROM generate_series(1, %s) AS point"
            " WHERE point NOT BETWEEN x'D800'::int AND x'DFFF'::int AND (chr(point) || '=') ~ %s",
            [sys.maxunicode, FORMULA],
        )
        assert {one for (one,) in cursor.fetchall()} == found


def random_text(chance: random.Random) -> str:
    """Now and then any character that there is, mostly those that matter."""
    letters = [
        chance.choice(ALIKE) if chance.random() < 0.8 else anything(chance)
        for _ in range(chance.randrange(9))
    ]
    return "".join(letters)


def anything(chance: random.Random) -> str:
    """Any character but NUL and halves of pairs, which no database of ours holds."""
    point = chance.randrange(1, sys.maxunicode + 1)
    return chr(point) if not 0xD800 <= point <= 0xDFFF else "="


def test_random_cells_reopen_with_no_formula(db: None, request: pytest.FixtureRequest) -> None:  # noqa: ARG001
    """In CSV and in XLSX, as many as `--cells` says: no formula, no link, the text as it was."""
    chance, account = random.Random(11), an_account()  # noqa: S311 - sample data
    number = max(1, request.config.getoption("--cells") // len(TEXTS))
    written = {f"id{n}": tuple(random_text(chance) for _ in TEXTS) for n in range(number)}
    with acting_as(SYSTEM):
        Generation.objects.bulk_create(
            (
                Generation(
                    team=account.team,
                    account=account,
                    provider=account.provider,
                    external_id=external_id,
                    **dict(zip(TEXTS, texts, strict=True)),
                )
                for external_id, texts in written.items()
            ),
            batch_size=2000,
        )
    columns = GENERATIONS.only(("external_id", *TEXTS))
    assert dict(of_csv(exported("csv", table=columns))) == written
    assert dict(of_workbook(exported("xlsx", table=columns))) == written


def of_csv(content: bytes) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each row's id and texts, every cell looked at."""
    _, *rows = table(content)
    for row in rows:
        assert not any(map(begins_formula, row)), row
        yield row[0], tuple(map(as_written, row[1:]))


def of_workbook(content: bytes) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each row's id and texts."""
    rows = rows_of_workbook(content)
    next(rows)
    for external_id, *texts in rows:
        yield str(external_id), tuple(str(text or "") for text in texts)


@pytest.mark.usefixtures("population")
def test_json_needs_no_apostrophes() -> None:
    """Nothing takes its texts for formulas: they are as they were written."""
    assert b'"description":"=HYPERLINK(1)"' in exported("ndjson")
    assert set(FORMATS) == {"csv", "ndjson", "xlsx"}
