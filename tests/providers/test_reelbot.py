"""ReelBot's answers become records, and records its answers."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from auditing.providers.declaration import Download, DownloadRefused
from auditing.providers.reelbot import (
    ID_IN_TEXT,
    download_target,
    emit,
    intake_id,
    parse,
    parse_download,
    target,
)
from auditing.records import Answer, CreditsBasis, Flag, Outcome, Record, Status
from tests.providers.responses import (
    NOW,
    PROJECT_ID,
    payload_bytes,
    project,
    project_without,
    response,
    two_seconds,
)

CREATED = datetime(2025, 1, 21, 16, 30, tzinfo=UTC)
LINK = "https://reelbot-output.s3.amazonaws.com/users/abc123/output/video-xyz789.mp4?X-Amz-Expires=3600"
DOCUMENTED = {
    "reelbot-queued": Record(
        status=Status.PENDING,
        provider_status="queued",
        message="Video is queued for processing",
        created_at=CREATED,
        absent=frozenset({"updatedAt", "outputKey", "error"}),
    ),
    "reelbot-processing": Record(
        status=Status.PROCESSING,
        provider_status="processing",
        message="Video is being processed",
        created_at=CREATED,
        updated_at=datetime(2025, 1, 21, 16, 31, 15, tzinfo=UTC),
        absent=frozenset({"outputKey", "error"}),
    ),
    "reelbot-processing-later": Record(
        status=Status.PROCESSING,
        provider_status="processing",
        message="Video is being processed",
        created_at=CREATED,
        updated_at=datetime(2025, 1, 21, 16, 30, 45, tzinfo=UTC),
        absent=frozenset({"outputKey", "error"}),
    ),
    "reelbot-completed": Record(
        status=Status.COMPLETED,
        provider_status="completed",
        message="Video generation completed successfully",
        output_key="users/abc123/output/video-xyz789.mp4",
        credits_thousandths=1000,
        credits_basis=CreditsBasis.DOCUMENTED,
        created_at=CREATED,
        updated_at=datetime(2025, 1, 21, 16, 33, 22, tzinfo=UTC),
        absent=frozenset({"error"}),
    ),
    "reelbot-failed": Record(
        status=Status.FAILED,
        provider_status="failed",
        message="Video generation failed",
        error="Failed to process B-roll asset: file not found",
        credits_thousandths=0,
        credits_basis=CreditsBasis.DOCUMENTED,
        created_at=CREATED,
        updated_at=datetime(2025, 1, 21, 16, 31, 5, tzinfo=UTC),
        absent=frozenset({"outputKey"}),
    ),
}
examples = pytest.mark.parametrize(("name", "record"), DOCUMENTED.items(), ids=DOCUMENTED)


def record_of(body: bytes) -> Record:
    answer = parse(PROJECT_ID, response(body))
    assert answer.record is not None, answer.reason
    return answer.record


def test_the_id_is_a_segment_of_the_path() -> None:
    assert target(PROJECT_ID) == "/api/v1/video/status/abc123def456"
    assert download_target(PROJECT_ID) == "/api/v1/video/download/abc123def456"


@examples
def test_the_documented_examples_are_read_whole(name: str, record: Record) -> None:
    body = payload_bytes(name)
    assert parse(PROJECT_ID, response(body)) == Answer(
        outcome=Outcome.OK, http_status=200, record=record, payload=json.loads(body)
    )


@examples
def test_the_documented_examples_are_put_back_as_they_were(name: str, record: Record) -> None:
    emitted, documented = emit(PROJECT_ID, record), json.loads(payload_bytes(name))
    assert emitted == documented
    assert list(emitted) == list(documented)


@pytest.mark.parametrize("word", ["pending", "QUEUED", "cancelled", "待機"])
def test_another_status_word_is_kept_as_it_came_flagged_and_of_unknown_cost(word: str) -> None:
    record = record_of(project(status=word))
    assert (record.status, record.provider_status) == (Status.UNKNOWN, word)
    assert (record.credits_thousandths, record.credits_basis) == (None, None)
    assert record.flags == {Flag.UNKNOWN_STATUS}


@pytest.mark.parametrize("field", ["updatedAt", "outputKey", "error"])
def test_null_and_absent_are_both_unknown_yet_told_apart(field: str) -> None:
    null = record_of(project(**{"error": "e", field: None}))
    absent = record_of(project_without(field))
    assert field not in null.absent
    assert field in absent.absent
    assert emit(PROJECT_ID, null) == json.loads(project(**{"error": "e", field: None}))
    assert emit(PROJECT_ID, absent) == json.loads(project_without(field))


def test_unknown_fields_stay_in_the_payload() -> None:
    body = project(projectId=PROJECT_ID, success=True, progress=0.5)
    answer = parse(PROJECT_ID, response(body))
    assert answer.record == DOCUMENTED["reelbot-completed"]
    assert answer.payload == json.loads(body)


def test_a_time_without_a_zone_is_utc_and_flagged() -> None:
    record = record_of(project(createdAt="2025-01-21T16:30:00.000"))
    assert (record.created_at, record.flags) == (CREATED, frozenset({Flag.NAIVE_TIME}))


@pytest.mark.parametrize(
    "changes",
    [{"updatedAt": "2025-01-21T16:29:59.999Z"}, {"createdAt": "9999-01-01T00:00:00.000Z"}],
    ids=["updated before created", "year 9999"],
)
def test_impossible_times_are_kept_and_flagged(changes: dict[str, Any]) -> None:
    record = record_of(project(**changes))
    assert record.flags == {Flag.IMPOSSIBLE_TIMES}
    assert emit(PROJECT_ID, record) == json.loads(project(**changes))


def test_a_refused_key() -> None:
    answer = parse(PROJECT_ID, response(payload_bytes("reelbot-401"), 401))
    assert answer == Answer(
        outcome=Outcome.UNAUTHORIZED,
        http_status=401,
        reason="HTTP 401: Unauthorized. Please provide a valid API key via the X-API-Key header."
        " (UNAUTHORIZED)",
    )


def test_a_project_that_is_missing_or_a_strangers() -> None:
    answer = parse(PROJECT_ID, response(payload_bytes("reelbot-404"), 404))
    assert answer == Answer(
        outcome=Outcome.MISSING, http_status=404, reason="HTTP 404: Project not found (NOT_FOUND)"
    )


def test_the_documented_429_whose_reset_has_long_passed() -> None:
    answer = parse(PROJECT_ID, response(payload_bytes("reelbot-429"), 429), jitter=two_seconds)
    assert answer == Answer(
        outcome=Outcome.RATE_LIMITED,
        http_status=429,
        reason="HTTP 429: Rate limit exceeded. Please reduce polling frequency. (RATE_LIMITED)",
        reset_at=NOW + two_seconds(),
    )


def test_a_link_to_the_finished_video() -> None:
    assert parse_download(response(payload_bytes("reelbot-download"))) == Download(
        url=LINK, expires_at="2025-01-21T17:33:22.000Z"
    )


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (404, payload_bytes("reelbot-404"), "HTTP 404: Project not found (NOT_FOUND)"),
        (
            404,
            b"<html>",
            "HTTP 404, but the body is not a JSON object: not the provider's own answer",
        ),
        (302, b"", "HTTP 302: a redirect, which is never followed"),
        (503, b"", "HTTP 503 Service Unavailable"),
        (200, b"", "empty body"),
        (200, b'{"success": false, "message": "Not ready"}', "success: false in a 200: Not ready"),
        (200, b'{"success": true, "expiresAt": "2025-01-21T17:33:22.000Z"}', "downloadUrl: missing"),
        (
            200,
            b'{"success": true, "downloadUrl": "javascript:alert(1)", "expiresAt": "2025-01-21T17:33:22Z"}',
            "downloadUrl: not an http address",
        ),
        (
            200,
            b'{"success": true, "downloadUrl": "https://cdn.example/a", "expiresAt": "in an hour"}',
            "expiresAt: not an ISO 8601 date and time: 'in an hour'",
        ),
    ],
)
def test_why_there_is_no_link(status: int, body: bytes, reason: str) -> None:
    assert parse_download(response(body, status)) == DownloadRefused(status, reason)


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        ({"success": True, "projectId": PROJECT_ID}, PROJECT_ID),
        ({"success": True, "data": {"projectId": PROJECT_ID}}, PROJECT_ID),
        ({"project": {"projectId": PROJECT_ID}}, PROJECT_ID),
        ({"projectId": "", "data": {"projectId": PROJECT_ID}}, PROJECT_ID),
        ({"projectId": 17}, None),
        ({"project": PROJECT_ID}, None),
        ({"video_id": "vid_a1b2c3d4"}, None),
        ({}, None),
    ],
)
def test_a_generation_response_gives_its_id(payload: dict[str, Any], found: str | None) -> None:
    assert intake_id(payload) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('curl https://reelbot.space/api/v1/video/status/abc123def456 \\\n-H "X"', ["abc123def456"]),
        ("GET /api/v1/video/download/abc-123_d?x=1 200", ["abc-123_d"]),
        ('{"projectId": "abc123def456"}', ["abc123def456"]),
        (r'"{\"projectId\":\"abc123def456\"}"', ["abc123def456"]),
        ("done projectId=abc123 project_id: def456.", ["abc123", "def456"]),
        ('{"projectId": null}', []),
        ("/video/status/{projectId} /video/status/${projectId}", []),
        ("/video/status/abc%2Fdef /video/status/abc.def", []),
        ("job abc123def456 is done", []),
        (f"projectId={'a' * 256}", []),
    ],
)
def test_ids_are_found_in_free_text_by_what_stands_before_them(text: str, found: list[str]) -> None:
    assert [match["id"] for match in ID_IN_TEXT.finditer(text)] == found
