"""Whatever comes, an answer comes out of it; and what is documented goes in and out unchanged."""

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from auditing.providers import PROVIDERS, nanobanana, reelbot
from auditing.providers.declaration import Download, DownloadRefused, Provider
from auditing.providers.payloads import MAX_NUMBER, Malformed, decoded, error_object
from auditing.records import Answer, Outcome, Response
from tests.providers.responses import NOW, PROJECT_ID, VIDEO_ID, payload_bytes, response, two_seconds

IDS = {"nanobanana": VIDEO_ID, "reelbot": PROJECT_ID}
both = pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)
thorough = settings(max_examples=200, deadline=None)

STATUSES = st.sampled_from([200, 200, 200, 401, 403, 404, 429]) | st.integers(-(10**6), 10**6)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "x-ratelimit-reset", "content-type", "location"]), st.text(max_size=40)
)
DOCUMENTED = [payload_bytes(f"{key}-completed") for key in PROVIDERS]
ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    ["success", "video", "status", "message", "createdAt", "error", "details", "rate_limit", "id", "code"]
)
NEAR_JSON = st.dictionaries(FIELDS, ANY_JSON | st.dictionaries(FIELDS, ANY_JSON)).map(
    lambda value: json.dumps(value).encode()
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A documented payload with a piece of it replaced by other bytes."""
    body = draw(st.sampled_from(DOCUMENTED))
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(body))] * 2)))
    return body[:start] + draw(st.binary(max_size=12)) + body[end:]


def has_the_promised_shape(answer: Answer, received: Response) -> bool:
    ok, limited = answer.outcome is Outcome.OK, answer.outcome is Outcome.RATE_LIMITED
    return (
        answer.http_status == received.status
        and (answer.record is not None) == (answer.payload is not None) == ok
        and (answer.reason == "") == ok
        and len(answer.reason) <= 200
        and answer.reason.isprintable()
        and (answer.reset_at is not None) == limited
        and (answer.reset_at is None or NOW < answer.reset_at <= NOW + timedelta(hours=1))
    )


@both
@thorough
@given(body=st.binary() | damaged() | NEAR_JSON, status=STATUSES, headers=HEADERS)
def test_no_response_ever_raises(
    provider: Provider, body: bytes, status: int, headers: dict[str, str]
) -> None:
    received = Response(status=status, headers=headers, body=body, received_at=NOW)
    answer = provider.parse(IDS[provider.key], received, jitter=two_seconds)
    assert has_the_promised_shape(answer, received)
    if provider.parse_download:
        assert isinstance(provider.parse_download(received), Download | DownloadRefused)


def names_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


@thorough
@given(body=NEAR_JSON | damaged())
def test_what_is_decoded_is_what_the_body_says_and_can_be_canonicalised(body: bytes) -> None:
    try:
        payload = decoded(body)
    except Malformed:
        return
    assert payload == json.loads(body, object_pairs_hook=names_once)
    assert json.loads(rfc8785.dumps(payload)) == payload


PIECES = st.sampled_from(
    ['"a":', '"\\u0061":', '"b":', '":"', '"\\u003a"', "{", "}", "[", "]", ",", "1", " "]
)


@thorough
@given(pieces=st.lists(PIECES, max_size=24).map("".join))
def test_a_key_that_comes_twice_is_never_overlooked(pieces: str) -> None:
    body = b'{"x":{%s}}' % pieces.encode()
    try:
        json.loads(body, object_pairs_hook=names_once)
    except ValueError:
        with pytest.raises(Malformed):
            decoded(body)
    else:
        assert decoded(body) == json.loads(body)


@thorough
@given(value=st.integers() | st.floats(allow_nan=False))
def test_a_number_is_kept_exactly_or_refused(value: float) -> None:
    body = json.dumps({"n": value}).encode()
    if math.isfinite(value) and abs(value) <= MAX_NUMBER:
        assert decoded(body) == {"n": value}
    else:
        with pytest.raises(Malformed):
            decoded(body)


@thorough
@given(body=st.binary() | NEAR_JSON | st.text('[]{}"\\x', max_size=200).map(str.encode))
def test_an_error_body_is_an_object_or_none(body: bytes) -> None:
    assert isinstance(error_object(body), dict | None)


STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=64)
AMOUNTS = st.integers(0, 10**9) | st.integers(0, 10**12).map(lambda thousandths: thousandths / 1000)
MOMENTS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def seconds(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def milliseconds(moment: datetime) -> str:
    return f"{seconds(moment)[:-1]}.{moment.microsecond // 1000:03d}Z"


def fields(texts: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Each field absent, null or with a value."""
    return st.fixed_dictionaries({}, optional={name: st.none() | value for name, value in texts.items()})


TIMES = MOMENTS.map(seconds)
VIDEOS = st.builds(
    lambda status, others: {"success": True, "video": {"id": VIDEO_ID, "status": status} | others},
    st.sampled_from(list(nanobanana.STATUSES)) | WORDS,
    fields(
        {
            **dict.fromkeys(("title", "description", "output_url", "thumbnail_url"), STORABLE),
            **dict.fromkeys(("mode", "resolution"), WORDS),
            **dict.fromkeys(("duration_seconds", "credits_used"), AMOUNTS),
            **dict.fromkeys(("created_at", "updated_at"), TIMES),
            **dict.fromkeys(("processing_started_at", "processing_completed_at"), TIMES),
        }
    ),
)
PROJECTS = st.builds(
    lambda always, others: always | others,
    st.fixed_dictionaries(
        {
            "status": st.sampled_from(list(reelbot.STATUSES)) | WORDS,
            "message": STORABLE,
            "createdAt": MOMENTS.map(milliseconds),
        }
    ),
    fields({"updatedAt": MOMENTS.map(milliseconds), "outputKey": STORABLE, "error": STORABLE}),
)


def goes_in_and_out(provider: Provider, payload: dict[str, Any], dump: Callable[[Any], str]) -> None:
    external_id = IDS[provider.key]
    answer = provider.parse(external_id, response(dump(payload).encode()))
    assert (answer.outcome, answer.reason, answer.payload) == (Outcome.OK, "", payload)
    assert answer.record is not None
    assert provider.emit(external_id, answer.record) == payload


@thorough
@given(payload=VIDEOS, ascii_only=st.booleans())
def test_nanobananas_payloads_go_in_and_out_unchanged(payload: dict[str, Any], ascii_only: bool) -> None:
    goes_in_and_out(nanobanana.PROVIDER, payload, lambda value: json.dumps(value, ensure_ascii=ascii_only))


@thorough
@given(payload=PROJECTS, ascii_only=st.booleans())
def test_reelbots_payloads_go_in_and_out_unchanged(payload: dict[str, Any], ascii_only: bool) -> None:
    goes_in_and_out(reelbot.PROVIDER, payload, lambda value: json.dumps(value, ensure_ascii=ascii_only))
