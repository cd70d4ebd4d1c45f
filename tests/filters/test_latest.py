"""A text's first page out of the latest stretches of ids is the page that all of its rows would give."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from auditing.access import acting_as, visible_to, who_acts
from auditing.filters import GenerationFilter, Page
from auditing.models import Generation
from auditing.models.search import STRETCH
from tests.filters.population import Population

ROWS, APART = 10_000, 200
"""So many rows, with so much between their ids: some thirty stretches of 327 rows."""


@pytest.fixture
def stretched(population: Population) -> Population:
    """More rows, of thirty stretches: `lighthouse` is in each fourth of them, `glacier` in each 200th, `amid`
    in those of the first half. A tenth failed; a seventeenth has no time of creation."""
    account = next(row.account for row in population.generations if row.team.slug == "north")
    alice = population.people["alice"]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO auditing_generation (id, team_id, provider, external_id, account_id, owner_id,
                registered_at, flags, title, status, created_at)
            SELECT 100000 + n * %s, %s, %s, 'spread_' || n, %s, CASE WHEN n %% 3 = 0 THEN %s::bigint END,
                now(), '{}', CASE WHEN n %% 4 = 0 THEN 'A lighthouse' WHEN n %% 200 = 1 THEN 'A glacier'
                    WHEN n < %s / 2 THEN 'Amid nothing' END,
                CASE WHEN n %% 10 = 0 THEN 'failed' ELSE 'completed' END,
                CASE WHEN n %% 17 > 0 THEN timestamptz '2026-01-01' + n * interval '1 min' END
            FROM generate_series(1, %s) AS n
            """,
            [APART, account.team_id, account.provider, account.pk, alice.pk, ROWS, ROWS],
        )
        cursor.execute("ANALYZE auditing_searchtext")
    return population


def first_page(query: str) -> tuple[Page, bool, list[int]]:
    """The page of who acts, whether it is of the latest stretches alone, and the ids that it should have."""
    wanted = GenerationFilter.from_query(QueryDict(query))
    visible = visible_to(who_acts())
    with CaptureQueriesContext(connection) as captured:
        page = wanted.page(visible, patience=60)
    of_latest = not any("auditing_search(" in query["sql"] for query in captured)
    return page, of_latest, list(wanted.ordered(visible).values_list("pk", flat=True)[:50])


@pytest.mark.parametrize("name", ["root", "carol", "alice"])
@pytest.mark.parametrize(
    ("query", "of_latest"),
    [
        ("q=lighthouse", True),
        ("q=LIGHT", True),
        ("q=spread_99", False),
        ("q=lighthouse&status=completed&per_page=25", None),
        ("q=glacier", False),
        ("q=amid+nothing", False),
        ("q=lighthouse&sort=created_at", False),
    ],
)
def test_the_latest_rows_with_a_text_are_the_list_s_beginning(
    stretched: Population, name: str, query: str, of_latest: bool | None
) -> None:
    with acting_as(stretched.people[name]):
        page, was_of_latest, expected = first_page(query)
        assert [row.pk for row in page.rows] == expected[: page.filter.per_page]
        if page.next:
            second = GenerationFilter.from_query(QueryDict(page.next)).page(
                visible_to(stretched.people[name])
            )
            assert not {row.pk for row in second.rows} & {row.pk for row in page.rows}
    assert of_latest in (None, was_of_latest)


def test_as_many_are_said_as_were_found_and_that_there_may_be_more(stretched: Population) -> None:
    with acting_as(stretched.people["root"]):
        page, of_latest, _ = first_page("q=lighthouse")
        rare, _, _ = first_page("q=glacier")
    assert of_latest
    assert page.count.more
    assert 500 < page.count.number < ROWS // 4
    assert (rare.count.number, rare.count.more) == (ROWS // 200, False)


def test_a_few_with_other_wishes_are_found_among_more_of_the_text(stretched: Population) -> None:
    with acting_as(stretched.people["root"]):
        page, of_latest, expected = first_page("q=lighthouse&created_from=2026-01-02&per_page=25")
    assert of_latest
    assert [row.pk for row in page.rows] == expected[:25]
    assert str(page.count) == "25+"


def test_what_was_made_later_than_it_was_registered_comes_first_all_the_same(stretched: Population) -> None:
    early = Generation.objects.filter(title="A lighthouse").order_by("pk")[3]
    Generation.objects.filter(pk=early.pk).update(created_at=datetime(2026, 11, 1, tzinfo=UTC))
    with acting_as(stretched.people["root"]):
        page, of_latest, expected = first_page("q=lighthouse")
    assert [row.pk for row in page.rows] == expected
    assert page.rows[0].pk == early.pk
    assert not of_latest


@pytest.mark.usefixtures("stretched")
def test_a_text_s_rows_of_one_stretch_are_found_by_the_index_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT generation_id FROM auditing_searchtext WHERE generation_id >> %s = 9::bigint"
            " AND team_id = 1::bigint AND text LIKE '%%HTH%%'",
            [STRETCH],
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "search_text_stretches" in plan
    assert "Filter" not in plan
