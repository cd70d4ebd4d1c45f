"""Every fault ends in its documented outcome, with a reason that names it."""

import json

import pytest

from auditing.providers import PROVIDERS, nanobanana, reelbot
from auditing.providers.declaration import Provider
from auditing.records import Answer, Outcome, Response
from tests.providers.faults import SHARED, Fault, malformed
from tests.providers.responses import (
    PROJECT_ID,
    VIDEO_ID,
    payload_bytes,
    project,
    project_without,
    response,
    video,
    video_without,
)

# A value of every other type in every field: (fields, what is expected there, values that are not).
VIDEO_TYPES = [
    (("id", "status", "title", "description", "mode", "resolution", "output_url"), "a string"),
    (("thumbnail_url", "created_at", "updated_at"), "a string"),
    (("processing_started_at", "processing_completed_at"), "a string"),
    (("duration_seconds", "credits_used"), "a number"),
]
PROJECT_TYPES = ("status", "message", "createdAt", "updatedAt", "outputKey", "error", "projectId")
VALUES = {"a string": "7", "a number": 7, "true or false": True, "a list": [], "an object": {}}

NANOBANANA: list[Fault] = [
    *(
        malformed(
            f"{field} is {got}",
            video(**{field: value}),
            f"video.{field}: expected {expected}, got {got}",
        )
        for fields, expected in VIDEO_TYPES
        for field in fields
        for got, value in VALUES.items()
        if got != expected
    ),
    malformed("no success", b'{"video":{"id":"x","status":"failed"}}', "success: missing"),
    malformed("success is 1", b'{"success":1}', "success: expected true or false, got a number"),
    malformed("no video", b'{"success":true}', "video: missing"),
    malformed("video is null", b'{"success":true,"video":null}', "video: expected an object, got null"),
    malformed("video is a list", b'{"success":true,"video":[]}', "video: expected an object, got a list"),
    malformed("flat", payload_bytes("reelbot-completed"), "success: missing"),
    malformed("no id", video_without("id"), "video.id: missing"),
    malformed("no status", video_without("status"), "video.status: missing"),
    malformed("id is null", video(id=None), "video.id: expected a string, got null"),
    malformed("status is null", video(status=None), "video.status: expected a string, got null"),
    malformed("another id", video(id="vid_zzzzzzzz"), "video.id: another id is echoed, 'vid_zzzzzzzz'"),
    malformed("the id in capitals", video(id="VID_A1"), "video.id: another id is echoed, 'VID_A1'"),
    malformed("empty status", video(status=""), "video.status: an empty string"),
    malformed("long status", video(status="s" * 65), "video.status: over 64 characters"),
    malformed("long mode", video(mode="m" * 65), "video.mode: over 64 characters"),
    malformed("long resolution", video(resolution="r" * 65), "video.resolution: over 64 characters"),
    malformed("long title", video(title="t" * 501), "video.title: over 500 characters"),
    malformed("long address", video(output_url="u" * 4097), "video.output_url: over 4096 characters"),
    malformed("negative credits", video(credits_used=-1), "video.credits_used: negative: -1"),
    malformed("negative credits", video(credits_used=-0.5), "video.credits_used: negative: -0.5"),
    malformed("negative seconds", video(duration_seconds=-5), "video.duration_seconds: negative: -5"),
    malformed(
        "fine credits", video(credits_used=0.0001), "video.credits_used: more than three decimals: 0.0001"
    ),
    malformed(
        "fine seconds",
        video(duration_seconds=5.0005),
        "video.duration_seconds: more than three decimals: 5.0005",
    ),
    malformed(
        "credits without end", video(credits_used=10**10), "video.credits_used: over 1000000000: 10000000000"
    ),
    malformed(
        "credits beyond exactness",
        video(credits_used=2**53),
        "video.credits_used: a number beyond ±(2^53 - 1)",
    ),
    malformed("NUL in the title", video(title="a\0"), "video.title: a NUL character"),
    malformed("surrogate in the prompt", video(description="\ud800"), "video.description: a lone surrogate"),
    *(
        malformed(
            f"{field} is {text!r}",
            video(**{field: text}),
            f"video.{field}: not an ISO 8601 date and time: {text!r}",
        )
        for field in ("created_at", "updated_at", "processing_started_at", "processing_completed_at")
        for text in ("", "yesterday", "2026-05-05", "1778000000", "10000-01-01T00:00:00Z")
    ),
    malformed(
        "month 13",
        video(created_at="2026-13-05T16:00:00Z"),
        "video.created_at: no such date and time: '2026-13-05T16:00:00Z'",
    ),
    malformed(
        "beyond year 9999 in UTC",
        video(created_at="9999-12-31T23:59:59-01:00"),
        "video.created_at: outside of the years 1 to 9999 in UTC: '9999-12-31T23:59:59-01:00'",
    ),
]

