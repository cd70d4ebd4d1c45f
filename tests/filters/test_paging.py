"""Pages of the list: every row once, in order, both ways, at one price."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from auditing.access import SYSTEM, acting_as, visible_to
from auditing.filters import COUNT_CAP, BoundedCount, Cursor, GenerationFilter, Page, available_sorts
from auditing.filters.paging import MANY, Place, fetch_slice
from auditing.filters.sorting import SORTS
from auditing.filters.text import has_trigram
from auditing.models import Generation
from auditing.models.generations import UNKNOWN_TIME
from tests.filters.population import PEOPLE, Population

EVERY_SORT = [text for key in SORTS for text in (key, f"-{key}")]
INDEXES = {
    "created_at": "generation_created",
    "updated_at": "generation_updated",
    "credits_used": "generation_credits",
    "duration_seconds": "generation_duration",
    "waiting_seconds": "generation_waiting",
    "processing_seconds": "generation_processing",
    "registered_at": "auditing_generation_pkey",
}


def page_of(query: str) -> Page:
    """The page of a query string, of everything."""
    return GenerationFilter.from_query(QueryDict(query)).page(visible_to(SYSTEM))


def pages_from(page: Page, *, backwards: bool = False) -> list[list[int]]:
    """The ids of this page and of all that follow it (or go before it), page by page."""
    pages = [[row.pk for row in page.rows]]
    while (query := page.previous if backwards else page.next) is not None:
        page = page_of(query)
        assert page.filter.errors == {}
        pages.append([row.pk for row in page.rows])
    return pages


@pytest.mark.parametrize("sort", EVERY_SORT)
def test_pages_visit_every_row_once_in_order_and_back_again(population: Population, sort: str) -> None:
    with acting_as(SYSTEM):
        first = page_of(f"per_page=25&sort={sort}")
        expected = list(first.filter.ordered(visible_to(SYSTEM)).values_list("pk", flat=True))
        forwards = pages_from(first)
        assert [pk for page in forwards for pk in page] == expected
        assert len(expected) == len(population.generations)

        cursor = Cursor(sort, _value_after_all(first), 0 if sort.startswith("-") else 2**63 - 1)
        backwards = pages_from(page_of(f"per_page=25&sort={sort}&before={cursor}"), backwards=True)
        assert [pk for page in reversed(backwards) for pk in page] == expected


def _value_after_all(page: Page) -> Any:
    """The sort value of the list's last row: with an extreme id, a place behind all rows."""
    last = page.filter.ordered(visible_to(SYSTEM)).last()
    assert last is not None
    return last.sort_value  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("sort", "column"),
    [
        ("created_at", "created_at"),
        ("updated_at", "updated_at"),
        ("credits_used", "credits_thousandths"),
        ("duration_seconds", "duration_milliseconds"),
        ("waiting_seconds", "waiting_milliseconds"),
        ("processing_seconds", "processing_milliseconds"),
        ("registered_at", "pk"),
    ],
)
@pytest.mark.usefixtures("population")
def test_the_unknown_counts_as_lowest_and_ids_settle_ties(sort: str, column: str) -> None:
    lowest = UNKNOWN_TIME if column.endswith("_at") else -1

    rows = list(Generation.objects.all())  # what the database keeps by itself is known only after reading

    def key(row: Generation) -> tuple[object, int]:
        value = getattr(row, column)
        return (lowest if value is None else value, row.pk)

    for text, reverse in ((sort, False), (f"-{sort}", True)):
        expected = [row.pk for row in sorted(rows, key=key, reverse=reverse)]
        with acting_as(SYSTEM):
            assert [pk for page in pages_from(page_of(f"sort={text}")) for pk in page] == expected


def test_titles_are_sorted_whatever_their_case_and_rows_without_one_come_last(population: Population) -> None:
    for number, row in enumerate(population.generations):
        row.title = (None, "apple", "Banana", "cherry")[number % 4]
    Generation.objects.bulk_update(population.generations, ["title"])
    with acting_as(SYSTEM):
        titles = [row.title for row in page_of("sort=-title&per_page=100").rows]
        assert titles == ["cherry"] * 50 + ["Banana"] * 50
        assert page_of("sort=-title").filter.ordered(visible_to(SYSTEM)).last().title is None  # type: ignore[union-attr]


