"""The searched texts follow every change of a generation, and nothing is found that no text holds."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditing.access import SYSTEM, acting_as, visible_to
from auditing.filters import GenerationFilter
from auditing.filters.text import MOST_UNINDEXED
from auditing.filters.text import found as ids_found
from auditing.models import Generation, SearchedId, SearchText
from tests.filters.population import Population


def found(text: str) -> set[str]:
    """The ids of the generations that have this text."""
    query = QueryDict(mutable=True)
    query["q"] = text
    with acting_as(SYSTEM):
        rows = GenerationFilter.from_query(query).apply(visible_to(SYSTEM))
        return set(rows.values_list("external_id", flat=True))


def a_row(population: Population, **texts: str | None) -> Generation:
    """One generation with these texts and no others."""
    row = population.generations[0]
    for name in ("title", "description", "error"):
        setattr(row, name, texts.get(name))
    row.external_id = texts.get("external_id") or "vid_first"
    row.save()
    return row


def test_any_part_of_any_text_is_found_whatever_its_case(population: Population) -> None:
    row = a_row(
        population,
        external_id="vid_Xy9",
        title="Ärger im Süden",
        description="A 50%_off\\sale",
        error="GPU #7",
    )
    for text in ("D_xY9", "ärger", "SÜD", "50%_OFF\\", "gpu #7", "#7", "y9"):
        assert row.external_id in found(text), text
    for text in ("D%Y9", "50__off", "Xy9Ä", "Xy9 Ä", "sale GPU", "saleGPU"):
        assert row.external_id not in found(text), text


def test_no_match_spans_two_texts_not_even_by_the_separator() -> None:
    wanted = GenerationFilter.from_query(QueryDict("q=id%1Ftitle"))
    assert wanted.q == ""
    assert set(wanted.errors) == {"q"}


@pytest.mark.parametrize("text", ["%", "_", "\\", "Z9", "é"])
def test_one_and_two_characters_are_found_as_they_stand(population: Population, text: str) -> None:
    a_row(population, title=f"before{text}after", external_id="short")
    texts = ((row.external_id, row.title, row.description, row.error) for row in Generation.objects.all())
    expected = {parts[0] for parts in texts if any(text.upper() in (part or "").upper() for part in parts)}
    assert "short" in expected
    assert found(text) == expected


def versions(table: str) -> list[tuple[object, ...]]:
    """Which version there is of each row."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT generation_id, xmin, ctid FROM auditing_{table} ORDER BY 1")  # noqa: S608
        return list(cursor.fetchall())


def test_a_text_is_rewritten_only_when_it_differs_and_never_the_id_s(population: Population) -> None:
    texts_before, ids_before = versions("searchtext"), versions("searchedid")
    Generation.objects.update(status="failed", credits_thousandths=0, credits_basis="reported", payload={})
    assert versions("searchtext") == texts_before
    one = population.generations[3]
    Generation.objects.filter(pk__gte=one.pk).update(title=None, description=None, error=None)
    Generation.objects.filter(pk=one.pk).update(error="Too dark")
    texts = dict(SearchText.objects.values_list("generation_id", "text"))
    assert texts[one.pk] == "\x1fTOO DARK"
    assert len(texts) == len(population.generations)
    assert versions("searchedid") == ids_before


def test_a_corrected_id_is_found_instead_of_the_old(population: Population) -> None:
    Generation.objects.filter(pk=population.generations[0].pk).update(external_id="vid_Corrected")
    assert found("D_COR") == {"vid_Corrected"}
    assert population.generations[0].external_id not in found(population.generations[0].external_id)


def test_what_has_a_text_in_its_id_and_elsewhere_is_found_once(population: Population) -> None:
    one = population.generations[0]
    Generation.objects.filter(pk=one.pk).update(title=f"again {one.external_id}")
    with acting_as(SYSTEM):
        ids = ids_found(one.external_id, 10).ids.strip("{}").split(",")
    assert ids.count(str(one.pk)) == 1


