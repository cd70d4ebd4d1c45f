"""Lists of last lookups that did not go well are found by lookups alone, and are the same lists."""

from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from auditing.access import acting_as, visible_to
from auditing.filters import COUNT_CAP, BoundedCount, GenerationFilter
from auditing.filters.outcomes import sought_by_lookups
from auditing.filters.unsettled import sought_stale
from tests.filters.population import NOW, VIEWERS, Population, live_on

QUERIES = (
    "outcome=missing",
    "outcome=~none",
    "outcome=missing&outcome=denied&outcome=~none&sort=title",
    "outcome=denied&team=north",
    "outcome=missing&outcome=~none&owner_not=alice",
    "outcome=~none&owner=~none&sort=credits_used",
    "flag=stale",
    "flag=stale&team=south&owner_not=alice&sort=-updated_at",
)


def test_what_did_not_go_well_is_found_by_lookups(population: Population) -> None:
    people = live_on(population)
    for name in VIEWERS:
        for query in QUERIES:
            wanted = GenerationFilter.from_query(QueryDict(f"{query}&per_page=25"))
            with acting_as(people[name]):
                visible = visible_to(people[name])
                with CaptureQueriesContext(connection) as captured:
                    page = wanted.page(visible)
                expected = wanted.ordered(visible).values_list("pk", flat=True)
                assert page.count == BoundedCount(len(expected)), (name, query)
                assert [row.pk for row in page.rows] == list(expected[:25]), (name, query)
            assert not [one for one in captured if "COUNT(" in one["sql"]]


@pytest.mark.parametrize(
    "query",
    [
        "outcome=ok",
        "outcome=ok&outcome=missing",
        "outcome_not=ok",
        "outcome=missing&status=failed",
        "flag=stuck&flag=stale",
        "flag_not=stale",
        "flag=stale&mode=~none",
    ],
)
def test_other_filters_are_not_told_by_lookups(population: Population, query: str) -> None:
    wanted = GenerationFilter.from_query(QueryDict(query))
    with acting_as(population.people["root"]):
        assert sought_by_lookups(wanted, (), COUNT_CAP) is None
        assert sought_stale(wanted, (), wanted.now, COUNT_CAP) is None


def test_more_than_are_counted_are_found_by_what_was_asked(population: Population) -> None:
    wanted = GenerationFilter.from_query(QueryDict("outcome=missing"))
    with acting_as(population.people["root"]):
        few = sought_by_lookups(wanted, (), COUNT_CAP)
        assert few is not None
        assert few.number
        many = sought_by_lookups(wanted, (), few.number - 1)
    assert many is not None
    assert (many.number, many.conditions, many.is_all) == (few.number, (), True)


def test_what_is_stale_is_so_as_of_the_moment_that_the_list_is_of(population: Population) -> None:
    with acting_as(population.people["root"]):
        for now in (NOW, NOW - timedelta(days=400)):
            wanted = GenerationFilter.from_query(QueryDict("flag=stale"), now=now)
            found = sought_stale(wanted, (), now, COUNT_CAP)
            assert found is not None
            assert found.number == wanted.apply(visible_to(population.people["root"])).count()
