"""NanoBanana's own contract, spoken by Clipledger: its answers, to the letter."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.utils import timezone

from auditing.models import Generation, Scope
from tests.api.asking import a_token, asked
from tests.api.conftest import Queries
from tests.providers.responses import payload_bytes
from tests.views.cast import Cast, completed, registered

PATH = "/api/v1/video-status.php"
COMPLETED = json.loads(payload_bytes("nanobanana-completed"))
VIDEO_ID = COMPLETED["video"]["id"]


def error(text: str) -> dict[str, Any]:
    return {"success": False, "error": text}


def test_the_stored_payload_is_answered_as_the_provider_sent_it(people: Cast) -> None:
    """Value by value, the fields in the documented order."""
    completed(people.nano, VIDEO_ID, people.alice, payload=COMPLETED)
    answer = asked(f"{PATH}?video_id={VIDEO_ID}", a_token(people.alice, people.team))
    assert answer.as_said == (200, COMPLETED)
    assert list(answer.json["video"]) == list(COMPLETED["video"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Age"] == "0"


def test_what_the_provider_sent_beside_its_documentation_is_kept(people: Cast) -> None:
    """A field that nobody knows, a number with a fraction, a null and text of any kind."""
    video = {"id": "vid_new", "status": "processing", "title": None, "credits_used": 2.25, "fps": {"b": 1}}
    payload = {"success": True, "video": {**video, "description": "Strand ☀️ “x”\n</script>"}, "request": "r"}
    completed(people.nano, "vid_new", people.alice, status="processing", payload=payload)
    answer = asked(f"{PATH}?video_id=vid_new", a_token(people.alice, people.team))
    assert answer.as_said == (200, payload)
    assert list(answer.json) == ["success", "video", "request"]
    assert list(answer.json["video"]) == ["id", "status", "title", "description", "credits_used", "fps"]


def test_a_video_that_the_provider_has_forgotten_is_answered_all_the_same(people: Cast) -> None:
    """And says how old the answer is."""
    generation = completed(people.nano, VIDEO_ID, people.alice, payload=COMPLETED, outcome="missing")
    generation.lookup.synced_at = timezone.now() - timedelta(days=2)
    generation.lookup.save()
    answer = asked(f"{PATH}?video_id={VIDEO_ID}", a_token(people.alice, people.team))
    assert answer.as_said == (200, COMPLETED)
    assert 2 * 86_400 <= int(answer.headers["Age"]) < 2 * 86_400 + 60


def test_an_erased_payload_gives_way_to_the_records_columns(people: Cast) -> None:
    generation = completed(people.nano, "vid_erased", people.alice, payload=None)
    video = asked(f"{PATH}?video_id=vid_erased", a_token(people.alice, people.team)).json["video"]
    assert (video["id"], video["status"], video["credits_used"]) == ("vid_erased", "completed", 7.5)
    assert (video["duration_seconds"], video["thumbnail_url"]) == (8, None)
    assert generation.created_at is not None
    assert video["created_at"] == generation.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("outcome", [None, "unreachable", "malformed", "rate_limited", "unauthorized"])
def test_a_video_without_a_good_answer_yet_is_pending(people: Cast, outcome: str | None) -> None:
    """A client goes on polling. Nothing is made up, and no `Age` claims that the provider said so."""
    registered(people.nano, "vid_fresh", people.alice, outcome=outcome)
    answer = asked(f"{PATH}?video_id=vid_fresh", a_token(people.alice, people.team))
    video = answer.json["video"]
    assert (answer.status, video.pop("id"), video.pop("status")) == (200, "vid_fresh", "pending")
    assert set(video.values()) == {None}
    assert "Age" not in answer.headers


@pytest.mark.parametrize(
    ("outcome", "status", "text"),
    [
        ("missing", 404, "Video not found"),
        ("rejected", 404, "Video not found"),
        ("denied", 403, "Access denied"),
    ],
)
def test_a_video_that_the_provider_only_ever_refused_is_refused(
    people: Cast, outcome: str, status: int, text: str
) -> None:
    registered(people.nano, "vid_no", people.alice, outcome=outcome)
    answer = asked(f"{PATH}?video_id=vid_no", a_token(people.alice, people.team))
    assert answer.as_said == (status, error(text))


@pytest.mark.parametrize("query", ["", "?video_id=", "?id=vid_alice"])
def test_a_request_without_an_id_is_a_400(people: Cast, query: str) -> None:
    answer = asked(f"{PATH}{query}", a_token(people.alice, people.team))
    assert answer.as_said == (400, error("video_id parameter is required"))


@pytest.mark.parametrize("header", [None, "nonsense", "Bearer", "Bearer nb_0123456789abcdef", "Basic YTpi"])
@pytest.mark.usefixtures("people")
def test_a_request_without_a_good_token_is_a_401(header: str | None) -> None:
    """Before anything else is looked at."""
    headers = {"Authorization": header} if header else {}
    for query in ("", "?video_id=vid_alice"):
        assert asked(f"{PATH}{query}", **headers).as_said == (401, error("API key required"))


def test_a_token_made_for_other_things_is_told_so(people: Cast) -> None:
    """As NanoBanana says 403 where a key's plan has no access to its API."""
    answer = asked(f"{PATH}?video_id=x", a_token(people.alice, people.team, Scope.INTAKE))
    text = "This token was not made for this: one with the scope 'read' is needed."
    assert answer.as_said == (403, error(text))