def test_rows_that_come_in_between_are_no_reason_to_miss_or_repeat_one(population: Population) -> None:
    before = {row.pk for row in population.generations}
    seen: list[int] = []
    with acting_as(SYSTEM):
        page = page_of("per_page=25&sort=-credits_used")
        while True:
            seen.extend(row.pk for row in page.rows)
            if page.next is None:
                break
            _register_more(population, len(seen))
            page = page_of(page.next)
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def _register_more(population: Population, number: int) -> None:
    """One generation without credits and one with a great many."""
    account = population.generations[0].account
    for amount in (None, 999_000_000):
        Generation.objects.create(
            team=account.team,
            provider=account.provider,
            account=account,
            external_id=f"late {number} {amount}",
            credits_thousandths=amount,
            credits_basis=amount and "reported",
        )


@pytest.mark.parametrize(
    "query", ["", "q=beach&status=failed&owner=alice&sort=title", "outcome=~none&sort=owner"]
)
@pytest.mark.parametrize("name", PEOPLE)
def test_a_page_takes_two_queries_and_one_each_for_a_text_and_a_name_and_needs_no_more_to_be_shown(
    population: Population, name: str, query: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    person = population.people[name]
    with acting_as(person):
        visible = visible_to(person)
        needed = 2 + ("q=" in query) + ("owner=" in query)  # fewer where nothing is found
        with django_assert_max_num_queries(needed):
            page = GenerationFilter.from_query(QueryDict(query)).page(visible)
            for row in page.rows:
                shown = (row.team.slug, row.account.label, str(row.owner), str(row.project))
                assert all(shown)
                assert not hasattr(row, "lookup") or str(row.lookup.outcome)


@pytest.mark.parametrize(
    ("name", "query", "by_cells"),
    [
        ("carol", "status=completed&resolution=4k", True),
        ("carol", "owner_not=alice&status=completed&status=failed&project=~none", True),
        ("alice", "status=completed", True),
        ("alice", "provider_not=reelbot&mode=~none", True),
        ("alice", "", False),
        ("carol", "status=completed&outcome=ok", False),
    ],
)
def test_rows_are_counted_out_of_totals_where_these_tell_of_the_filter(
    population: Population, name: str, query: str, by_cells: bool
) -> None:
    """As many as there are in the rows, of whoever looks."""
    person = population.people[name]
    with acting_as(person), CaptureQueriesContext(connection) as captured:
        wanted = GenerationFilter.from_query(QueryDict(query))
        count = wanted.page(visible_to(person)).count
        assert count == BoundedCount(wanted.apply(visible_to(person)).count())
    assert any("auditing_rollup" in asked["sql"] for asked in captured.captured_queries) is by_cells


def test_the_first_page_has_none_before_it_and_the_last_none_after(population: Population) -> None:
    with acting_as(SYSTEM):
        first = page_of("per_page=100")
        assert (first.previous, first.first) == (None, "per_page=100")
        last = page_of(first.next or "")
        assert last.next is None
        assert len(first.rows) + len(last.rows) == len(population.generations)
        assert last.previous is not None
        assert [row.pk for row in page_of(last.previous).rows] == [row.pk for row in first.rows]


@pytest.mark.usefixtures("population")
def test_a_place_behind_the_last_row_leads_back_to_the_beginning() -> None:
    with acting_as(SYSTEM):
        page = page_of(f"after={Cursor('-created_at', UNKNOWN_TIME, 0)}&status=failed")
    assert (page.rows, page.next, page.previous) == ([], None, "status=failed")


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cursor=st.one_of(
        st.tuples(st.just("-created_at"), st.datetimes(timezones=st.just(UNKNOWN_TIME.tzinfo))),
        st.tuples(st.just("credits_used"), st.integers(-(2**63), 2**63 - 1)),
        st.tuples(
            st.just("title"),
            st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=90),
        ),
    ),
    number=st.integers(-(2**63), 2**63 - 1),
)
def test_any_well_formed_cursor_gives_a_page(
    population: Population, cursor: tuple[str, object], number: int
) -> None:
    sort, value = cursor
    with acting_as(SYSTEM):
        page = page_of(f"sort={sort}&after={Cursor(sort, value, number)}")  # type: ignore[arg-type]
        assert page.filter.errors == {}
        assert len(page.rows) <= len(population.generations)


@pytest.mark.usefixtures("population")
def test_sorts_lead_to_themselves_the_other_way_round() -> None:
    with acting_as(SYSTEM):
        page = page_of("status=failed&sort=-title")
    options = {option.key: option for option in available_sorts(page.filter, page.count)}
    assert list(options) == list(SORTS)
    assert (options["title"].direction, options["title"].url_query) == (
        "descending",
        "status=failed&sort=title",
    )
    assert (options["created_at"].direction, options["created_at"].url_query) == (None, "status=failed")
    assert (options["owner"].direction, options["owner"].url_query) == (None, "status=failed&sort=owner")