def rare_parts(text: str, *texts: str) -> list[str]:
    """What the index is asked for to find this text, where others read like these."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT auditing_rare_parts(upper(%s), %s)", [text, [said.upper() for said in texts]])
        (parts,) = cursor.fetchone()
    return list(parts)


@pytest.mark.django_db
def test_a_text_is_searched_by_the_rarest_of_its_parts() -> None:
    said = ("high light", "night house", "lights of houses", "the hut")
    assert rare_parts("lighthouse", *said) == ["%HTH%", "%THO%", "%%"]
    assert rare_parts("light", *said)[:2] == ["%LIG%", "%GHT%"]
    assert rare_parts("vid_00f", "vid_0a1", "vid_a00", "vid_b02") == ["%00F%", r"%\_00%", "%%"]
    assert rare_parts("50%_off", *said) == [r"%50\%%", "%OFF%", "%%"]


@pytest.mark.django_db
def test_a_further_part_is_asked_for_where_others_have_the_first_ones() -> None:
    said = ("brandor", "gangster", "brangster", "a brand of gangsters", "ranger")
    assert rare_parts("brangar", *said) == ["%GAR%", "%NGA%", "%%"]
    assert rare_parts("brangs", *said) == ["%BRA%", "%NGS%", "%ANG%"]


@given(st.text(alphabet="aB1 _%\\Äß-", min_size=3, max_size=70), st.text(alphabet="aB1 _%\\Ä", max_size=9))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@pytest.mark.django_db
def test_whatever_holds_a_text_has_all_of_its_parts(text: str, more: str) -> None:
    with connection.cursor() as cursor:
        parts = rare_parts(text, more, f"{more}{text}")
        cursor.execute("SELECT upper(%s) LIKE ALL (%s)", [f"{more}{text}{more}", parts])
        assert len(parts) == 3
        assert cursor.fetchone() == (True,)


def test_a_corrected_owner_or_team_is_the_text_s_as_well(population: Population) -> None:
    Generation.objects.filter(external_id__contains="1").update(owner=population.people["bob"])
    Generation.objects.filter(external_id__contains="2").update(owner=None)
    for texts in (SearchText, SearchedId):
        kept = texts.objects.values_list("generation_id", "team_id", "owner_id")
        assert set(kept) == set(Generation.objects.values_list("id", "team_id", "owner_id"))


def test_the_text_goes_with_its_generation(population: Population) -> None:
    row = population.generations[0]
    row.lookup.delete()
    row.delete()
    assert SearchText.objects.count() == SearchedId.objects.count() == len(population.generations) - 1


def test_what_was_there_before_the_searched_texts_gets_its_own(committed_db: str) -> None:  # noqa: ARG001 - the default connection leads to it
    call_command("migrate", "auditing", "0004_walls", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH team AS (INSERT INTO auditing_team (slug, name) VALUES ('old', 'Old') RETURNING id),
            account AS (
                INSERT INTO auditing_account (provider, label, team_id, base_url, added_at, notice)
                SELECT 'nanobanana', 'old', id, 'https://x.example', now(), '' FROM team RETURNING id, team_id
            )
            INSERT INTO auditing_generation
                (team_id, provider, external_id, account_id, registered_at, flags, title)
            SELECT team_id, 'nanobanana', 'vid_old', id, now(), '{}', 'Long ago' FROM account
            """
        )
    call_command("migrate", verbosity=0)
    assert found("long ago") == {"vid_old"}


def test_a_text_is_searched_once_a_page(population: Population) -> None:  # noqa: ARG001 - rows to search
    with acting_as(SYSTEM), CaptureQueriesContext(connection) as captured:
        page = GenerationFilter.from_query(QueryDict("q=vid_1&sort=title")).page(visible_to(SYSTEM))
    assert page.count.number > len(page.rows) > 0
    assert [("auditing_search(" in query["sql"], "LIKE" in query["sql"]) for query in captured] == [
        (True, False),
        (False, False),
    ]


def test_two_letters_are_searched_for_only_in_a_list_of_bounded_length(population: Population) -> None:
    generation = population.generations[0]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE auditing_generation DISABLE TRIGGER USER")  # the texts are not asked for
        cursor.execute(
            """
            INSERT INTO auditing_generation (team_id, provider, external_id, account_id, registered_at, flags)
            SELECT %s, 'reelbot', 'more ' || n, %s, now(), '{}' FROM generate_series(1, %s) AS n
            """,
            [generation.team_id, generation.account_id, MOST_UNINDEXED],
        )
        cursor.execute("ALTER TABLE auditing_generation ENABLE TRIGGER USER")
    with acting_as(SYSTEM):
        long = GenerationFilter.from_query(QueryDict("q=vi&sort=-updated_at")).page(visible_to(SYSTEM))
        short = GenerationFilter.from_query(QueryDict("q=vi&provider=nanobanana")).page(visible_to(SYSTEM))
    assert (long.filter.q, set(long.filter.errors), long.filter.sort) == ("", {"q"}, "-updated_at")
    assert (short.filter.q, short.filter.errors) == ("vi", {})
    assert 0 < short.count.number < 200
