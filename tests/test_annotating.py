"""Notes and tags: whose records they may be written on, said by the program and again by the database."""

import threading
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from auditing.access import acting_as
from auditing.annotating import NotWritten, add_note, add_tag, remove_tag
from auditing.models import Generation, Membership, Note, Role, Tag, Tagging, TrailEntry, User
from tests.views.cast import Cast, assemble, registered
from tests.views.conftest import people

__all__ = ["people"]

WRITERS = {
    # Of Alice's record, an unassigned one, Bob's, and Otto's: who may write notes on which, and tag which.
    "alice": ("a", ""),
    "bob": ("b", ""),
    "audrey": ("aub", "aub"),
    "max": ("aub", "aub"),
    "otto": ("o", "o"),
    "sid": ("", ""),
    "rita": ("aubo", "aubo"),
}


NOTE = """INSERT INTO auditing_note (generation_id, team_id, owner_id, author_id, text, written_at)
    VALUES (%s, %s, %s, %s, %s, now())"""
TAGGING = """INSERT INTO auditing_tagging (generation_id, team_id, owner_id, author_id, tag_id, tagged_at)
    VALUES (%s, %s, %s, %s, %s, now())"""


def records(people: Cast) -> list[int]:
    """Alice's, an unassigned one and Bob's of one team, and Otto's of another."""
    return [
        registered(people.nano, "a", people.alice).pk,
        registered(people.nano, "u", None).pk,
        registered(people.nano, "b", people.bob).pk,
        registered(people.other_nano, "o", people.otto).pk,
    ]


def written(model: type[Note] | type[Tagging]) -> str:
    """The ids of the records that have one, in the order of the records."""
    return "".join(model.objects.order_by("generation").values_list("generation__external_id", flat=True))


@pytest.mark.parametrize("person", WRITERS)
def test_notes_and_tags_stay_on_what_each_may_annotate(people: Cast, person: str) -> None:
    """Ids of other records are passed over, and counted out; the trail tells of each record."""
    ids, who = records(people), getattr(people, person)
    notes, tags = WRITERS[person]
    with acting_as(who):
        assert add_note(who, ids, "Ask for a refund") == len(notes)
        assert add_tag(who, ids, "client A") == len(tags)
    assert (written(Note), written(Tagging)) == (notes, tags)
    told = TrailEntry.objects.filter(owner=who).order_by("pk").values_list("act", "external_id", "result")
    assert list(told) == [
        *(("note_written", mark, "") for mark in notes),
        *(("tag_added", mark, "tag: none → “client A”") for mark in tags),
    ]
    assert not Note.objects.exclude(author=who).exists()


@pytest.mark.parametrize("person", WRITERS)
def test_the_database_draws_the_same_line(people: Cast, person: str) -> None:
    """Whatever a program asks it to insert, and under whatever team and owner."""
    ids, who = records(people), getattr(people, person)
    tags = {team: Tag.objects.create(team=team, name="x").pk for team in (people.team, people.other_team)}
    noted = tagged = ""
    for number, mark in zip(ids, "aubo", strict=True):
        tag = tags[people.other_team if mark == "o" else people.team]
        said = [number, people.team.pk, who.pk, who.pk]
        noted += mark if allowed(who, NOTE, [*said, "x"]) else ""
        tagged += mark if allowed(who, TAGGING, [*said, tag]) else ""
    assert (noted, tagged) == WRITERS[person]
    kept = Note.objects.exclude(team_id=people.team.pk).exclude(generation__external_id="o")
    assert not kept.exists()


def allowed(who: User, statement: str, values: list[Any]) -> bool:
    """Whether the database lets this person do that."""
    try:
        with transaction.atomic(), acting_as(who), connection.cursor() as cursor:
            cursor.execute(statement, values)
            return bool(cursor.rowcount > 0)
    except ProgrammingError:  # a policy, or a privilege that is not granted
        return False


def test_nobody_writes_in_anothers_name(people: Cast) -> None:
    """Nor with a team's tag on another team's record, nor a tag for another team."""
    own, *_, ottos = records(people)
    of = [own, people.team.pk, None]
    assert not allowed(people.max, NOTE, [*of, people.alice.pk, "x"])
    foreign = Tag.objects.create(team=people.other_team, name="x").pk
    assert not allowed(people.rita, TAGGING, [*of, people.rita.pk, foreign])
    assert allowed(people.rita, TAGGING, [ottos, None, None, people.rita.pk, foreign])
    new_tag = "INSERT INTO auditing_tag (team_id, name) VALUES (%s, 'y')"
    assert not allowed(people.max, new_tag, [people.other_team.pk])


