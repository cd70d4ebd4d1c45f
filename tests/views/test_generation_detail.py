"""`/generations/<provider>/<external_id>/`: everything known of one record."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.html import escape

from auditing.models import Lookup, Note, Tag, Tagging, TrailEntry
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
    assert "Timeline: waiting 30 s, running 1 min, the same times are in the table below" in page
    assert "Reported by NanoBanana Video." in page


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
    assert b"reported no file" in signed_in(people.alice).get(NANO).content


SIGNED = (
    "https://cdn.nanobananavideo.com/v.mp4?X-Amz-Date=20260501T000000Z&X-Amz-Expires={}&X-Amz-Signature=x"
)


@pytest.mark.parametrize(
    ("account", "columns", "words"),
    [
        ("nano", {"output_url": SIGNED.format(3600)}, "The address of the file expired"),
        ("nano", {"output_url": SIGNED.format(999_999_999)}, "it expires"),
        ("nano", {"output_url": "https://elsewhere.example/v.mp4"}, "which is none of the hosts"),
        ("nano", {"output_url": "ftp://files.example/v.mp4"}, "an address that a browser can"),
        ("nano", {"output_url": None, "status": "failed"}, "The job failed; there is no output."),
        ("nano", {"output_url": None, "status": "processing"}, "No output yet: the job is processing"),
        ("reel", {}, "Ask for a link, which works for an hour"),
        ("reel", {"output_key": None}, "A download link may still be had"),
    ],
)
def test_the_player_says_what_there_is_and_what_to_do(
    people: Cast, signed_in: SignedIn, account: str, columns: dict[str, Any], words: str
) -> None:
    """An expired address gets no player; one that will expire says when."""
    generation = completed(getattr(people, account), "x", people.alice, **columns)
    page = signed_in(people.alice).get(f"/generations/{generation.provider}/x/").content.decode()
    assert words in page
    assert ("<video" in page) == (words == "it expires")


def test_costs_say_what_they_rest_on(people: Cast, signed_in: SignedIn) -> None:
    """Reported, documented, or unknown and never 0; a failure that cost something is marked."""
    completed(people.reel, "rb-a", people.alice)
    assert b"its documentation does" in signed_in(people.alice).get(REEL).content
    unknown = {"credits_thousandths": None, "credits_basis": None}
    completed(people.nano, "vid_a", people.alice, **unknown)
    assert b"It counts as unknown, and never as 0." in signed_in(people.alice).get(NANO).content
    completed(people.nano, "vid_b", people.alice, status="failed")
    page = signed_in(people.alice).get("/generations/nanobanana/vid_b/").content
    assert b"said to have cost something all the same" in page


def test_who_looked_at_it_is_told_to_managers_and_site_auditors(people: Cast, signed_in: SignedIn) -> None:
    """Each person once, with how often; nobody else learns of them."""
    completed(people.nano, "vid_a", people.alice)
    for _ in range(2):
        signed_in(people.alice).get(NANO)
    page = signed_in(people.max).get(NANO).content.decode()
    seen = page[page.index("Who looked at it") :]
    assert "<span>Alice</span>" in seen
    assert ", 2 times</span>" in seen
    assert "/audit/?q=nanobanana%2Fvid_a&amp;act=viewed" in seen
    assert b"Who looked at it" in signed_in(people.sid).get(NANO).content
    for person in (people.alice, people.audrey):
        assert b"Who looked at it" not in signed_in(person).get(NANO).content


def test_a_payload_is_downloaded_as_it_is_stored(people: Cast, signed_in: SignedIn) -> None:
    """The last good one, or one of the history; told to the trail."""
    said = {"video": {"title": "Über", "credits_used": 1.50, "id": 12345678901234567890}}
    generation = completed(people.nano, "vid/a b", people.alice, payload=said)
    first = observed(generation, 1, {"status": "queued"}, minute=1)
    client = signed_in(people.alice)
    page = client.get("/generations/nanobanana/vid%2Fa%20b/").content.decode()
    address = "/generations/payload/?provider=nanobanana&external_id=vid%2Fa+b&team=north"
    assert f'href="{escape(address)}" download' in page
    assert f'href="{escape(address)}&amp;observation={first.pk}" download' in page
    file = client.get(address)
    assert json.loads(file.content) == said
    assert file.headers["Content-Disposition"] == 'attachment; filename="nanobanana-vid_a_b.json"'
    assert file.headers["Content-Type"].startswith("application/json")
    assert json.loads(client.get(f"{address}&observation={first.pk}").content) == {"status": "queued"}
    told = TrailEntry.objects.filter(act="payload_taken").order_by("pk").values_list("asked", "result")
    assert list(told) == [
        ("nanobanana/vid/a b", ""),
        ("nanobanana/vid/a b", f"observation: none → {first.pk}"),
    ]


def test_a_payload_that_is_not_there_is_a_404(people: Cast, signed_in: SignedIn) -> None:
    """Erased, another record's, or no number."""
    generation, other = (completed(people.nano, f"vid_{mark}", people.alice) for mark in "ab")
    erased, foreign = observed(generation, 1, None), observed(other, 2, {})
    client = signed_in(people.alice)
    address = "/generations/payload/?provider=nanobanana&external_id=vid_a"
    for query in ("", *(f"&observation={which}" for which in (erased.pk, foreign.pk, "x", "9" * 30))):
        assert client.get(address + query).status_code == 404, query
    assert "The payload was erased." in client.get(NANO).content.decode()


def test_a_long_payload_is_folded(people: Cast, signed_in: SignedIn) -> None:
    completed(people.nano, "vid_a", people.alice, payload={f"field {n}": n for n in range(100)})
    assert b"Show all 102 lines" in signed_in(people.alice).get(NANO).content


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
        denied_by=[people.other_nano.pk],
    )
    page = signed_in(people.alice).get(NANO).content.decode()
    assert "1 account of the team had a 403 before" in page
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
    assert "it was completed before it started, by 5 s" in page
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


@pytest.mark.parametrize(("person", "pinned"), [("alice", 10), ("sid", 11), ("rita", 13)])
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
