"""ReelBot's endpoints over HTTP: whole answers, limits and links, as the vendor documents them."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from auditing.sandbox.world import World
from tests.sandbox.conftest import Clock, Serve, key

STATUS = "/api/v1/video/status/"
DOWNLOAD = "/api/v1/video/download/"
NOT_FOUND = {"success": False, "message": "Project not found", "code": "NOT_FOUND"}


def x_api_key(world: World, label: str = "northlight-reel") -> dict[str, str]:
    return {"X-API-Key": key(world, label)}


def test_a_job_is_answered_as_in_the_reference_from_queued_to_completed(
    serve: Serve, examples: World, clock: Clock
) -> None:
    client = serve(examples)

    def look_up(minute: int, second: int) -> object:
        clock.now = datetime(2025, 1, 21, 16, minute, second, tzinfo=UTC)
        answer = client.get(f"{STATUS}abc123def456", headers=x_api_key(examples))
        return answer.status_code, answer.json()

    assert look_up(29, 59) == (404, NOT_FOUND)
    assert look_up(30, 0) == (
        200,
        {
            "status": "queued",
            "message": "Video is queued for processing",
            "createdAt": "2025-01-21T16:30:00.000Z",
        },
    )
    assert look_up(31, 15) == (
        200,
        {
            "status": "processing",
            "message": "Video is being processed",
            "createdAt": "2025-01-21T16:30:00.000Z",
            "updatedAt": "2025-01-21T16:30:45.000Z",
        },
    )
    assert look_up(33, 22) == (
        200,
        {
            "status": "completed",
            "message": "Video generation completed successfully",
            "createdAt": "2025-01-21T16:30:00.000Z",
            "updatedAt": "2025-01-21T16:33:22.000Z",
            "outputKey": "users/abc123/output/video-xyz789.mp4",
        },
    )


def test_a_failed_job_is_answered_as_in_the_reference(serve: Serve, examples: World) -> None:
    assert serve(examples).get(f"{STATUS}fa11ed", headers=x_api_key(examples)).json() == {
        "status": "failed",
        "message": "Video generation failed",
        "createdAt": "2025-01-21T16:30:00.000Z",
        "updatedAt": "2025-01-21T16:31:05.000Z",
        "error": "Failed to process B-roll asset: file not found",
    }


@pytest.mark.parametrize("path", [STATUS, DOWNLOAD])
@pytest.mark.parametrize("api_key", [None, "", "rb_live_1", "nb_1"])
def test_a_bad_key_is_refused(serve: Serve, examples: World, path: str, api_key: str | None) -> None:
    headers = {} if api_key is None else {"X-API-Key": api_key}
    answer = serve(examples).get(f"{path}abc123def456", headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {
        "success": False,
        "message": "Unauthorized. Please provide a valid API key via the X-API-Key header.",
        "code": "UNAUTHORIZED",
    }


@pytest.mark.parametrize("path", [STATUS, DOWNLOAD])
def test_a_strangers_job_is_answered_like_one_that_does_not_exist(
    serve: Serve, examples: World, path: str
) -> None:
    client = serve(examples)

    def refusals() -> list[tuple[int, bytes, list[str]]]:
        answers = [client.get(path + name, headers=x_api_key(examples)) for name in ("e15e", "deadbeef")]
        answers.append(client.get(f"{path}abc123def456", headers=x_api_key(examples, "harbor-reel")))
        return [(answer.status_code, answer.content, list(answer.headers)) for answer in answers]

    stranger, missing, other_teams = refusals()
    assert stranger == missing == other_teams
    assert stranger[0] == 404
    assert client.get(f"{path}e15e", headers=x_api_key(examples)).json() == NOT_FOUND


@pytest.mark.parametrize("raw_id", ["", "a%20b", "a%2Fb", "a/b", "a.b", "%C3%A9", "x" * 65])
def test_a_malformed_id_is_no_404(serve: Serve, examples: World, raw_id: str) -> None:
    answer = serve(examples).get(STATUS + raw_id, headers=x_api_key(examples))
    assert answer.status_code == 400
    assert answer.json() == {
        "success": False,
        "message": "Invalid project ID format",
        "code": "INVALID_PROJECT_ID",
    }


def test_a_percent_encoded_id_is_the_same_id(serve: Serve, examples: World) -> None:
    answer = serve(examples).get(f"{STATUS}%61bc123def456", headers=x_api_key(examples))
    assert answer.json()["status"] == "completed"


@pytest.mark.parametrize("path", [STATUS, DOWNLOAD])
def test_only_get_is_allowed(serve: Serve, examples: World, path: str) -> None:
    answer = serve(examples).post(f"{path}abc123def456", headers=x_api_key(examples))
    assert answer.status_code == 405
    assert answer.json() == {"success": False, "message": "Method not allowed", "code": "METHOD_NOT_ALLOWED"}


def rate_headers(answer: httpx.Response) -> list[str]:
    return [answer.headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")]


def test_each_key_has_60_lookups_a_minute_and_every_answer_says_how_many_are_left(
    serve: Serve, examples: World, clock: Clock
) -> None:
    client, mine = serve(examples), x_api_key(examples)
    reset = "2026-06-03T15:01:00.250Z"
    for left in range(59, -1, -1):
        answer = client.get(STATUS + ("abc123def456" if left % 2 else "deadbeef"), headers=mine)
        assert answer.status_code == (200 if left % 2 else 404)
        assert rate_headers(answer) == ["60", str(left), reset]
    clock.forward(seconds=12.5)
    answer = client.get(f"{STATUS}abc123def456", headers=mine)
    assert answer.status_code == 429
    assert answer.json() == {
        "success": False,
        "message": "Rate limit exceeded. Please reduce polling frequency.",
        "code": "RATE_LIMITED",
        "details": {"resetAt": reset},
    }
    assert [*rate_headers(answer), answer.headers["Retry-After"]] == ["60", "0", reset, "48"]
    others = client.get(f"{STATUS}abc123def456", headers=x_api_key(examples, "harbor-reel"))
    assert others.status_code == 404


def test_the_limit_is_lifted_at_the_reset_and_not_before(serve: Serve, examples: World, clock: Clock) -> None:
    client, mine = serve(examples, per_minute=1), x_api_key(examples)

    def look_up() -> int:
        return client.get(f"{STATUS}abc123def456", headers=mine).status_code

    assert [look_up(), look_up()] == [200, 429]
    clock.forward(seconds=59.999)
    assert look_up() == 429
    clock.forward(seconds=0.001)
    assert [look_up(), look_up()] == [200, 429]


def test_the_limit_can_be_raised(serve: Serve, examples: World) -> None:
    client = serve(examples, per_minute=500)
    answers = [client.get(f"{STATUS}abc123def456", headers=x_api_key(examples)) for _ in range(61)]
    assert {answer.status_code for answer in answers} == {200}
    assert rate_headers(answers[-1])[:2] == ["500", "439"]


def test_a_download_link_opens_the_video_for_an_hour(serve: Serve, examples: World, clock: Clock) -> None:
    client = serve(examples)
    answer = client.get(f"{DOWNLOAD}abc123def456", headers=x_api_key(examples))
    link = answer.json()["downloadUrl"]
    assert answer.status_code == 200
    assert answer.json() == {"success": True, "downloadUrl": link, "expiresAt": "2026-06-03T16:00:00.000Z"}
    parts = urlsplit(link)
    assert parts.path == "/media/users/abc123/output/video-xyz789.mp4"
    assert {"X-Amz-Signature", "X-Amz-Expires", "X-Amz-Date"} <= parse_qs(parts.query).keys()
    assert client.get(link).headers["Content-Type"] == "video/mp4"
    clock.forward(minutes=59)
    assert client.get(link).status_code == 200
    clock.forward(minutes=1)
    assert (client.get(link).status_code, b"Request has expired" in client.get(link).content) == (403, True)


def test_the_bucket_opens_to_signed_links_only(serve: Serve, examples: World) -> None:
    client = serve(examples)
    link = client.get(f"{DOWNLOAD}abc123def456", headers=x_api_key(examples)).json()["downloadUrl"]
    other = link.replace("video-xyz789", "video-other")
    assert client.get(link.partition("?")[0]).status_code == 403
    assert b"SignatureDoesNotMatch" in client.get(other).content


def test_a_video_that_is_not_completed_has_no_link(serve: Serve, examples: World, clock: Clock) -> None:
    client = serve(examples)
    clock.now = datetime(2025, 1, 21, 16, 31, 0, tzinfo=UTC)
    answer = client.get(f"{DOWNLOAD}abc123def456", headers=x_api_key(examples))
    assert (answer.status_code, answer.json()["code"]) == (400, "VIDEO_NOT_READY")


def test_a_completed_video_without_a_file_has_no_link(serve: Serve, world: World) -> None:
    client = serve(world)
    lost = next(name for name in world.oddities.completed_without_output if name in world.jobs["reelbot"])
    headers = {"X-API-Key": str(world.jobs["reelbot"][lost].api_key)}
    answer = client.get(DOWNLOAD + lost, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "OUTPUT_NOT_FOUND")


def test_each_key_has_30_downloads_an_hour_beside_its_lookups(
    serve: Serve, examples: World, clock: Clock
) -> None:
    client, mine = serve(examples), x_api_key(examples)
    answers = [client.get(f"{DOWNLOAD}abc123def456", headers=mine) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert answers[-1].headers["Retry-After"] == "3600"
    assert answers[-1].json()["details"] == {"resetAt": "2026-06-03T16:00:00.250Z"}
    assert client.get(f"{STATUS}abc123def456", headers=mine).status_code == 200
    clock.forward(hours=1)
    assert client.get(f"{DOWNLOAD}abc123def456", headers=mine).status_code == 200
