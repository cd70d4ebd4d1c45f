"""Lists of more rows than are counted: what is said of them, and by which index their pages are found."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from auditing.access import SYSTEM, acting_as, visible_to
from auditing.filters import COUNT_CAP, BoundedCount, GenerationFilter, available_sorts, paging
from auditing.filters.paging import MANY, Place, fetch_slice
from auditing.filters.text import has_trigram
from auditing.models import Generation, Lookup
from tests.filters.paging import EVERY_SORT, page_of
from tests.filters.population import Population

INDEXES = {
    "created_at": "generation_created",
    "updated_at": "generation_updated",
    "credits_used": "generation_credits",
    "duration_seconds": "generation_duration",
    "waiting_seconds": "generation_waiting",
    "processing_seconds": "generation_processing",
    "registered_at": "auditing_generation_pkey",
}


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


@pytest.mark.usefixtures("many")
def test_thousands_whose_lookup_did_not_go_well_come_by_in_their_order(
    population: Population, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In other orders a team's are read, all of them: the index has them among those of all teams."""
    monkeypatch.setattr(paging, "SOON", 60)
    with acting_as(SYSTEM):
        several = Generation.objects.filter(credits_thousandths__isnull=False, title__startswith="title")
        number = _lost(several)
    by_credits = "outcome=missing&sort=-credits_used"
    of_team = {"north": "carol", "south": "dora"}[population.generations[0].team.slug]
    for person, walks in ((population.people["root"], True), (population.people[of_team], False)):
        with acting_as(person):
            first = page_of("outcome=missing")
            expected = first.filter.ordered(visible_to(person)).values_list("pk", flat=True)[:100]
            second = page_of(first.next or "")
            assert 4_000 < number <= first.count.number < COUNT_CAP
            assert [row.pk for row in (*first.rows, *second.rows)] == list(expected)
            assert "_created" in _plan(lambda: page_of("outcome=missing"))
            assert (INDEXES["credits_used"] in _plan(lambda: page_of(by_credits))) is walks


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("query", "sort"),
    [
        ("credits_min=1", "credits_used"),
        ("duration_max=8", "duration_seconds"),
        ("waiting_min=300", "waiting_seconds"),
        ("processing_min=60", "processing_seconds"),
        ("updated_from=2026-01-03", "updated_at"),
    ],
)
def test_what_lies_in_a_range_is_counted_without_reading_rows(query: str, sort: str) -> None:
    wanted = GenerationFilter.from_query(QueryDict(query))
    with acting_as(SYSTEM):
        _without("seqscan", "bitmapscan")
        plan = wanted.apply(visible_to(SYSTEM)).order_by().values("pk").explain()
    assert f"Index Only Scan using {INDEXES[sort]} " in plan


@pytest.mark.usefixtures("many")
def test_what_nothing_is_known_of_is_listed_by_an_index_of_its_own() -> None:
    """It is created never: any other index has it behind everything else."""
    with acting_as(SYSTEM):
        Generation.objects.filter(pk__gt=0, title__startswith="title 1").update(status="completed")
        _without("seqscan", "sort", "bitmapscan")
        first = page_of("status=~none")
        expected = first.filter.ordered(visible_to(SYSTEM)).values_list("pk", flat=True)[:100]
        second = page_of(first.next or "")
        assert [row.pk for row in (*first.rows, *second.rows)] == list(expected)
        assert _walks("status=~none", "generation_unknown")


def test_an_accounts_rows_are_found_by_what_is_kept_of_its_teams(population: Population) -> None:
    """Its team's failures lie together, and everybody's would be read to find those of one account."""
    account = population.generations[0].account
    with acting_as(SYSTEM):
        plan = _plan(lambda: page_of(urlencode({"account": account.label, "status": "failed"})))
    assert f"(team_id = {account.team_id})" in plan


def _lost(rows: QuerySet[Generation]) -> int:
    """Their providers know these no more; returns how many they are."""
    placed = rows.values_list("pk", "account", "team", "owner")
    lookups = [
        Lookup(generation_id=pk, account_id=account, team_id=team, owner_id=owner, outcome="missing")
        for pk, account, team, owner in placed
    ]
    return len(Lookup.objects.bulk_create(lookups))


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
    """`title` is in more rows than are counted; returns how many of them last five seconds."""
    titles = [f"title {number}" for number in range(1, 61)]
    lasting = Generation.objects.filter(title__in=titles).update(duration_milliseconds=5000)
    another = Generation.objects.filter(pk=population.generations[0].pk)
    assert many > COUNT_CAP + another.update(title="title", duration_milliseconds=None)
    return lasting


def test_a_frequent_text_alone_is_not_counted_again(frequent: int) -> None:
    with acting_as(SYSTEM), CaptureQueriesContext(connection) as captured:
        page = page_of("q=title")
    assert len(page.rows) == 50 < frequent
    assert str(page.count) == "10,000+"
    assert not [query for query in captured if "COUNT(" in query["sql"]]


def test_where_counting_takes_too_long_the_page_says_what_it_knows(frequent: int) -> None:
    wanted = GenerationFilter.from_query(QueryDict("q=title&duration_min=5&per_page=25"))
    with acting_as(SYSTEM):
        counted = wanted.page(visible_to(SYSTEM), patience=60)
        page = wanted.page(visible_to(SYSTEM), patience=0)
        last = page
        while last.next:
            last = GenerationFilter.from_query(QueryDict(last.next)).page(visible_to(SYSTEM), patience=0)
        whole = GenerationFilter.from_query(QueryDict("q=title&duration_min=5&per_page=100"))
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
