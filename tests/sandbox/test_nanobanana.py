"""NanoBanana's status endpoint over HTTP: whole answers, as the vendor documents them."""

from datetime import UTC, datetime

import pytest

from auditing.sandbox.world import World
from tests.sandbox.conftest import Clock, Serve, bearer, key

PATH = "/api/v1/video-status.php"
BEACH = {
    "id": "vid_a1b2c3d4e5f6",
    "title": "Text to Video",
    "description": "A cinematic aerial shot of a golden beach at sunset",
    "mode": "text-to-video",
    "resolution": "1080p",
    "duration_seconds": 5,
    "output_url": None,
    "thumbnail_url": None,
    "credits_used": None,
    "created_at": "2026-05-05T16:00:00Z",
}


def test_a_completed_video_is_answered_as_in_the_reference(serve: Serve, examples: World) -> None:
    client = serve(examples)
    answer = client.get(
        PATH, params={"video_id": "vid_a1b2c3d4e5f6"}, headers=bearer(key(examples, "northlight-nano"))
    )
    base_url = str(client.base_url).rstrip("/")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {
        "success": True,
        "video": {
            "id": "vid_a1b2c3d4e5f6",
            "status": "completed",
            "title": "Text to Video",
            "description": "A cinematic aerial shot of a golden beach at sunset",
            "mode": "text-to-video",
            "resolution": "1080p",
            "duration_seconds": 5,
            "output_url": f"{base_url}/media/videos/vid_a1b2c3d4e5f6.mp4",
            "thumbnail_url": f"{base_url}/media/thumbs/vid_a1b2c3d4e5f6.png",
            "credits_used": 7,
            "created_at": "2026-05-05T16:00:00Z",
            "updated_at": "2026-05-05T16:00:07Z",
            "processing_started_at": "2026-05-05T16:00:01Z",
            "processing_completed_at": "2026-05-05T16:00:07Z",
        },
    }


def test_a_job_waits_then_runs_then_ends_as_the_clock_goes_on(
    serve: Serve, examples: World, clock: Clock
) -> None:
    clock.now = datetime(2026, 5, 5, 15, 59, 59, tzinfo=UTC)
    client, headers = serve(examples), bearer(key(examples, "northlight-nano"))

    def look_up() -> dict[str, object]:
        body: dict[str, object] = client.get(f"{PATH}?video_id=vid_a1b2c3d4e5f6", headers=headers).json()
        clock.forward(seconds=1)
        return body

    assert look_up() == {"success": False, "error": "Video not found"}
    pending = BEACH | {"status": "pending", "updated_at": "2026-05-05T16:00:00Z"}
    assert look_up() == {"success": True, "video": pending}
    processing = BEACH | {
        "status": "processing",
        "updated_at": "2026-05-05T16:00:01Z",
        "processing_started_at": "2026-05-05T16:00:01Z",
        "processing_completed_at": None,
    }
    assert [look_up() for _ in range(6)] == [{"success": True, "video": processing}] * 6
    last = look_up()["video"]
    assert isinstance(last, dict)
    assert last["status"] == "completed"


def test_a_failed_video_has_no_output_and_costs_nothing(serve: Serve, examples: World) -> None:
    headers = bearer(key(examples, "northlight-nano"))
    answer = serve(examples).get(f"{PATH}?video_id=vid_f00000000001", headers=headers)
    assert answer.status_code == 200
    assert answer.json()["video"] == BEACH | {
        "id": "vid_f00000000001",
        "status": "failed",
        "credits_used": 0,
        "updated_at": "2026-05-05T16:00:07Z",
        "processing_started_at": "2026-05-05T16:00:01Z",
        "processing_completed_at": None,
    }


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ("", 400, "video_id parameter is required"),
        ("?video_id=", 400, "video_id parameter is required"),
        ("?video_id=vid_5742a0e75742", 403, "Access denied"),
        ("?video_id=vid_000000000000", 404, "Video not found"),
        ("?video_id=no%20such%2Fid", 404, "Video not found"),
    ],
)
def test_a_good_key_gets_the_documented_errors(
    serve: Serve, examples: World, query: str, status: int, text: str
) -> None:
    answer = serve(examples).get(PATH + query, headers=bearer(key(examples, "northlight-nano")))
    assert (answer.status_code, answer.json()) == (status, {"success": False, "error": text})


@pytest.mark.parametrize(
    ("authorization", "text"),
    [
        (None, "API key required"),
        ("nb_93cb360799f929ae", "API key required"),
        ("Bearer rb_live_1", "Invalid API key format"),
        ("Bearer nb_1", "Invalid API key"),
    ],
)
def test_a_bad_key_is_refused_whatever_it_asks_for(
    serve: Serve, examples: World, authorization: str | None, text: str
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = serve(examples).get(f"{PATH}?video_id=vid_a1b2c3d4e5f6", headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"success": False, "error": text})


def test_a_key_of_another_account_is_denied(serve: Serve, examples: World) -> None:
    headers = bearer(key(examples, "harbor-nano"))
    answer = serve(examples).get(f"{PATH}?video_id=vid_a1b2c3d4e5f6", headers=headers)
    assert (answer.status_code, answer.json()) == (403, {"success": False, "error": "Access denied"})


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_only_get_is_allowed(serve: Serve, examples: World, method: str) -> None:
    answer = serve(examples).request(method, PATH)
    assert (answer.status_code, answer.json()) == (405, {"success": False, "error": "Method not allowed"})
    assert answer.headers["Allow"] == "GET"


def test_lookups_are_not_limited(serve: Serve, examples: World) -> None:
    client, headers = serve(examples), bearer(key(examples, "northlight-nano"))
    answers = [client.get(f"{PATH}?video_id=vid_a1b2c3d4e5f6", headers=headers) for _ in range(200)]
    assert {answer.status_code for answer in answers} == {200}
    assert not [name for name in answers[-1].headers if name.startswith("x-ratelimit")]
