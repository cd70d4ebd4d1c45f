"""Pages of the list: every row once, in order, both ways, at one price."""

from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from auditing.access import SYSTEM, acting_as, visible_to
from auditing.filters import BoundedCount, Cursor, GenerationFilter, Page, available_sorts
from auditing.filters.sorting import SORTS
from auditing.models import Generation
from auditing.models.generations import UNKNOWN_TIME
from tests.filters.paging import EVERY_SORT, page_of
from tests.filters.population import PEOPLE, Population


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
def test_a_page_takes_a_query_for_each_of_its_parts_and_needs_no_more_to_be_shown(
    population: Population, name: str, query: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    person = population.people[name]
    with acting_as(person):
        visible = visible_to(person)
        # A count, and the rows; where a text is sought its rows, and a name twice: in cells, and in rows.
        needed = 2 + ("q=" in query) + 2 * ("owner=" in query)  # fewer where nothing is found
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
