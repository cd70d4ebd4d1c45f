"""The filter in SQL against the same filter in Python, over every column."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from auditing.access import SYSTEM, acting_as, visible_to
from auditing.filters import GenerationFilter
from auditing.models import Generation, Lookup
from tests.filters.population import PEOPLE, Population

ZONES = ("UTC", "Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles")


def outcome_of(row: Generation) -> str | None:
    """How the last lookup went; None when there was none."""
    try:
        return row.lookup.outcome
    except Lookup.DoesNotExist:
        return None


def matches(row: Generation, wanted: GenerationFilter) -> bool:
    """The filter once more, in plain Python."""
    values = {
        "status": row.status,
        "provider": row.provider,
        "account": row.account.label,
        "owner": row.owner.username if row.owner else None,
        "team": row.team.slug,
        "project": row.project.name if row.project else None,
        "resolution": row.resolution,
        "mode": row.mode,
        "outcome": outcome_of(row),
    }
    if any(wants and values[key] not in wants for key, wants in wanted.columns.items()):
        return False
    texts = (row.title, row.description, row.external_id, row.error)
    if wanted.q and not any(wanted.q.upper() in (text or "").upper() for text in texts):
        return False
    if wanted.created_from is None and wanted.created_to is None:
        return True
    if row.created_at is None:
        return False
    day = date.min if row.created_at.year == 1 else row.created_at.astimezone(wanted.zone).date()
    return (wanted.created_from or date.min) <= day <= (wanted.created_to or date.max)


def some(*values: str) -> st.SearchStrategy[list[str]]:
    """None to three of these."""
    return st.one_of(st.just([]), st.lists(st.sampled_from(values), max_size=3))


DAYS = st.sampled_from(("", "", "2026-10-23", "2026-10-24", "2026-10-25", "2026-10-26", "2026-10-27"))
QUERIES = st.fixed_dictionaries(
    {
        "status": some("pending", "processing", "completed", "failed", "unknown", "~none"),
        "provider": some("nanobanana", "reelbot"),
        "account": some("nanobanana north", "reelbot south", "nobody's"),
        "owner": some("alice", "bob", "dora", "stranger", "~none"),
        "team": some("north", "south", "elsewhere"),
        "project": some("Spring", "~~none", "~~tilde", "~none"),
        "resolution": some("480p", "4k", " 4k", "~~none", "~~~odd", "~none"),
        "mode": some("text-to-video", "image-to-video", "~none"),
        "outcome": some("ok", "denied", "missing", "unreachable", "~none"),
        "created_from": DAYS.map(lambda day: [day]),
        "created_to": DAYS.map(lambda day: [day]),
        "q": st.sampled_from(
            ("", "", "BEACH", "%", "_", "\\", "ärger", "ÉTÉ", "vid_1", "line one\nline")
        ).map(lambda text: [text]),
    }
)


def query_of(values: dict[str, list[str]]) -> QueryDict:
    """These values as a query string has them."""
    query = QueryDict(mutable=True)
    for key, texts in values.items():
        query.setlist(key, texts)
    return query


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=QUERIES, zone=st.sampled_from(ZONES), name=st.sampled_from((*PEOPLE, None)))
@example(values={"created_to": ["2026-10-26"]}, zone="UTC", name=None)
@example(values={"resolution": ["~~~odd", "~none"]}, zone="UTC", name=None)
def test_list_count_and_export_select_what_plain_python_selects(
    population: Population, values: dict[str, list[str]], zone: str, name: str | None
) -> None:
    wanted = GenerationFilter.from_query(query_of(values), ZoneInfo(zone))
    person = population.people[name] if name else SYSTEM
    with acting_as(person):
        visible = visible_to(person)
        everything = visible.select_related("team", "account", "owner", "project", "lookup")
        expected = {row.pk for row in everything if matches(row, wanted)}
        page = wanted.page(visible)
        assert set(wanted.apply(visible).values_list("pk", flat=True)) == expected
        assert [row.pk for row in page.rows] == list(wanted.ordered(visible).values_list("pk", flat=True))[
            :50
        ]
        assert str(page.count) == str(len(expected))


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


@pytest.mark.parametrize("name", PEOPLE)
def test_options_reveal_nothing_that_the_list_would_not(
    population: Population, name: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    person = population.people[name]
    with acting_as(person):
        visible = visible_to(person)
        rows = list(visible.select_related("team", "account", "owner", "project"))
        with django_assert_num_queries(5):
            choices = GenerationFilter().choices(visible)
    offered = {key: {option.value for option in options} for key, options in choices.items()}
    assert offered["account"] == {row.account.label for row in rows}
    assert offered["owner"] == {row.owner.username for row in rows if row.owner} | {"~none"}
    assert offered["team"] == {row.team.slug for row in rows}
    assert offered["mode"] == {row.mode for row in rows if row.mode} | {"~none"}
    projects = {row.project.name.replace("~", "~~") for row in rows if row.project}
    assert offered["project"] == projects | {"~none"}


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
