"""Counts beside values: exact where rows are few, bounded in rows and time where they are many."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditing.access import SYSTEM, Person, acting_as, visible_to
from auditing.filters import COUNT_CAP, Facets, GenerationFilter
from auditing.filters.budget import Budget
from auditing.filters.facets import FACETS
from auditing.models import Generation
from auditing.rollups import fold
from tests.filters.brute_force import ASKED, KEYS, MOMENTS, ZONES, matches, query_of, values_of
from tests.filters.population import PEOPLE, Population, tags_of

AMPLE = 60.0
OF_FACETS = [f"{key}{end}" for key in FACETS for end in ("", "_not")]
OF_CELLS = [f"{key}{end}" for key in ("team", "project", "credits_basis") for end in ("", "_not")]
QUERIES = st.tuples(
    st.lists(st.sampled_from(OF_FACETS), max_size=3),
    st.lists(st.sampled_from(sorted((*OF_CELLS, *OF_CELLS, *KEYS))), max_size=1),
).flatmap(lambda keys: st.fixed_dictionaries({key: KEYS[key] for group in keys for key in group}))


def facets_of(person: Person, wanted: GenerationFilter, seconds: float = AMPLE) -> Facets:
    """The facets for this person, with so much time."""
    visible = visible_to(person)
    return wanted.facets(visible, wanted.choices(visible), Budget(seconds, seconds))


@pytest.fixture
def lived(population: Population) -> Population:
    """The population when most of its totals are folded: some rows went since, have another owner or no day,
    which deltas tell."""
    assert fold() > 0
    rows = Generation.objects.order_by("pk")
    ids = list(rows.values_list("pk", flat=True))
    with acting_as(SYSTEM):
        rows.filter(pk__in=ids[::5]).delete()
        rows.filter(pk__in=ids[1::5]).update(owner=population.people["bob"], project=None)
        rows.filter(pk__in=ids[2::5]).update(created_at=None, status="failed", mode="extend")
    return population


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=QUERIES, zone=st.sampled_from(ZONES), name=st.sampled_from((*PEOPLE, None)), now=MOMENTS)
def test_every_count_is_that_of_plain_python_its_own_column_left_aside(
    lived: Population, values: dict[str, list[str]], zone: str, name: str | None, now: datetime
) -> None:
    wanted = GenerationFilter.from_query(query_of(values), ZoneInfo(zone), now=now)
    person = lived.people[name] if name else SYSTEM
    tags = tags_of(lived)
    with acting_as(person):
        facets = facets_of(person, wanted)
        rows = list(visible_to(person).select_related(*ASKED))
    for key in FACETS:
        aside: dict[str, Any] = {key: (), f"{key}_not": ()}
        others = replace(wanted, **aside)
        expected = Counter(
            value
            for row in rows
            if matches(row, others, tags[row.pk])
            for value in values_of(row, tags[row.pk])[key]
        )
        counted = {value: number.number for value, number in facets[key].counts.items() if number.number}
        assert counted == expected, key
        assert facets[key].complete
        assert str(facets[key].of("never heard of")) == "0"


@pytest.fixture
def many(population: Population) -> int:
    """More generations of alice than are counted; returns how many there are of each resolution."""
    row = population.generations[0]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE auditing_generation DISABLE TRIGGER USER")  # the texts are not asked for
        cursor.execute("ALTER TABLE auditing_generation ENABLE TRIGGER auditing_rollup_insert")
        cursor.execute(
            """
            INSERT INTO auditing_generation (team_id, provider, external_id, account_id, owner_id, flags,
                registered_at, status, resolution)
            SELECT %s, 'reelbot', 'many ' || n, %s, %s, '{}', now(), 'completed',
                CASE WHEN n %% 2 > 0 THEN 'seldom' ELSE 'often' END
            FROM generate_series(1, %s) AS n
            """,
            [row.team_id, row.account_id, population.people["alice"].pk, COUNT_CAP + 2],
        )
        cursor.execute("ALTER TABLE auditing_generation ENABLE TRIGGER USER")
        cursor.execute("ANALYZE auditing_generation")
    return COUNT_CAP // 2 + 1


@pytest.mark.parametrize("days", [{}, {"registered_from": date(1, 1, 1)}], ids=["by cells", "by rows"])
def test_among_many_rows_each_value_is_counted_up_to_a_cap(
    population: Population, many: int, days: dict[str, Any]
) -> None:
    with acting_as(SYSTEM):
        facets = facets_of(SYSTEM, GenerationFilter(resolution=("often",), **days))
        failed = facets_of(SYSTEM, GenerationFilter(status=("failed",), **days))
    few = sum(row.status == "failed" for row in population.generations)
    assert str(facets["resolution"].of("seldom")) == f"{many:,}"
    assert str(facets["status"].of("completed")) == f"{many:,}"
    assert str(facets["status"].of("failed")) == "0"
    assert str(failed["status"].of("completed")) == "10,000+"
    assert str(failed["status"].of("failed")) == str(few)
    assert str(failed["resolution"].of("often")) == "0"


@pytest.mark.usefixtures("many")
def test_outcomes_of_many_rows_are_counted_beside_what_cells_tell(population: Population) -> None:
    with acting_as(SYSTEM):
        facets = facets_of(SYSTEM, GenerationFilter())
        missing = visible_to(SYSTEM).filter(lookup__outcome="missing").count()
    assert str(facets["status"].of("completed")) == "10,000+"
    assert str(facets["outcome"].of(None)) == "10,000+"
    assert str(facets["outcome"].of("missing")) == str(missing)
    assert missing < len(population.generations)


@pytest.mark.usefixtures("many")
def test_what_time_does_not_allow_is_not_counted(population: Population) -> None:
    with acting_as(SYSTEM):
        facets = facets_of(SYSTEM, GenerationFilter(owner=("alice",)), seconds=0)
        page = GenerationFilter(owner=("alice",)).page(visible_to(SYSTEM))
    assert {facets[key].of(value) for key in FACETS for value in ("completed", "alice", None)} == {None}
    assert page.count.more
    assert population.people["alice"].pk in {row.owner_id for row in page.rows}


def test_a_question_that_takes_too_long_is_broken_off_and_leaves_no_trace(db: None) -> None:  # noqa: ARG001 - a transaction
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '17s'")

        def forever() -> int:
            cursor.execute("SELECT count(*) FROM generate_series(1, 100000000000)")
            return 1

        with Budget(seconds=AMPLE, each=0.05) as budget:
            assert budget.ask(forever) is None
            assert budget.ask(lambda: 5) == 5
            assert not budget.is_spent
        assert Budget(seconds=0, each=AMPLE).is_spent
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("17s",)


def test_a_text_of_many_rows_and_of_few_narrows_the_counts(population: Population) -> None:
    carol = population.people["carol"]
    with acting_as(carol):
        for text in ("BEACH", "vid_1", "1", "no row has this"):
            wanted = GenerationFilter.from_query(QueryDict(f"q={text}"))
            facets = facets_of(carol, wanted)
            number = wanted.page(visible_to(carol)).count.number
            for key in FACETS:
                assert sum(count.number for count in facets[key].counts.values()) == number, (text, key)