def test_a_note_stays_as_it_was_written(people: Cast) -> None:
    """Neither its author nor a superuser changes or deletes it."""
    generation = registered(people.nano, "a", people.alice)
    with acting_as(people.alice):
        add_note(people.alice, [generation.pk], "first")
    for who in (people.alice, people.max, people.rita):
        assert not allowed(who, "UPDATE auditing_note SET text = 'second'", [])
        assert not allowed(who, "DELETE FROM auditing_note", [])
    assert Note.objects.get().text == "first"


def test_a_site_auditor_who_audits_a_team_writes_there(people: Cast) -> None:
    """Their right to see everything gives none, and takes none."""
    Membership.objects.create(team=people.team, user=people.sid, role=Role.AUDITOR)
    ids = records(people)
    with acting_as(people.sid):
        assert add_tag(people.sid, ids, "seen") == 3
    assert written(Tagging) == "aub"


def test_a_team_has_one_tag_of_a_name_whatever_its_case(people: Cast) -> None:
    """What is tagged already stays as it is; each team has its own."""
    ids = records(people)
    with acting_as(people.rita):
        assert add_tag(people.rita, ids[:1], " client  A ") == 1
        assert add_tag(people.rita, ids, "Client a") == 3
    assert sorted(Tag.objects.values_list("team__slug", "name")) == [
        ("north", "client A"),
        ("south", "Client a"),
    ]


def test_a_tag_is_taken_off_by_who_may_put_it_on(people: Cast) -> None:
    """Whoever put it there; the trail tells of it."""
    first, *_ = records(people)
    with acting_as(people.audrey):
        add_tag(people.audrey, [first], "client A")
    with acting_as(people.alice):
        assert not remove_tag(people.alice, first, "client A")
    assert not allowed(people.alice, "DELETE FROM auditing_tagging", [])
    assert not allowed(people.sid, "DELETE FROM auditing_tagging", [])
    with acting_as(people.max):
        assert remove_tag(people.max, first, "CLIENT A")
        assert not remove_tag(people.max, first, "client A")
    assert written(Tagging) == ""
    last = TrailEntry.objects.order_by("pk").last()
    assert last is not None
    assert (last.act, last.external_id, last.owner) == ("tag_removed", "a", people.max)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (" \r\n ", "Write something"),
        ("x" * 10_001, "10,001 characters"),
        ("a\0b", "NUL"),
        ("a\ud800", "half"),
    ],
)
def test_a_note_that_cant_be_kept_says_why(people: Cast, text: str, why: str) -> None:
    with acting_as(people.alice), pytest.raises(NotWritten, match=why):
        add_note(people.alice, [1], text)


@pytest.mark.parametrize(
    ("name", "why"),
    [(" ", "Write a tag"), ("x" * 65, "65 characters"), ("a\0b", "NUL"), ("a\u200bb", "can't be seen")],
)
def test_a_tag_that_cant_be_kept_says_why(people: Cast, name: str, why: str) -> None:
    with acting_as(people.max), pytest.raises(NotWritten, match=why):
        add_tag(people.max, [1], name)


def test_ten_thousand_characters_and_their_line_ends_are_a_note(people: Cast) -> None:
    """A browser sends two characters for each end of a line; one is kept."""
    generation = registered(people.nano, "a", people.alice)
    text = "ab\r\n" * 3333 + "c"
    with acting_as(people.alice):
        assert add_note(people.alice, [generation.pk], text) == 1
    assert Note.objects.get().text == "ab\n" * 3333 + "c"


def test_a_thousand_records_take_as_many_statements_as_one(
    people: Cast, django_assert_num_queries: Any
) -> None:
    """The rows; what is written; the trail. For tags one more: the team's word."""
    Generation.objects.bulk_create(
        Generation(team=people.team, account=people.nano, provider="nanobanana", external_id=f"{n}")
        for n in range(1000)
    )
    ids = list(Generation.objects.values_list("pk", flat=True))
    for some in (ids[:1], ids):
        with acting_as(people.max):
            with django_assert_num_queries(3):
                assert add_note(people.max, some, "x") == len(some)
            with django_assert_num_queries(4):
                assert add_tag(people.max, some, f"tag {len(some)}") == len(some)


@pytest.mark.usefixtures("committed_db")
def test_two_who_come_up_with_the_same_tag_at_once_share_it() -> None:
    """The later one waits for the earlier, and finds theirs."""
    people = assemble()
    first, second = registered(people.nano, "a", None), registered(people.nano, "b", None)

    def tag(person: User, generation: Generation, name: str) -> None:
        with acting_as(person):
            add_tag(person, [generation.pk], name)

    with acting_as(people.max):
        add_tag(people.max, [first.pk], "client A")
        other = threading.Thread(target=tag, args=(people.audrey, second, "CLIENT A"))
        other.start()
    other.join()
    assert Tag.objects.get().name == "client A"
    assert Tagging.objects.count() == 2
