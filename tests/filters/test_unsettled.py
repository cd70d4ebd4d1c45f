"""What was not looked up since it could have changed is told by lookups as a look at every row tells it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditing.access import SYSTEM, Person, acting_as, visible_to
from auditing.filters import COUNT_CAP, BoundedCount, GenerationFilter
from auditing.filters.flags import stale
from auditing.filters.unsettled import Created, stale_count
from auditing.models import Generation, Lookup
from auditing.models.lookups import UNSETTLED
from auditing.records import Outcome
from auditing.reports.naming import list_filter
from auditing.reports.periods import UNDATED, Period
from tests.filters.population import NOW, VIEWERS, Population, live_on

BERLIN = ZoneInfo("Europe/Berlin")
PERIODS = (
    Period(),
    UNDATED,
    Period(date(2026, 3, 1), date(2026, 10, 25)),
    Period(first=date(2026, 10, 1)),
    Period(first=date(1, 1, 2)),
    Period(last=date(2026, 6, 30)),
)
QUERIES = (
    "",
    "owner=alice&owner=~none",
    "team=south&owner_not=bob",
    "status_not=failed",
    "mode=~none&team=north",
    "flag=stuck",
)


def counted(person: Person, query: str, period: Period, cap: int = COUNT_CAP) -> tuple[BoundedCount, int]:
    """As lookups tell it, and as the list finds them."""
    wanted = GenerationFilter.from_query(QueryDict(query), BERLIN, now=NOW)
    with acting_as(person):
        rows = list_filter(wanted, period, (), BERLIN).apply(visible_to(person))
        created = Created(*period.moments(BERLIN), period.is_undated)
        found = stale_count(person, wanted, created, rows, NOW, cap)
        return found, rows.filter(stale(NOW)).count()


def test_everybody_is_told_of_the_rows_that_their_list_finds(population: Population) -> None:
    people = live_on(population)
    for name in VIEWERS:
        for query in QUERIES:
            for period in PERIODS:
                found, expected = counted(people[name], query, period)
                assert found == BoundedCount(expected), (name, query, period)
    assert sum(counted(SYSTEM, "", period)[1] for period in PERIODS) > 200


def test_of_more_than_are_counted_nothing_else_is_said(population: Population) -> None:
    erin = population.people["erin"]
    assert counted(erin, "", Period(), cap=3)[0] == BoundedCount(3, more=True)
    found, expected = counted(erin, "status_not=failed", Period(), cap=3)
    assert found == BoundedCount(expected)


moments = st.none() | st.integers(0, 3).map(
    lambda days: datetime(2026, 10, 1, tzinfo=UTC) + timedelta(days=days)
)
changes = st.one_of(
    st.fixed_dictionaries({"created_at": moments}),
    st.fixed_dictionaries({"outcome": st.none() | st.sampled_from([word.value for word in Outcome])}),
    st.fixed_dictionaries({"due_at": moments}),
    st.fixed_dictionaries({"outcome": st.just("ok"), "due_at": st.none(), "created_at": moments}),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changed=st.lists(st.tuples(st.integers(0, 5), changes), min_size=1, max_size=4))
def test_a_lookup_knows_when_its_record_was_created_until_it_is_settled(
    population: Population, changed: list[tuple[int, dict[str, object]]]
) -> None:
    ids = [row.pk for row in population.generations[:6]]
    with acting_as(SYSTEM):
        for place, change in changed:
            own = {name: value for name, value in change.items() if name != "created_at"}
            if own:
                Lookup.objects.filter(pk=ids[place]).update(**own)
            if "created_at" in change:
                Generation.objects.filter(pk=ids[place]).update(created_at=change["created_at"])
        assert held_against_records() == (200, 0)


def held_against_records() -> tuple[int, int]:
    """How many lookups there are, and how many have another time than they should."""
    unsettled = {row.pk for row in Lookup.objects.filter(UNSETTLED)}
    rows = Lookup.objects.select_related("generation")
    wrong = [
        row for row in rows if row.created_at != (row.generation.created_at if row.pk in unsettled else None)
    ]
    return len(rows), len(wrong)


@pytest.mark.usefixtures("population")
def test_no_record_is_read_for_it() -> None:
    wanted = GenerationFilter.from_query(QueryDict("team=north"))
    with acting_as(SYSTEM):
        before = scans_of_records()
        stale_count(SYSTEM, wanted, Created(before=NOW), Generation.objects.all(), NOW)
        assert scans_of_records() == before


def scans_of_records() -> int:
    """How often the table of records, or an index of it, was read in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_scan + idx_scan FROM pg_stat_xact_user_tables WHERE relname = 'auditing_generation'"
        )
        (scans,) = cursor.fetchone()
        return int(scans)
