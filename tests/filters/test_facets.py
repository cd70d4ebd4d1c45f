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
from auditing.filters import COUNT_CAP, Facets, GenerationFilter, with_counted
from auditing.filters.budget import Budget
from auditing.filters.choices import MOST_OPTIONS
from auditing.filters.facets import FACETS
from auditing.filters.outcomes import lookups_of
from auditing.models import Generation, User
from auditing.views.filter_form import form_of
from tests.filters.brute_force import ASKED, KEYS, MOMENTS, ZONES, matches, query_of, values_of
from tests.filters.population import VIEWERS, Population, tags_of

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


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=QUERIES, zone=st.sampled_from(ZONES), name=st.sampled_from(VIEWERS), now=MOMENTS)
def test_every_count_is_that_of_plain_python_its_own_column_left_aside(
    population: Population,
    viewers: dict[str, Person],
    values: dict[str, list[str]],
    zone: str,
    name: str,
    now: datetime,
) -> None:
    wanted = GenerationFilter.from_query(query_of(values), ZoneInfo(zone), now=now)
    assert_counts_are_those_of_plain_python(viewers[name], wanted, tags_of(population))


def test_each_viewer_is_told_of_the_rows_that_they_see_and_of_no_others(
    population: Population, viewers: dict[str, Person]
) -> None:
    tags = tags_of(population)
    for query in ("", "owner=bob", "owner_not=gus", "owner=~none", "project=Spring", "team=north"):
        for person in viewers.values():
            assert_counts_are_those_of_plain_python(
                person, GenerationFilter.from_query(QueryDict(query)), tags
            )
    assert viewers.keys() == set(VIEWERS)


def test_lookups_alone_tell_each_viewer_how_those_of_their_rows_went(viewers: dict[str, Person]) -> None:
    for query in ("", "owner=bob", "owner_not=gus", "owner=~none", "team=north", "team_not=south&owner=fay"):
        wanted = GenerationFilter.from_query(QueryDict(query))
        lookups = lookups_of(wanted)
        assert lookups
        for name, person in viewers.items():
            with acting_as(person):
                rows = list(wanted.apply(visible_to(person)).select_related("lookup"))
                assert +lookups(len(rows)) == Counter(row.lookup.outcome for row in rows), (name, query)
    assert lookups_of(GenerationFilter(status=("failed",))) is None


def assert_counts_are_those_of_plain_python(
    person: Person, wanted: GenerationFilter, tags: dict[int, set[str]]
) -> None:
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
        cursor.execute(
            """
            INSERT INTO auditing_lookup (generation_id, account_id, team_id, owner_id, outcome, reason,
                resting, attempts, denied_by)
            SELECT id, account_id, team_id, owner_id, CASE WHEN id % 5000 > 0 THEN 'ok' END, '', '', 0, '{}'
            FROM auditing_generation WHERE external_id LIKE 'many %'
            """
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
@pytest.mark.parametrize("query", ["", "owner=alice&team_not=elsewhere", "credits_basis=~none"])
def test_outcomes_of_many_rows_are_counted_beside_what_cells_tell(query: str) -> None:
    wanted = GenerationFilter.from_query(QueryDict(query))
    with acting_as(SYSTEM):
        facets = facets_of(SYSTEM, wanted)
        rows = wanted.apply(visible_to(SYSTEM))
        expected = {
            outcome: rows.filter(lookup__outcome=outcome).count() for outcome in ("missing", "denied", None)
        }
    assert str(facets["status"].of("completed")) == "10,000+"
    assert str(facets["outcome"].of("ok")) == "10,000+"
    assert {outcome: str(facets["outcome"].of(outcome)) for outcome in expected} == {
        outcome: str(number) for outcome, number in expected.items()
    }
    assert 0 < expected[None] < len(expected) * 50


def test_of_very_many_owners_those_with_the_most_rows_are_listed_by_their_names(
    population: Population,
) -> None:
    crowd = User.objects.bulk_create(
        User(username=f"person-{number:03}", first_name="Kim") for number in range(MOST_OPTIONS)
    )
    busy = User.objects.create(username="the last", first_name="Kim")
    account = population.generations[0].account
    Generation.objects.bulk_create(
        Generation(
            team=account.team, account=account, provider=account.provider, external_id=f"{place}", owner=owner
        )
        for place, owner in enumerate((busy, busy, *crowd))
    )
    with acting_as(SYSTEM):
        visible, wanted = visible_to(SYSTEM), GenerationFilter.from_query(QueryDict("owner=person-007"))
        offered = wanted.choices(visible)
        facets = wanted.facets(visible, offered, Budget(AMPLE, AMPLE))
        form = form_of(wanted, with_counted(offered, facets), facets)
    assert "the last" not in {option.value for option in offered["owner"]}
    (owners,) = (pick for pick in form.picks if pick.key == "owner")
    counts = {line.option.words: line.count for line in owners.lines}
    assert counts["Kim (the last)"] == "2"
    assert counts["Kim (person-007)"] == "1"
    assert owners.most == MOST_OPTIONS
    assert MOST_OPTIONS <= len(owners.lines) <= MOST_OPTIONS + 1
    assert {pick.most for pick in form.picks if pick.key != "owner"} == {None}


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