@pytest.fixture
def many(population: Population) -> int:
    """More generations than are counted, made by the database; returns how many there are."""
    account = population.generations[0].account
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO auditing_generation (team_id, provider, external_id, account_id, registered_at, flags,
                title, created_at, updated_at, credits_thousandths, credits_basis)
            SELECT %s, %s, 'many ' || n, %s, now(), '{}', 'title ' || n,
                timestamptz '2026-01-01' + n * interval '1 min',
                CASE WHEN n %% 3 > 0 THEN timestamptz '2026-01-01' + n * interval '7 min' END,
                CASE WHEN n %% 5 > 0 THEN n %% 50 * 100 END, CASE WHEN n %% 5 > 0 THEN 'reported' END
            FROM generate_series(1, %s) AS n
            """,
            [account.team_id, account.provider, account.pk, COUNT_CAP],
        )
        cursor.execute("ANALYZE auditing_generation")
    return COUNT_CAP + len(population.generations)


@pytest.mark.usefixtures("many")
def test_a_page_of_thousands_among_thousands_is_the_same_however_it_is_found() -> None:
    """By walking the sort's index, while that takes no time, or by all that is filtered."""
    with acting_as(SYSTEM):
        for sort in EVERY_SORT:
            page = page_of(f"credits_basis=reported&status=~none&sort={sort}&per_page=25")
            expected = page.filter.ordered(visible_to(SYSTEM)).values_list("pk", flat=True)[:50]
            second = page_of(page.next or "")
            assert [row.pk for row in (*page.rows, *second.rows)] == list(expected), sort
            assert page_of(second.previous or "").rows == page.rows
            assert 4_000 < page.count.number < COUNT_CAP
            assert not page.count.more


def test_counts_end_at_a_cap_and_large_lists_are_sorted_by_indexes_only(many: int) -> None:
    with acting_as(SYSTEM):
        page = page_of("sort=title&per_page=25")
        small = page_of("sort=title&q=title+77")
        exact = page_of("q=many").count
    assert many > COUNT_CAP
    assert (str(page.count), page.count.more) == ("10,000+", True)
    assert (str(exact), exact.more) == ("10,000", False)
    assert page.filter.sort == "-created_at"
    assert page.filter.errors == {
        "sort": "Title can sort at most 10,000 rows: newest first until there are fewer"
    }
    assert {option.key for option in available_sorts(page.filter, page.count)} == set(INDEXES)
    assert small.filter.sort == "title"
    assert small.filter.errors == {}


def test_many_rows_that_do_not_come_by_soon_are_found_by_their_filter(many: int) -> None:
    """As those that were never looked up: without a time of creation they lie at the end of its index."""
    wanted = GenerationFilter.from_query(QueryDict("owner=~none&sort=credits_used"))
    with acting_as(SYSTEM):
        rows = wanted.apply(visible_to(SYSTEM))
        assert rows.count() > many - COUNT_CAP // 2
        place = Place(wanted.sort, None, None, 25)
        expected = [row.pk for row in wanted.ordered(visible_to(SYSTEM))[:25]]
        for walks in (0, 60, None):
            part = fetch_slice(rows, place, MANY, narrowed=True, walks=walks)
            assert [row.pk for row in part.rows] == expected
        found = _plan(lambda: fetch_slice(rows, place, MANY, narrowed=True, walks=0))
        walked = _plan(lambda: fetch_slice(rows, place, MANY, narrowed=True, walks=None))
    assert INDEXES["credits_used"] not in found
    assert INDEXES["credits_used"] in walked


def _plan(question: Callable[[], object]) -> str:
    """The plan of the last statement that reads, as text."""
    with CaptureQueriesContext(connection) as captured:
        question()
    read = [query["sql"] for query in captured if query["sql"].startswith('SELECT "auditing')]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {read[-1]}")
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.fixture
def frequent(population: Population, many: int) -> int:
    """`title` is in more rows than are counted; returns how many of them failed."""
    titles = [f"title {number}" for number in range(1, 61)]
    failed = Generation.objects.filter(title__in=titles).update(status="failed")
    another = Generation.objects.filter(pk=population.generations[0].pk)
    assert many > COUNT_CAP + another.update(title="title", status=None)
    return failed


