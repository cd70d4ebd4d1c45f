"""`/generations/<provider>/<external_id>/`: everything known of one record."""

from datetime import timedelta

import pytest
from django.utils import timezone

from auditing.models import Lookup, Note, Tag, Tagging
from tests.views.cast import Cast, completed, observed, registered
from tests.views.conftest import Queries, SignedIn

NANO = "/generations/nanobanana/vid_a/"
REEL = "/generations/reelbot/rb-a/"


def test_it_shows_the_record_with_units_and_sources(people: Cast, signed_in: SignedIn) -> None:
    """Durations, credits with their basis, the media by safe links."""
    completed(people.nano, "vid_a", people.alice, thumbnail_url="https://cdn.nanobananavideo.com/a.png")
    page = signed_in(people.alice).get(NANO).content.decode()
    assert "8 s" in page
    assert "7.5" in page
    assert "reported" in page
    assert '<video controls preload="none"' in page
    assert "autoplay" not in page
    assert 'poster="https://cdn.nanobananavideo.com/a.png"' in page
    assert page.count('rel="noreferrer noopener"') >= 1
    assert "Waiting 30 s, running 1 min" in page


def test_an_address_that_is_no_web_address_is_shown_and_not_linked(people: Cast, signed_in: SignedIn) -> None:
    """`javascript:` and `data:` are text here."""
    completed(people.nano, "vid_a", people.alice, output_url="javascript:alert(1)")
    page = signed_in(people.alice).get(NANO).content.decode()
    assert "javascript:alert(1)" in page
    assert 'href="javascript' not in page
    assert 'src="javascript' not in page


def test_a_missing_output_is_said(people: Cast, signed_in: SignedIn) -> None:
    """Instead of an empty frame."""
    completed(people.nano, "vid_a", people.alice, output_url=None)
    assert b"reported no output" in signed_in(people.alice).get(NANO).content


def test_an_id_not_looked_up_yet_says_so(people: Cast, signed_in: SignedIn) -> None:
    """No status, no payload, no history."""
    registered(people.nano, "vid_a", people.alice, outcome=None)
    page = signed_in(people.alice).get(NANO).content.decode()
    for words in ("Not yet known", "Never looked up", "Nothing was observed yet", "no lookup has succeeded"):
        assert words in page


def test_the_lookups_health_stands_beside_the_record(people: Cast, signed_in: SignedIn) -> None:
    """Outcome, HTTP status, reason, how often, and what comes next."""
    generation = completed(people.nano, "vid_a", people.alice)
    Lookup.objects.filter(generation=generation).update(
        outcome="missing",
        http_status=404,
        reason="HTTP 404: Video not found",
        attempts=3,
        due_at=None,
        resting="missing, confirmed three times",
    )
    page = signed_in(people.alice).get(NANO).content.decode()
    assert "HTTP 404: Video not found" in page
    assert "at rest: missing, confirmed three times" in page
    assert "Completed" in page


def test_flags_are_explained(people: Cast, signed_in: SignedIn) -> None:
    """In sentences; a flag of a later version as its word."""
    completed(
        people.nano, "vid_a", people.alice, flags=["impossible_times", "changed_after_completion", "new"]
    )
    page = signed_in(people.alice).get(NANO).content.decode()
    assert "contradict each other" in page
    assert "after it was completed or had failed" in page
    assert "<li>new</li>" in page


def test_impossible_times_have_no_picture(people: Cast, signed_in: SignedIn) -> None:
    """But their numbers, with their sign."""
    start = timezone.now()
    completed(
        people.nano,
        "vid_a",
        people.alice,
        processing_started_at=start,
        processing_completed_at=start - timedelta(seconds=5),
    )
    page = signed_in(people.alice).get(NANO).content.decode()
    assert "\N{MINUS SIGN}5 s" in page
    assert 'class="timeline"' not in page


def test_its_history_says_what_changed_between_answers(people: Cast, signed_in: SignedIn) -> None:
    """Newest first; the first answer has nothing to be compared with."""
    generation = completed(people.nano, "vid_a", people.alice)
    observed(generation, 1, {"video": {"status": "processing", "credits_used": None}}, minute=1)
    observed(generation, 2, {"video": {"status": "completed", "credits_used": 7}}, minute=2)
    observed(generation, 3, {"video": {"status": "completed", "credits_used": 0}}, minute=3)
    page = signed_in(people.alice).get(NANO).content.decode()
    assert page.index("<del>7</del>") < page.index("<del>processing</del>") < page.index("First answer")
    assert "<ins>0</ins>" in page


def test_an_erased_payload_is_said_in_the_history(people: Cast, signed_in: SignedIn) -> None:
    """Neither it nor the next can be compared."""
    generation = completed(people.nano, "vid_a", people.alice)
    observed(generation, 1, {"status": "queued"}, minute=1)
    observed(generation, 2, None, minute=2)
    observed(generation, 3, {"status": "completed"}, minute=3)
    assert signed_in(people.alice).get(NANO).content.count(b"A payload was erased") == 2


def test_notes_and_tags_are_shown(people: Cast, signed_in: SignedIn) -> None:
    """With who wrote the note."""
    generation = completed(people.nano, "vid_a", people.alice)
    common = {"generation": generation, "team": people.team, "owner": people.alice, "author": people.audrey}
    Note.objects.create(text="Ask for a refund", **common)
    Tagging.objects.create(tag=Tag.objects.create(team=people.team, name="client A"), **common)
    page = signed_in(people.alice).get(NANO).content.decode()
    for words in ("Ask for a refund", "Audrey", "client A"):
        assert words in page


def test_of_several_teams_records_the_good_one_comes_first(people: Cast, signed_in: SignedIn) -> None:
    """The others are linked to, for those who may see them; nobody else learns of them."""
    registered(people.nano, "vid_a", people.alice, outcome="denied")
    completed(people.other_nano, "vid_a", people.otto, title="The real one")
    page = signed_in(people.sid).get(NANO).content.decode()
    assert "<h1>The real one</h1>" in page
    assert f"{NANO}?team=north" in page
    assert "<h1>NanoBanana Video job</h1>" in signed_in(people.sid).get(f"{NANO}?team=north").content.decode()
    page = signed_in(people.alice).get(f"{NANO}?team=south").content.decode()
    assert "South" not in page
    assert "The real one" not in page


def test_a_download_link_is_offered_where_there_is_one_to_get(people: Cast, signed_in: SignedIn) -> None:
    """ReelBot's completed videos."""
    completed(people.reel, "rb-a", people.alice)
    completed(people.reel, "rb-b", people.alice, status="failed")
    completed(people.nano, "vid_a", people.alice)
    client = signed_in(people.alice)
    assert b"Get download link" in client.get(REEL).content
    assert b"Get download link" not in client.get("/generations/reelbot/rb-b/").content
    assert b"Get download link" not in client.get(NANO).content


@pytest.mark.parametrize(("person", "pinned"), [("alice", 13), ("sid", 12), ("rita", 9)])
def test_it_takes_as_many_queries_with_a_long_history_as_without(
    people: Cast, signed_in: SignedIn, queries: Queries, person: str, pinned: int
) -> None:
    """Nothing is asked for row by row."""
    generation = completed(people.nano, "vid_a", people.alice)
    client = signed_in(getattr(people, person))
    assert len(queries(client, NANO)) == pinned
    for number in range(60):
        observed(generation, number, {"number": number}, minute=number % 60)
    for _ in range(3):
        Note.objects.create(generation=generation, team=people.team, author=people.audrey, text="x")
    assert len(queries(client, NANO)) == pinned
    assert b"Older ones are kept" in client.get(NANO).content
