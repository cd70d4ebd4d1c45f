"""ReelBot's own contract, spoken by Clipledger: its answers, to the letter."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.utils import timezone

from auditing.api.rates import LIMIT
from auditing.models import RateWindow, Scope
from tests.api.asking import a_token, asked, asked_reelbot
from tests.api.conftest import Queries
from tests.providers.responses import payload_bytes
from tests.views.cast import Cast, completed, registered

COMPLETED = json.loads(payload_bytes("reelbot-completed"))


def error(name: str) -> Any:
    """The documented body of an error."""
    return json.loads(payload_bytes(f"reelbot-{name}"))


def test_the_stored_payload_is_answered_as_the_provider_sent_it(people: Cast) -> None:
    """Flat and without the id, the fields in the documented order."""
    completed(people.reel, "abc123def456", people.alice, payload=COMPLETED)
    answer = asked_reelbot("abc123def456", a_token(people.alice, people.team))
    assert answer.as_said == (200, COMPLETED)
    assert list(answer.json) == ["status", "message", "createdAt", "updatedAt", "outputKey"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_erased_payload_gives_way_to_the_records_columns(people: Cast) -> None:
    """Fields that ReelBot leaves out where they don't apply are left out."""
    made = datetime(2026, 5, 5, 16, 0, tzinfo=UTC)
    said = {"message": "Done", "created_at": made, "updated_at": made + timedelta(milliseconds=61_500)}
    completed(people.reel, "rb-erased", people.alice, payload=None, **said)
    assert asked_reelbot("rb-erased", a_token(people.alice, people.team)).json == {
        "status": "completed",
        "message": "Done",
        "createdAt": "2026-05-05T16:00:00.000Z",
        "updatedAt": "2026-05-05T16:01:01.500Z",
        "outputKey": "users/1/video.mp4",
    }


@pytest.mark.parametrize("outcome", [None, "unreachable", "malformed", "rate_limited", "unauthorized"])
def test_a_project_without_a_good_answer_yet_is_queued(people: Cast, outcome: str | None) -> None:
    """Since its id came in: a client goes on polling."""
    generation = registered(people.reel, "rb-fresh", people.alice, outcome=outcome)
    answer = asked_reelbot("rb-fresh", a_token(people.alice, people.team))
    since = generation.registered_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message = "Video is queued for its first lookup"
    assert answer.as_said == (200, {"status": "queued", "message": message, "createdAt": since})
    assert "Age" not in answer.headers


@pytest.mark.parametrize("outcome", ["missing", "rejected", "denied"])
def test_a_project_that_the_provider_only_ever_refused_is_not_found(people: Cast, outcome: str) -> None:
    registered(people.reel, "rb-no", people.alice, outcome=outcome)
    assert asked_reelbot("rb-no", a_token(people.alice, people.team)).as_said == (404, error("404"))


@pytest.mark.parametrize("project", ["", "%00", "a%0Ab", "a%0A", "x" * 256, "%C2%85", "."])
def test_what_can_be_no_id_is_a_400(people: Cast, project: str) -> None:
    answer = asked_reelbot(project, a_token(people.alice, people.team))
    message = "Invalid project ID format"
    assert answer.as_said == (400, {"success": False, "message": message, "code": "INVALID_PROJECT_ID"})
    assert answer.headers["X-RateLimit-Remaining"] == str(LIMIT - 1)


@pytest.mark.parametrize("text", [None, "", "rb_live_your_key_here", "clip_", "\u00fc"])
@pytest.mark.usefixtures("people")
def test_a_request_without_a_good_token_is_a_401(text: str | None) -> None:
    """And counts for nobody."""
    assert asked_reelbot("rb-alice", text).as_said == (401, error("401"))
    assert not RateWindow.objects.exists()


def test_a_token_in_another_providers_header_is_none(people: Cast) -> None:
    text = a_token(people.alice, people.team)
    assert asked("/api/v1/video/status/rb-alice", text).as_said == (401, error("401"))