def test_somebody_elses_video_is_a_403_and_none_at_all_a_404(people: Cast) -> None:
    """A teammate's and another team's alike."""
    completed(people.nano, "vid_alice", people.alice)
    completed(people.other_nano, "vid_otto", people.otto)
    text = a_token(people.bob, people.team)
    for refused in ("vid_alice", "vid_otto"):
        assert asked(f"{PATH}?video_id={refused}", text).as_said == (403, error("Access denied"))
    for absent in ("vid_never", "..", "x" * 300, "%00", "a%0Ab", "%FF"):
        assert asked(f"{PATH}?video_id={absent}", text).as_said == (404, error("Video not found"))


def test_two_teams_with_one_id_each_get_their_own(people: Cast) -> None:
    """The person of both gets the record of the token's team."""
    for account, title in ((people.nano, "north"), (people.other_nano, "south")):
        said = {"success": True, "video": {"id": "vid_both", "status": "completed", "title": title}}
        completed(account, "vid_both", None, payload=said)
    for team, title in ((people.team, "north"), (people.other_team, "south")):
        answer = asked(f"{PATH}?video_id=vid_both", a_token(people.sid, team))
        assert answer.json["video"]["title"] == title


@pytest.mark.parametrize("external_id", ["a/b", "a//../b", "ü?#&=", "100%", "%2e", "+ +", "x" * 255])
def test_any_id_can_be_asked_for(people: Cast, external_id: str) -> None:
    completed(people.nano, external_id, people.alice)
    answer = asked(f"{PATH}?video_id={quote(external_id, safe='')}", a_token(people.alice, people.team))
    assert (answer.status, answer.json["video"]["id"]) == (200, external_id)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(people: Cast, method: str) -> None:
    answer = asked(PATH, a_token(people.alice, people.team), method)
    assert answer.as_said == (405, error("Method not allowed"))
    assert answer.headers["Allow"] == "GET, HEAD"


def test_a_request_takes_few_queries(people: Cast, queries: Queries) -> None:
    """The token (3), who acts, what they may see, the record; where there is none, whether it exists, and
    then the refusal is told (2)."""
    completed(people.nano, "vid_alice", people.alice)
    text = a_token(people.alice, people.team)
    assert len(queries(asked, f"{PATH}?video_id=vid_alice", text)) == 6
    assert len(queries(asked, f"{PATH}?video_id=vid_never", text)) == 9
    assert Generation.objects.count() == 1
