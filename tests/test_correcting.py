"""Owner and project of a record: who may correct them, and that all that hangs on it follows."""

import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from auditing.access import acting_as, visible_to
from auditing.annotating import add_note, add_tag
from auditing.correcting import NotCorrected, correct
from auditing.models import (
    Generation,
    Lookup,
    Membership,
    Note,
    Observation,
    Project,
    SearchedId,
    SearchText,
    Tagging,
    TrailEntry,
    User,
)
from tests.views.cast import Cast, assemble, completed, observed
from tests.views.conftest import SignedIn, people, signed_in

__all__ = ["people", "signed_in"]

PAGE = "/generations/nanobanana/vid_a/"
CORRECT = "/generations/correct/?provider=nanobanana&external_id=vid_a"
PART = {"HX-Request": "true", "HX-Target": "facts"}


def alices(people: Cast) -> Generation:
    """Alice's record, with a history, a note and a tag."""
    generation = completed(people.nano, "vid_a", people.alice)
    observed(generation, 1, {"status": "queued"})
    with acting_as(people.max):
        add_note(people.max, [generation.pk], "x")
        add_tag(people.max, [generation.pk], "x")
    return generation


def owners(generation: Generation) -> set[int | None]:
    """Whom the record and all that hangs on it belong to."""
    hanging: list[Any] = [Lookup, Observation, Note, Tagging, SearchText, SearchedId]
    found = {model.objects.get(generation=generation).owner_id for model in hanging}
    return found | {Generation.objects.get(pk=generation.pk).owner_id}


def test_all_that_hangs_on_a_record_goes_to_its_new_owner(people: Cast) -> None:
    """Who sees it then, and who had it before no longer does; the trail keeps from what to what."""
    generation = alices(people)
    with acting_as(people.max):
        changed = correct(people.max, generation.pk, "bob", " Spring  26 ")
    assert [str(change) for change in changed] == ["owner: alice → bob", "project: none → “Spring 26”"]
    assert owners(generation) == {people.bob.pk}
    for person, sees in ((people.bob, 1), (people.alice, 0)):
        with acting_as(person):
            assert visible_to(person).count() == sees
            assert Note.objects.count() == sees
    told = TrailEntry.objects.get(act="corrected")
    assert (told.owner, told.team, told.external_id) == (people.max, people.team, "vid_a")
    assert told.result == "owner: alice → bob; project: none → “Spring 26”"
    with acting_as(people.rita):
        correct(people.rita, generation.pk, "", "")
    assert owners(generation) == {None}


def test_what_is_right_already_is_no_correction(people: Cast) -> None:
    """Nothing is written, nothing told; who has left the team may stay the owner."""
    generation = alices(people)
    Membership.objects.filter(user=people.alice).delete()
    with acting_as(people.max):
        assert correct(people.max, generation.pk, "alice", "") == ()
        assert len(correct(people.max, generation.pk, "alice", "Spring 26")) == 1
        assert len(correct(people.max, generation.pk, "", "Spring 26")) == 1
        with pytest.raises(NotCorrected, match="Nobody of the team"):
            correct(people.max, generation.pk, "alice", "")
    assert TrailEntry.objects.filter(act="corrected").count() == 2
    assert Project.objects.count() == 1


@pytest.mark.parametrize("name", ["alice", "bob", "audrey", "otto", "sid"])
def test_others_correct_nothing(people: Cast, name: str) -> None:
    """Neither through the program, nor whatever it asks the database for."""
    generation, person = alices(people), getattr(people, name)
    with acting_as(person), pytest.raises(Generation.DoesNotExist):
        correct(person, generation.pk, "bob", "")
    assert not updated(person, "UPDATE auditing_generation SET owner_id = NULL")
    assert not updated(person, "UPDATE auditing_generation SET project_id = NULL")
    assert owners(generation) == {people.alice.pk}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE auditing_generation SET owner_id = {otto}",
        "UPDATE auditing_generation SET project_id = {foreign}",
        "UPDATE auditing_generation SET team_id = {south}",
        "UPDATE auditing_generation SET status = 'failed'",
        "UPDATE auditing_lookup SET owner_id = NULL",
        "UPDATE auditing_observation SET owner_id = NULL",
        "UPDATE auditing_note SET owner_id = NULL",
        "DELETE FROM auditing_generation",
    ],
)
def test_managers_correct_nothing_else(people: Cast, statement: str) -> None:
    """Nor do they give a record to a person or a project of another team."""
    alices(people)
    foreign = Project.objects.create(team=people.other_team, name="theirs")
    places = {"otto": people.otto.pk, "foreign": foreign.pk, "south": people.other_team.pk}
    assert not updated(people.max, statement.format(**places))


def updated(person: User, statement: str) -> bool:
    """Whether the database lets this person change anything so."""
    try:
        with transaction.atomic(), acting_as(person), connection.cursor() as cursor:
            cursor.execute(statement)
            return bool(cursor.rowcount > 0)
    except DatabaseError:  # a policy, a privilege that is not granted, or a rule of the table
        return False


@pytest.mark.parametrize(("project", "why"), [("x" * 201, "201 characters"), ("a\u200bb", "can't be seen")])
def test_a_project_that_cant_be_kept_says_why(people: Cast, project: str, why: str) -> None:
    generation = alices(people)
    with acting_as(people.max), pytest.raises(NotCorrected, match=why):
        correct(people.max, generation.pk, "alice", project)


@pytest.mark.usefixtures("committed_db")
def test_a_note_under_way_goes_to_the_new_owner_too() -> None:
    """The correction waits for it, or it for the correction."""
    people = assemble()
    generation = completed(people.nano, "vid_a", people.alice)

    def bobs() -> None:
        with acting_as(people.max):
            correct(people.max, generation.pk, "bob", "")

    with acting_as(people.alice):
        add_note(people.alice, [generation.pk], "mine")
        other = threading.Thread(target=bobs)
        other.start()
    other.join()
    assert Note.objects.get().owner == people.bob


def test_the_page_corrects_for_managers(people: Cast, signed_in: SignedIn) -> None:
    """With the people and projects of the team to choose from; as a page and as a part."""
    generation = alices(people)
    Project.objects.create(team=people.team, name="Autumn 25")
    client = signed_in(people.max)
    page = client.get(PAGE).content.decode()
    assert '<option value="alice" selected>Alice</option>' in page
    assert '<option value="Autumn 25">' in page
    assert "Otto" not in page
    answer = client.post(CORRECT, {"owner": "bob", "project": "Autumn 25"})
    assert answer.headers["Location"] == f"{PAGE}?team=north#facts"
    assert owners(generation) == {people.bob.pk}
    part = client.post(CORRECT, {"owner": "", "project": ""}, headers=PART).content.decode()
    assert "Corrected; the trail of people tells of it." in part
    assert "Unassigned" in part
    assert "<html" not in part
    for name in ("bob", "audrey", "sid"):
        assert b"Correct owner or project" not in signed_in(getattr(people, name)).get(PAGE).content


def test_what_cant_be_is_said_at_its_field_and_nothing_is_lost(people: Cast, signed_in: SignedIn) -> None:
    """On the page as in the part."""
    generation = alices(people)
    client = signed_in(people.max)
    for headers in ({}, PART):
        page = client.post(CORRECT, {"owner": "otto", "project": "Spring"}, headers=headers).content.decode()
        assert "Nobody of the team has this user name." in page
        assert 'value="Spring"' in page
        assert 'id="correct" open' in page
    assert owners(generation) == {people.alice.pk}