def test_a_token_made_for_other_things_is_told_so(people: Cast) -> None:
    answer = asked_reelbot("rb-alice", a_token(people.alice, people.team, Scope.EXPORT))
    assert (answer.status, answer.json["code"]) == (403, "INSUFFICIENT_SCOPE")


@pytest.mark.parametrize("external_id", ["a/b", "/a//b/", "a/../b", "ü?#&", "100%", "%2e", "x" * 255, "<b>"])
def test_any_id_can_be_asked_for(people: Cast, external_id: str) -> None:
    """Percent-encoded as one segment, a `/` in it included."""
    completed(people.reel, external_id, people.alice, payload=COMPLETED)
    answer = asked_reelbot(quote(external_id, safe=""), a_token(people.alice, people.team))
    assert answer.as_said == (200, COMPLETED)


def test_a_strangers_project_and_one_that_is_not_there_are_the_same_answer(people: Cast) -> None:
    """The same bytes and headers, whoever the stranger is."""
    completed(people.reel, "rb-alice", people.alice)
    completed(people.other_reel, "rb-otto", people.otto)
    answers = []
    for project in ("rb-alice", "rb-otto", "rb-never"):
        answer = asked_reelbot(project, a_token(people.bob, people.team))
        del answer.headers["X-RateLimit-Reset"], answer.headers["X-Request-ID"]  # each one's own
        answers.append(answer)
    assert answers[0] == answers[1] == answers[2]
    assert answers[0].as_said == (404, error("404"))
    assert answers[0].body == (b'{"success": false, "message": "Project not found", "code": "NOT_FOUND"}')
    told = {"Content-Type": "application/json", "Content-Length": "71", "Cache-Control": "no-store"}
    pace = {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "59"}
    assert answers[0].headers.items() >= (told | pace).items()


def test_refused_and_absent_take_the_same_queries(people: Cast, queries: Queries) -> None:
    """Token (3), who acts (3), pace, what they may see (3), the record, the refusal told: nothing asks
    whether there is one."""
    completed(people.reel, "rb-alice", people.alice)
    text = a_token(people.bob, people.team)
    refused, absent = (queries(asked_reelbot, project, text) for project in ("rb-alice", "rb-never"))
    assert len(refused) == len(absent) == 10
    # The first three are about the token; the third holds the time.
    assert [query.replace("rb-alice", "rb-never") for query in refused[3:]] == absent[3:]


def test_a_token_has_sixty_requests_a_minute(people: Cast) -> None:
    """Counted down on every answer; then 429, until the reset that every answer names."""
    completed(people.reel, "rb-alice", people.alice, payload=COMPLETED)
    text = a_token(people.alice, people.team)
    answers = [asked_reelbot(project, text) for project in ("rb-alice", "rb-never", "%00") * 20]
    assert [answer.status for answer in answers] == [200, 404, 400] * 20
    left = [answer.headers["X-RateLimit-Remaining"] for answer in answers]
    assert left == [str(number) for number in range(LIMIT - 1, -1, -1)]
    refused = asked_reelbot("rb-alice", text)
    (reset,) = {answer.headers["X-RateLimit-Reset"] for answer in [*answers, refused]}
    assert refused.as_said == (429, {**error("429"), "details": {"resetAt": reset}})
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert datetime.fromisoformat(reset) > timezone.now()
    assert (reset[-5], reset[-1]) == (".", "Z")
    assert asked_reelbot("rb-alice", a_token(people.alice, people.team)).status == 200
    RateWindow.objects.update(opened_at=timezone.now() - timedelta(minutes=1))
    assert asked_reelbot("rb-alice", text).headers["X-RateLimit-Remaining"] == "59"


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_other_methods_are_refused(people: Cast, method: str) -> None:
    answer = asked("/api/v1/video/status/rb-alice", a_token(people.alice, people.team), method)
    assert (answer.status, answer.json["code"]) == (405, "METHOD_NOT_ALLOWED")
