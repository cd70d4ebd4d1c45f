"""The filter in SQL against the same filter in Python, over every column."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from auditing.access import SYSTEM, Person, acting_as, visible_to
from auditing.filters import LOOKED_UP, GenerationFilter
from auditing.filters.fields import FIELDS, to_text
from auditing.models import Generation
from auditing.rollups import fold
from tests.filters.brute_force import ASKED, MOMENTS, QUERIES, TRIED, ZONES, matches, query_of, values_of
from tests.filters.population import NOW, PEOPLE, Population, tags_of


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=QUERIES, zone=st.sampled_from(ZONES), name=st.sampled_from((*PEOPLE, None)), now=MOMENTS)
@example(values={"created_to": ["2026-10-26"]}, zone="UTC", name=None, now=NOW)
@example(values={"resolution": ["~~~odd", "~none"]}, zone="UTC", name=None, now=NOW)
@example(values={"owner_not": ["stranger"]}, zone="UTC", name=None, now=NOW)
@example(values={"flag_not": ["stuck", "stale"]}, zone="UTC", name=None, now=NOW)
def test_list_count_and_export_select_what_plain_python_selects(
    population: Population, values: dict[str, list[str]], zone: str, name: str | None, now: datetime
) -> None:
    wanted = GenerationFilter.from_query(query_of(values), ZoneInfo(zone), now=now)
    person = population.people[name] if name else SYSTEM
    tags = tags_of(population)
    with acting_as(person):
        visible = visible_to(person)
        everything = visible.select_related(*ASKED)
        expected = {row.pk for row in everything if matches(row, wanted, tags[row.pk])}
        page = wanted.page(visible)
        assert set(wanted.apply(visible).values_list("pk", flat=True)) == expected
        assert [row.pk for row in page.rows] == list(wanted.ordered(visible).values_list("pk", flat=True))[
            :50
        ]
        assert str(page.count) == str(len(expected))


def test_each_value_alone_selects_what_plain_python_selects_and_says_so(population: Population) -> None:
    tags = tags_of(population)
    with acting_as(SYSTEM):
        everything = list(visible_to(SYSTEM).select_related(*ASKED))
        for key, text in ((key, text) for key, texts in TRIED.items() for text in texts):
            wanted = GenerationFilter.from_query(query_of({key: [text]}), ZoneInfo("Europe/Berlin"), now=NOW)
            assert wanted.errors == {}
            expected = {row.pk for row in everything if matches(row, wanted, tags[row.pk])}
            assert set(wanted.apply(visible_to(SYSTEM)).values_list("pk", flat=True)) == expected, (key, text)
            assert wanted.narrows
            assert not wanted.words().startswith("all")


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("2026-10-24T21:59:59.999999Z", False),
        ("2026-10-24T22:00:00Z", True),
        ("2026-10-25T22:59:59.999999Z", True),
        ("2026-10-25T23:00:00Z", False),
        (None, False),
    ],
)
def test_a_day_of_twenty_five_hours_lasts_from_midnight_to_midnight(
    population: Population, moment: str | None, found: bool
) -> None:
    row = population.generations[0]
    row.created_at = datetime.fromisoformat(moment) if moment else None
    row.save()
    query = QueryDict("created_from=2026-10-25&created_to=2026-10-25")
    wanted = GenerationFilter.from_query(query, ZoneInfo("Europe/Berlin"))
    with acting_as(SYSTEM):
        assert wanted.apply(visible_to(SYSTEM)).filter(pk=row.pk).exists() is found


def test_options_reveal_nothing_that_the_list_would_not(
    population: Population,
    viewers: dict[str, Person],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    tags = tags_of(population)
    for name, person in viewers.items():
        with acting_as(person):
            visible = visible_to(person)
            rows = list(visible.select_related(*ASKED))
            with django_assert_max_num_queries(8):
                choices = GenerationFilter().choices(visible)
        for key in LOOKED_UP:
            seen = {to_text(value) for row in rows for value in values_of(row, tags[row.pk])[key] if value}
            unknown = set() if FIELDS[key].unknown is None else {"~none"}
            assert {option.value for option in choices[key]} == seen | unknown, (name, key)


@pytest.mark.parametrize("name", PEOPLE)
def test_what_has_no_row_any_more_is_no_option_before_and_after_folding(
    population: Population, name: str
) -> None:
    person = population.people[name]
    fold()
    with acting_as(SYSTEM):
        Generation.objects.filter(account__label="nanobanana north").delete()
        Generation.objects.filter(owner=population.people["bob"]).update(owner=None, mode=None)
        Generation.objects.exclude(resolution="4k").update(resolution=None, project=None)
    offered = []
    for _ in range(2):
        with acting_as(person):
            visible = visible_to(person)
            choices = GenerationFilter().choices(visible)
            rows = list(visible.select_related("account", "owner", "project"))
        offered.append({key: {option.value for option in choices[key]} for key in choices})
        fold()
    assert offered[0] == offered[1]
    assert offered[0]["account"] == {row.account.label for row in rows}
    assert "nanobanana north" not in offered[0]["account"]
    assert offered[0]["owner"] == {row.owner.username for row in rows if row.owner} | {"~none"}
    assert offered[0]["resolution"] == {row.resolution for row in rows if row.resolution} | {"~none"}
    projects = {row.project.name.replace("~", "~~") for row in rows if row.project}
    assert offered[0]["project"] == projects | {"~none"}


def test_what_is_selected_is_always_an_option(population: Population) -> None:
    wanted = GenerationFilter.from_query(QueryDict("owner=stranger&resolution=8k&status=failed&mode=~none"))
    with acting_as(population.people["alice"]):
        choices = wanted.choices(visible_to(population.people["alice"]))
    chosen = {
        key: [option.value for option in options if option.selected] for key, options in choices.items()
    }
    assert {key: values for key, values in chosen.items() if values} == {
        "status": ["failed"],
        "owner": ["stranger"],
        "resolution": ["8k"],
        "mode": ["~none"],
    }


def test_owners_of_one_name_are_told_apart(population: Population) -> None:
    for name in ("alice", "bob"):
        population.people[name].first_name = "Sam"
        population.people[name].save()
    with acting_as(SYSTEM):
        owners = GenerationFilter().choices(visible_to(SYSTEM))["owner"]
    assert [option.words for option in owners] == ["Sam (alice)", "Sam (bob)", "dora", "unassigned"]