def test_a_frequent_text_alone_is_not_counted_again(frequent: int) -> None:
    with acting_as(SYSTEM), CaptureQueriesContext(connection) as captured:
        page = page_of("q=title")
    assert len(page.rows) == 50 < frequent
    assert str(page.count) == "10,000+"
    assert not [query for query in captured if "COUNT(" in query["sql"]]


def test_where_counting_takes_too_long_the_page_says_what_it_knows(frequent: int) -> None:
    wanted = GenerationFilter.from_query(QueryDict("q=title&status=failed&per_page=25"))
    with acting_as(SYSTEM):
        counted = wanted.page(visible_to(SYSTEM), patience=60)
        page = wanted.page(visible_to(SYSTEM), patience=0)
        last = page
        while last.next:
            last = GenerationFilter.from_query(QueryDict(last.next)).page(visible_to(SYSTEM), patience=0)
        whole = GenerationFilter.from_query(QueryDict("q=title&status=failed&per_page=100"))
    assert counted.count == BoundedCount(frequent)
    assert (str(page.count), page.count.more) == ("25+", True)
    assert [row.pk for row in page.rows] == [row.pk for row in counted.rows]
    assert (last.count.more, last.previous is None) == (True, False)
    with acting_as(SYSTEM):
        assert whole.page(visible_to(SYSTEM), patience=0).count == BoundedCount(frequent)


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("sort", [text for key in INDEXES for text in (key, f"-{key}")])
def test_an_index_serves_every_page_in_order(sort: str) -> None:
    with acting_as(SYSTEM):
        _without("seqscan", "sort", "bitmapscan")
        first = page_of(f"sort={sort}")
        second = page_of(first.next or "")
        expected = [row.pk for row in first.filter.ordered(visible_to(SYSTEM))[:100]]
        assert [row.pk for page in (first, second) for row in page.rows] == expected
        for query in (f"sort={sort}", first.next, second.previous):
            walks = _walks(query or "", INDEXES[sort.removeprefix("-")])
            assert walks
            assert all(walk["Actual Rows"] <= 51 for walk in walks)
            if query != f"sort={sort}":
                assert all("ROW(" in walk["Index Cond"] for walk in walks)


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("sort", list(INDEXES))
def test_few_rows_are_found_by_their_filter_and_then_sorted(sort: str) -> None:
    with acting_as(SYSTEM):
        query = f"status=failed&sort={sort}"
        assert _walks(query, INDEXES[sort]) == []
        page = page_of(query)
        expected = [row.pk for row in page.filter.ordered(visible_to(SYSTEM))[:50]]
        assert [row.pk for row in page.rows] == expected
        assert page_of(page.next or query).filter.errors == {}


def _without(*ways: str) -> None:
    """Takes ways from the planner that it may prefer because the tables of tests are small."""
    with connection.cursor() as cursor:
        for way in ways:
            cursor.execute(f"SET LOCAL enable_{way} = off")


def _walks(query: str, index: str) -> list[dict[str, Any]]:
    """The parts of the plan, as it went, that look for a page's rows in this index; not those that fetch what
    was found by their ids."""
    with CaptureQueriesContext(connection) as captured:
        page_of(query)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {captured[-1]['sql']}")
        (plan,) = cursor.fetchone()
    nodes, found = [plan[0]["Plan"]], []
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if node.get("Index Name") == index and "= ANY" not in node.get("Index Cond", ""):
            found.append(node)
    return found


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("name", ["root", "carol"])
def test_trigrams_serve_the_text_search_below_the_wall_too(population: Population, name: str) -> None:
    person = population.people[name]
    with acting_as(person):
        seen = visible_to(person)
        wanted = next(row for row in seen.order_by("-pk") if has_trigram(row.external_id))
        _without("seqscan", "indexscan")
        rows = GenerationFilter.from_query(QueryDict(urlencode({"q": wanted.external_id}))).apply(seen)
        before = _scans_of_texts()
        assert wanted in rows
        by_index, from_end_to_end = (now - then for now, then in zip(_scans_of_texts(), before, strict=True))
    assert (by_index > 0, from_end_to_end) == (True, 0)


def _scans_of_texts() -> tuple[int, int]:
    """How often in this transaction the searched texts were read by an index, and from end to end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT idx_scan, seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'auditing_searchtext'"
        )
        by_index, from_end_to_end = cursor.fetchone()
    return by_index, from_end_to_end
