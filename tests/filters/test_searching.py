"""A text beside other wishes is found in the way that reads fewest texts, and each finds the same rows."""

from django.http import QueryDict

from auditing.access import acting_as, sees_everything, visible_to, who_acts
from auditing.filters import BoundedCount, GenerationFilter
from auditing.filters.paging import Place
from auditing.filters.searching import Read, Search
from auditing.filters.text import Sought
from tests.filters.population import VIEWERS, Population, live_on

QUERIES = (
    "q=beach&status=failed",
    "q=VID_&status_not=failed&mode=~none",
    "q=vid_&owner=alice&status=completed&sort=title",
    "q=beach&status=completed&status=failed&sort=created_at",
)
MINUTE = 60.0


def searched(query: str) -> tuple[GenerationFilter, Search]:
    """The filter, and what it looks for, for who acts."""
    wanted = GenerationFilter.from_query(QueryDict(f"{query}&per_page=25"))
    wishes = wanted.conditions_beside_text()
    return wanted, Search(wanted, visible_to(who_acts()), wishes, Place.of(wanted), (), wanted.now)


def test_among_few_rows_each_is_looked_into(population: Population) -> None:
    people = live_on(population)
    for name in VIEWERS:
        for query in QUERIES:
            with acting_as(people[name]):
                wanted, search = searched(query)
                expected = list(wanted.ordered(search.visible).values_list("pk", flat=True))
                found = search.answer(0)
                assert isinstance(found, Sought)
                assert (found.number, found.is_all) == (len(expected), True), (name, query)
                page = wanted.page(search.visible)
                assert [row.pk for row in page.rows] == expected[:25], (name, query)
                assert page.count == BoundedCount(len(expected))


def test_among_more_they_come_by_in_the_page_s_order_of_who_does_not_see_everything(
    population: Population,
) -> None:
    """Where they don't in time, or in another order, all rows with the text are found."""
    people = live_on(population)
    for name in VIEWERS:
        for query in QUERIES:
            with acting_as(people[name]):
                wanted, search = searched(query)
                expected = list(wanted.ordered(search.visible).values_list("pk", flat=True))
                if not expected:
                    continue
                read = search.answer(MINUTE, few=0)
                walks = not sees_everything(people[name]) and "title" not in wanted.sort
                assert isinstance(read, Read) is walks, (name, query)
                if isinstance(read, Read):
                    assert [row.pk for row in read.part.rows] == expected[:25], (name, query)
                    assert read.count == BoundedCount(len(expected))
                assert isinstance(search.answer(0, few=0), Sought)
