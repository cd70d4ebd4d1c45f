"""NanoBanana's answers become records, and records its answers."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from auditing.providers.nanobanana import ID_IN_TEXT, emit, intake_id, parse, target
from auditing.records import Answer, CreditsBasis, Flag, Outcome, Record, Status
from tests.providers.responses import VIDEO_ID, payload_bytes, response, video, video_without

COMPLETED = Record(
    status=Status.COMPLETED,
    provider_status="completed",
    title="Text to Video",
    description="A cinematic aerial shot of a golden beach at sunset",
    mode="text-to-video",
    resolution="1080p",
    duration_milliseconds=5000,
    output_url="https://cdn.nanobananavideo.com/videos/vid_a1b2c3.mp4",
    thumbnail_url="https://cdn.nanobananavideo.com/thumbs/vid_a1b2c3.jpg",
    credits_thousandths=7000,
    credits_basis=CreditsBasis.REPORTED,
    created_at=datetime(2026, 5, 5, 16, 0, 0, tzinfo=UTC),
    updated_at=datetime(2026, 5, 5, 16, 0, 7, tzinfo=UTC),
    processing_started_at=datetime(2026, 5, 5, 16, 0, 1, tzinfo=UTC),
    processing_completed_at=datetime(2026, 5, 5, 16, 0, 7, tzinfo=UTC),
)
OPTIONAL = [
    *("title", "description", "mode", "resolution", "duration_seconds", "output_url", "thumbnail_url"),
    *("credits_used", "created_at", "updated_at", "processing_started_at", "processing_completed_at"),
]


def record_of(body: bytes) -> Record:
    answer = parse(VIDEO_ID, response(body))
    assert answer.record is not None, answer.reason
    return answer.record


def test_a_lookup_asks_for_the_id_in_the_query() -> None:
    assert target(VIDEO_ID) == "/api/v1/video-status.php?video_id=vid_a1b2c3d4e5f6"
    assert target("12345") == "/api/v1/video-status.php?video_id=12345"


def test_the_documented_example_is_read_whole() -> None:
    body = payload_bytes("nanobanana-completed")
    assert parse(VIDEO_ID, response(body)) == Answer(
        outcome=Outcome.OK, http_status=200, record=COMPLETED, payload=json.loads(body)
    )


def test_the_documented_example_is_put_back_as_it_was() -> None:
    emitted = emit(VIDEO_ID, COMPLETED)
    documented = json.loads(payload_bytes("nanobanana-completed"))
    assert emitted == documented
    assert list(emitted["video"]) == list(documented["video"])


@pytest.mark.parametrize(
    ("word", "status", "final"),
    [
        ("pending", Status.PENDING, False),
        ("processing", Status.PROCESSING, False),
        ("completed", Status.COMPLETED, True),
        ("failed", Status.FAILED, True),
    ],
)
def test_the_documented_status_words(word: str, status: Status, final: bool) -> None:
    record = record_of(video(status=word))
    assert (record.status, record.provider_status, record.flags) == (status, word, frozenset())
    assert record.status.is_final is final


@pytest.mark.parametrize("word", ["queued", "Completed", "completed ", "moderation_hold", "完了"])
def test_another_status_word_is_kept_as_it_came_and_flagged(word: str) -> None:
    record = record_of(video(status=word))
    assert (record.status, record.provider_status) == (Status.UNKNOWN, word)
    assert record.flags == {Flag.UNKNOWN_STATUS}
    assert not record.status.is_final


def test_a_job_just_created_may_say_no_more_than_its_id_and_status() -> None:
    body = b'{"success":true,"video":{"id":"vid_a1b2c3d4e5f6","status":"pending"}}'
    record = record_of(body)
    assert record == Record(status=Status.PENDING, provider_status="pending", absent=frozenset(OPTIONAL))
    assert emit(VIDEO_ID, record) == json.loads(body)


@pytest.mark.parametrize("field", OPTIONAL)
def test_null_and_absent_are_both_unknown_yet_told_apart(field: str) -> None:
    null, absent = record_of(video(**{field: None})), record_of(video_without(field))
    assert null.absent == frozenset()
    assert absent.absent == {field}
    assert emit(VIDEO_ID, null) == json.loads(video(**{field: None}))
    assert emit(VIDEO_ID, absent) == json.loads(video_without(field))


@pytest.mark.parametrize(
    ("credits_used", "thousandths", "basis"),
    [
        (7, 7000, CreditsBasis.REPORTED),
        (2.5, 2500, CreditsBasis.REPORTED),
        (0.001, 1, CreditsBasis.REPORTED),
        (0, 0, CreditsBasis.REPORTED),
        (None, None, None),
    ],
)
def test_credits_are_whole_thousandths_and_unknown_is_not_zero(
    credits_used: float | None, thousandths: int | None, basis: CreditsBasis | None
) -> None:
    record = record_of(video(credits_used=credits_used))
    assert (record.credits_thousandths, record.credits_basis) == (thousandths, basis)


def test_a_failed_job_keeps_the_credits_that_it_cost() -> None:
    record = record_of(video(status="failed", output_url=None, credits_used=7))
    assert (record.status, record.credits_thousandths) == (Status.FAILED, 7000)


def test_unknown_fields_stay_in_the_payload() -> None:
    body = video(seed=42, tags=["a", {"b": None}])
    answer = parse(VIDEO_ID, response(body))
    assert (answer.outcome, answer.record, answer.payload) == (Outcome.OK, COMPLETED, json.loads(body))


@pytest.mark.parametrize("text", ["2026-05-05T16:00:00", "2026-05-05 16:00:00"])
def test_a_time_without_a_zone_is_utc_and_flagged(text: str) -> None:
    record = record_of(video(created_at=text))
    assert record.created_at == COMPLETED.created_at
    assert record.flags == {Flag.NAIVE_TIME}


@pytest.mark.parametrize("text", ["2026-05-05T18:00:00+02:00", "2026-05-05T12:30:00.000-0330"])
def test_a_time_with_an_offset_becomes_utc_without_a_flag(text: str) -> None:
    record = record_of(video(created_at=text))
    assert (record.created_at, record.flags) == (COMPLETED.created_at, frozenset())


@pytest.mark.parametrize(
    "changes",
    [
        {"processing_completed_at": "2026-05-05T16:00:00Z"},
        {"processing_started_at": "2026-05-05T15:59:59Z"},
        {"processing_started_at": None, "processing_completed_at": "2026-05-05T15:59:59Z"},
        {"updated_at": "2026-05-05T15:59:59.999Z"},
        {"updated_at": "9999-12-31T23:59:59Z"},
        {"processing_completed_at": "2026-05-07T12:00:01Z"},
    ],
    ids=[
        "completed before started",
        "started before created",
        "completed before created",
        "updated before created",
        "year 9999",
        "over a day after the answer",
    ],
)
def test_impossible_times_are_kept_and_flagged(changes: dict[str, Any]) -> None:
    record = record_of(video(**changes))
    assert record.flags == {Flag.IMPOSSIBLE_TIMES}
    assert emit(VIDEO_ID, record) == json.loads(video(**changes))


def test_a_clock_that_runs_somewhat_ahead_of_ours_is_possible() -> None:
    assert record_of(video(updated_at="2026-05-07T11:59:59Z")).flags == frozenset()


def test_a_record_may_be_odd_in_several_ways() -> None:
    record = record_of(video(status="paused", created_at="2027-01-01T00:00:00"))
    assert record.flags == {Flag.UNKNOWN_STATUS, Flag.NAIVE_TIME, Flag.IMPOSSIBLE_TIMES}


def test_texts_of_the_greatest_length_are_kept_uncut() -> None:
    texts = {"status": "s" * 64, "title": "é" * 500, "description": "d" * 100_000, "output_url": "u" * 4096}
    record = record_of(video(**texts))
    assert [record.provider_status, record.title, record.description, record.output_url] == [*texts.values()]


@pytest.mark.parametrize(
    ("name", "status", "outcome", "reason"),
    [
        ("nanobanana-400", 400, Outcome.REJECTED, "HTTP 400: video_id parameter is required"),
        ("nanobanana-401", 401, Outcome.UNAUTHORIZED, "HTTP 401: API key required"),
        ("nanobanana-403", 403, Outcome.DENIED, "HTTP 403: Access denied"),
        ("nanobanana-404", 404, Outcome.MISSING, "HTTP 404: Video not found"),
    ],
)
def test_the_documented_errors(name: str, status: int, outcome: Outcome, reason: str) -> None:
    answer = parse(VIDEO_ID, response(payload_bytes(name), status))
    assert answer == Answer(outcome=outcome, http_status=status, reason=reason)


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        (json.loads(payload_bytes("nanobanana-generation")), VIDEO_ID),
        ({"success": True, "video_id": 12345}, "12345"),
        ({"video_id": ""}, None),
        ({"video_id": True}, None),
        ({"video_id": None}, None),
        ({"video_id": ["vid_a1b2c3d4"]}, None),
        ({"projectId": "abc123def456"}, None),
        ({}, None),
    ],
)
def test_a_generation_response_gives_its_id(payload: dict[str, Any], found: str | None) -> None:
    assert intake_id(payload) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12:00 generated vid_a1b2c3d4 and vid_a1b2c3d4e5f6.", ["vid_a1b2c3d4", "vid_a1b2c3d4e5f6"]),
        ('{"video_id":"vid_a1b2c3d4e5f6"}', ["vid_a1b2c3d4e5f6"]),
        ("GET /api/v1/video-status.php?video_id=vid_A1B2C3D4&x=1", ["vid_A1B2C3D4"]),
        ("(vid_a1b2c3d4),[vid_b1b2c3d4]", ["vid_a1b2c3d4", "vid_b1b2c3d4"]),
        ("https://cdn.nanobananavideo.com/videos/vid_a1b2c3d4.mp4", []),
        ("https://cdn.nanobananavideo.com/thumbs/vid_a1b2c3d4.jpg", []),
        ("vid_a1b2c3 is too short, my_vid_a1b2c3d4 and vid_a1b2c3d4_x are something else", []),
        (f"vid_{'a' * 65}", []),
    ],
)
def test_ids_of_the_usual_form_are_found_in_free_text(text: str, found: list[str]) -> None:
    assert [match["id"] for match in ID_IN_TEXT.finditer(text)] == found