REELBOT: list[Fault] = [
    *(
        malformed(f"{field} is {got}", project(**{field: value}), f"{field}: expected a string, got {got}")
        for field in PROJECT_TYPES
        for got, value in VALUES.items()
        if got != "a string"
    ),
    *(
        malformed(f"{field} is null", project(**{field: None}), f"{field}: expected a string, got null")
        for field in ("status", "message", "createdAt")
    ),
    *(
        malformed(f"no {field}", project_without(field), f"{field}: missing")
        for field in ("status", "message", "createdAt")
    ),
    malformed("an envelope", payload_bytes("nanobanana-completed"), "status: missing"),
    malformed("an empty object", b"{}", "status: missing"),
    malformed("success is a word", project(success="no"), "success: expected true or false, got a string"),
    malformed("another id", project(projectId="zzz"), "projectId: another id is echoed, 'zzz'"),
    malformed("empty status", project(status=""), "status: an empty string"),
    malformed("long status", project(status="s" * 65), "status: over 64 characters"),
    malformed("long key", project(outputKey="k" * 1025), "outputKey: over 1024 characters"),
    malformed("NUL in the error", project(error="a\0"), "error: a NUL character"),
    malformed("surrogate in the message", project(message="\udfff"), "message: a lone surrogate"),
    malformed("large number elsewhere", project(seed=2**53), "seed: a number beyond ±(2^53 - 1)"),
    *(
        malformed(
            f"{field} is {text!r}",
            project(**{field: text}),
            f"{field}: not an ISO 8601 date and time: {text!r}",
        )
        for field in ("createdAt", "updatedAt")
        for text in ("", "yesterday", "2025-01-21", "1737477000000", "+10000-01-01T00:00:00.000Z")
    ),
    malformed(
        "30 February",
        project(updatedAt="2025-02-30T00:00:00.000Z"),
        "updatedAt: no such date and time: '2025-02-30T00:00:00.000Z'",
    ),
    malformed(
        "year 0",
        project(createdAt="0000-01-01T00:00:00.000Z"),
        "createdAt: no such date and time: '0000-01-01T00:00:00.000Z'",
    ),
]
IDS = {"nanobanana": VIDEO_ID, "reelbot": PROJECT_ID}
FAULTS = [
    pytest.param(provider, IDS[provider.key], *fault[1:], id=f"{provider.key}: {fault[0]}")
    for provider, own in ((nanobanana.PROVIDER, NANOBANANA), (reelbot.PROVIDER, REELBOT))
    for fault in SHARED + own
]


@pytest.mark.parametrize(("provider", "external_id", "faulty", "outcome", "reason"), FAULTS)
def test_a_fault_ends_in_its_outcome_and_is_named(
    provider: Provider, external_id: str, faulty: Response, outcome: Outcome, reason: str
) -> None:
    answer = provider.parse(external_id, faulty)
    assert answer == Answer(outcome=outcome, http_status=faulty.status, reason=reason)


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)
def test_the_type_of_content_that_a_header_claims_does_not_matter(provider: Provider) -> None:
    body = payload_bytes(f"{provider.key}-completed")
    answer = provider.parse(IDS[provider.key], response(body, content_type="text/html"))
    assert answer.outcome is Outcome.OK


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)
def test_as_deep_as_the_limit_is_not_too_deep(provider: Provider) -> None:
    body = json.loads(payload_bytes(f"{provider.key}-completed"))
    body["brackets in a string"] = '[{"' * 100
    body["deep"] = json.loads("[" * 31 + "]" * 31)
    answer = provider.parse(IDS[provider.key], response(json.dumps(body).encode()))
    assert (answer.outcome, answer.payload) == (Outcome.OK, body)


def test_escapes_of_colons_and_emoji_are_no_faults() -> None:
    body = video(title="Test").replace(b'"Test"', rb'"12\u003a30 \ud83c\udf4c \u00e9\/"')
    answer = nanobanana.PROVIDER.parse(VIDEO_ID, response(body))
    assert answer.record is not None
    assert answer.record.title == "12:30 🍌 é/"
