"""Faults: which ones there are, how they look on the wire, and that a seed strikes the same requests."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditing.sandbox.faults import FAULTS, Faults, FaultSpec
from auditing.sandbox.world import World
from tests.sandbox.conftest import Serve, bearer, key

NANO = "/api/v1/video-status.php?video_id=vid_a1b2c3d4e5f6"
REEL = "/api/v1/video/status/abc123def456"


def ask(serve: Serve, world: World, fault: str, path: str) -> httpx.Response:
    client = serve(world, faults=FaultSpec.parse(f"{fault}=1"), slow_seconds=0)
    headers = {**bearer(key(world, "northlight-nano")), "X-API-Key": key(world, "northlight-reel")}
    return client.get(path, headers=headers)


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        ("401", 401, "Invalid API key"),
        ("403", 403, "API access requires the API plan (€59.99/mo). Please upgrade your subscription."),
        ("500", 500, "Internal server error"),
    ],
)
def test_nanobananas_own_faults(serve: Serve, examples: World, fault: str, status: int, text: str) -> None:
    answer = ask(serve, examples, fault, NANO)
    assert (answer.status_code, answer.json()) == (status, {"success": False, "error": text})


def test_nanobananas_limit_is_told_in_unix_seconds(serve: Serve, examples: World) -> None:
    answer = ask(serve, examples, "429", NANO)
    assert answer.status_code == 429
    assert answer.json() == {
        "success": False,
        "error": "Rate limit exceeded. Please wait before making more requests.",
        "rate_limit": {
            "count": 30,
            "limit": 30,
            "remaining": 0,
            "reset_in_seconds": 5,
            "reset_at": "2026-06-03T15:00:05Z",
        },
    }
    assert answer.headers["X-RateLimit-Reset"] == "1780498805"


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("401", 401, "UNAUTHORIZED"),
        ("402", 402, "QUOTA_EXCEEDED"),
        ("500", 500, "INTERNAL_ERROR"),
        ("503", 503, "SERVICE_UNAVAILABLE"),
    ],
)
def test_reelbots_own_faults(serve: Serve, examples: World, fault: str, status: int, code: str) -> None:
    answer = ask(serve, examples, fault, REEL)
    assert (answer.status_code, answer.json()["success"], answer.json()["code"]) == (status, False, code)
    assert answer.json().keys() == {"success", "message", "code"}
    assert answer.headers["X-RateLimit-Remaining"] == "59"


def test_reelbots_limit_is_told_as_a_time(serve: Serve, examples: World) -> None:
    answer = ask(serve, examples, "429", REEL)
    reset = "2026-06-03T15:00:05.250Z"
    assert (answer.status_code, answer.json()["details"]) == (429, {"resetAt": reset})
    assert (answer.headers["Retry-After"], answer.headers["X-RateLimit-Reset"]) == ("5", reset)


@pytest.mark.parametrize(("fault", "path"), [("402", NANO), ("503", NANO), ("403", REEL)])
def test_a_fault_that_a_provider_does_not_know_does_not_strike_it(
    serve: Serve, examples: World, fault: str, path: str
) -> None:
    assert ask(serve, examples, fault, path).status_code == 200


@pytest.mark.parametrize("path", [NANO, REEL])
@pytest.mark.parametrize(
    ("fault", "status", "content_type"),
    [
        ("html", 200, "text/html"),
        ("json", 200, "application/json"),
        ("proxy", 403, "text/html"),
        ("redirect", 302, "text/html"),
        ("slow", 200, "application/json"),
    ],
)
def test_faults_on_the_way(
    serve: Serve, examples: World, fault: str, status: int, content_type: str, path: str
) -> None:
    answer = ask(serve, examples, fault, path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, content_type)
    if fault == "slow":
        assert answer.json().keys() & {"video", "createdAt"}
    else:
        with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
            answer.json()


@pytest.mark.parametrize("path", [NANO, REEL])
def test_a_reset_is_seen_as_one(serve: Serve, examples: World, path: str) -> None:
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        ask(serve, examples, "reset", path)


def test_files_and_downloads_are_spared(serve: Serve, examples: World) -> None:
    client = serve(examples, faults=FaultSpec.parse("500=1"))
    headers = {"X-API-Key": key(examples, "northlight-reel")}
    assert client.get("/media/thumbs/a.png").status_code == 200
    assert client.get("/api/v1/video/download/abc123def456", headers=headers).status_code == 200


def test_the_same_seed_strikes_the_same_requests() -> None:
    spec = FaultSpec.parse("429=0.2, slow=0.1,")
    once, again, other = (Faults(spec, seed) for seed in (1, 1, 2))
    struck = [once.draw() for _ in range(1000)]
    assert struck == [again.draw() for _ in range(1000)]
    assert struck != [other.draw() for _ in range(1000)]
    assert 150 < struck.count("429") < 250
    assert 60 < struck.count("slow") < 140
    assert struck.count(None) == 1000 - struck.count("429") - struck.count("slow")


@given(st.dictionaries(st.sampled_from(sorted(FAULTS)), st.floats(0, 1 / len(FAULTS))))
def test_every_fault_with_any_share_can_be_asked_for(shares: dict[str, float]) -> None:
    spec = FaultSpec.parse(",".join(f"{name}={share}" for name, share in shares.items()))
    assert dict(spec.shares) == shares


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("teapot=0.1", "unknown fault 'teapot'"),
        ("429", "needs a share, such as 429=0.01"),
        ("429=many", "not a number: 'many'"),
        ("429=1.5", "not between 0 and 1: 1.5"),
        ("429=-1", "not between 0 and 1: -1"),
        ("429=nan", "not between 0 and 1: nan"),
        ("429=0.1,429=0.2", "given twice"),
        ("429=0.6,500=0.6", "more than 1"),
    ],
)
def test_a_bad_spec_says_what_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        FaultSpec.parse(text)
