"""Notes and tags on a record's page: written, refused with nothing lost, taken off."""

from django.test import Client

from auditing.models import Note, Tagging
from tests.views.cast import Cast, completed
from tests.views.conftest import SignedIn

PAGE = "/generations/nanobanana/vid_a/"
NOTES = "/generations/notes/?provider=nanobanana&external_id=vid_a"
TAGS = "/generations/tags/?provider=nanobanana&external_id=vid_a"
PART = {"HX-Request": "true", "HX-Target": "notes"}


def test_a_note_is_written_and_stands_on_the_page(people: Cast, signed_in: SignedIn) -> None:
    """With its author and lines, after a redirect that a reload does not repeat."""
    completed(people.nano, "vid_a", people.alice)
    response = signed_in(people.alice).post(NOTES, {"text": "Ask for a refund\r\n<b>now</b>"})
    assert (response.status_code, response.headers["Location"]) == (302, f"{PAGE}?team=north#notes")
    page = signed_in(people.max).get(PAGE).content.decode()
    assert "Ask for a refund\n&lt;b&gt;now&lt;/b&gt;" in page
    assert "<strong>Alice</strong>" in page


def test_a_part_brings_the_notes_and_says_so(people: Cast, signed_in: SignedIn) -> None:
    """And no frame; the field is empty again."""
    completed(people.nano, "vid_a", people.alice)
    part = signed_in(people.alice).post(NOTES, {"text": "Mine"}, headers=PART).content.decode()
    assert "Your note is kept." in part
    assert '<p class="prewrap">Mine</p>' in part
    assert "</textarea>" in part
    assert "<html" not in part


def test_a_note_too_long_is_said_at_its_field_and_nothing_is_lost(people: Cast, signed_in: SignedIn) -> None:
    """On the page as in the part."""
    completed(people.nano, "vid_a", people.alice)
    text = "word " * 2500
    for headers in ({}, PART):
        answer = signed_in(people.alice).post(NOTES, {"text": text}, headers=headers).content.decode()
        assert "a note has at most 10,000" in answer
        assert 'aria-invalid="true"' in answer
        assert text in answer
    assert not Note.objects.exists()


def test_tags_are_put_on_suggested_and_taken_off(people: Cast, signed_in: SignedIn) -> None:
    """What the team uses is suggested on its next record."""
    completed(people.nano, "vid_a", people.alice)
    completed(people.nano, "vid_b", people.alice)
    client = signed_in(people.audrey)
    assert client.post(TAGS, {"add": "client A"}).status_code == 302
    page = client.get(PAGE).content.decode()
    assert "Take off the tag client A" in page
    assert '<option value="client A">' in client.get("/generations/nanobanana/vid_b/").content.decode()
    part = client.post(TAGS, {"remove": "client A"}, headers=PART).content.decode()
    assert "The tag client A is off." in part
    assert "No tags." in part
    assert not Tagging.objects.exists()


def test_a_tag_too_long_is_said_at_its_field(people: Cast, signed_in: SignedIn) -> None:
    completed(people.nano, "vid_a", people.alice)
    answer = signed_in(people.max).post(TAGS, {"add": "x" * 65}).content.decode()
    assert "a tag has at most 64" in answer
    assert f'value="{"x" * 65}"' in answer


def forms(client: Client) -> tuple[bool, bool]:
    """Whether the page offers to write a note, and to put a tag."""
    page = client.get(PAGE).content.decode()
    return "New note" in page, "Add tag" in page


def test_the_forms_are_there_for_those_who_may_use_them(people: Cast, signed_in: SignedIn) -> None:
    """Members write notes, auditors and managers tag too, site auditors read."""
    completed(people.nano, "vid_a", people.alice)
    offered = {
        name: forms(signed_in(getattr(people, name))) for name in ("alice", "audrey", "max", "sid", "rita")
    }
    assert offered == {
        "alice": (True, False),
        "audrey": (True, True),
        "max": (True, True),
        "sid": (False, False),
        "rita": (True, True),
    }


def test_who_may_not_is_told_who_may(people: Cast, signed_in: SignedIn) -> None:
    completed(people.nano, "vid_a", people.alice)
    assert b"Site auditors read" in signed_in(people.sid).post(NOTES, {"text": "x"}).content
    assert b"auditors and managers of their team" in signed_in(people.alice).post(TAGS, {"add": "x"}).content
