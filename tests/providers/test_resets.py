"""When a rate limit ends: every source and format, their order, and the clamps."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from auditing.providers.declaration import ResetFormat
from auditing.providers.nanobanana import PROVIDER as NANOBANANA
from auditing.providers.payloads import error_object
from auditing.providers.reelbot import PROVIDER as REELBOT
from auditing.providers.resets import reset_at, small_jitter
from auditing.records import Outcome
from tests.providers.responses import NOW, PROJECT_ID, VIDEO_ID, response, two_seconds

ISO, UNIX = ResetFormat.ISO, ResetFormat.UNIX_SECONDS
IN_A_MINUTE, IN_AN_HOUR, AT_ONCE = NOW + timedelta(minutes=1), NOW + timedelta(hours=1), NOW + two_seconds()
NOT_SAID = IN_A_MINUTE
NOW_UNIX = int(NOW.timestamp())


def reset(body: object = None, reset_format: ResetFormat = ISO, **headers: str) -> datetime:
    limited = response(json.dumps(body).encode(), 429, **headers)
    return reset_at(limited, error_object(limited.body) or {}, reset_format, two_seconds)


def in_seconds(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30", in_seconds(30)),
        (" 30 ", in_seconds(30)),
        ("0.5", in_seconds(0.5)),
        ("3600", IN_AN_HOUR),
        ("3601", IN_AN_HOUR),
        ("9" * 5000, IN_AN_HOUR),
        ("0", AT_ONCE),
        ("Wed, 06 May 2026 12:00:45 GMT", in_seconds(45)),
        ("Wed, 06 May 2026 14:00:45 +0200", in_seconds(45)),
        ("Wed, 06 May 2026 12:00:45 -0000", in_seconds(45)),
        ("Wednesday, 06-May-26 12:00:45 GMT", in_seconds(45)),
        ("Wed, 06 May 2026 11:59:59 GMT", AT_ONCE),
        ("Thu, 31 Dec 2026 00:00:00 GMT", IN_AN_HOUR),
        ("-5", NOT_SAID),
        ("", NOT_SAID),
        ("soon", NOT_SAID),
        ("nan", NOT_SAID),
        ("٣", NOT_SAID),
        ("Wed, 99 May 2026 12:00:45 GMT", NOT_SAID),
        ("Fri, 31 Dec 9999 23:59:59 -2359", NOT_SAID),
    ],
)
def test_retry_after_is_seconds_or_an_http_date(text: str, expected: datetime) -> None:
    assert reset(retry_after=text) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"details": {"resetAt": "2026-05-06T12:00:20.500Z"}}, in_seconds(20.5)),
        ({"details": {"resetAt": "2026-05-06T12:00:20"}}, in_seconds(20)),
        ({"details": {"resetAt": "2026-05-06T14:00:20+02:00"}}, in_seconds(20)),
        ({"details": {"resetAt": "2026-05-06T12:00:00Z"}}, AT_ONCE),
        ({"details": {"resetAt": "9999-12-31T23:59:59Z"}}, IN_AN_HOUR),
        ({"rate_limit": {"reset_at": "2026-05-06T12:30:00Z"}}, in_seconds(1800)),
        ({"rate_limit": {"reset_in_seconds": 90}}, in_seconds(90)),
        ({"rate_limit": {"reset_in_seconds": 0.25}}, in_seconds(0.25)),
        ({"rate_limit": {"reset_in_seconds": 1e300}}, IN_AN_HOUR),
        ({"rate_limit": {"reset_in_seconds": 0}}, AT_ONCE),
        ({"rate_limit": {"reset_in_seconds": -1e300}}, AT_ONCE),
        ({"rate_limit": {"reset_in_seconds": float("nan")}}, NOT_SAID),
        ({"rate_limit": {"reset_in_seconds": True}}, NOT_SAID),
        ({"rate_limit": {"reset_in_seconds": "90"}}, NOT_SAID),
        ({"rate_limit": {"reset_at": 1778068820}}, NOT_SAID),
        ({"rate_limit": {"reset_at": "tomorrow"}}, NOT_SAID),
        ({"rate_limit": [], "details": "resetAt"}, NOT_SAID),
        ({"rate_limit": {"reset_at": "tomorrow", "reset_in_seconds": 90}}, in_seconds(90)),
        ([], NOT_SAID),
    ],
)
def test_the_body_names_a_time_or_seconds(body: object, expected: datetime) -> None:
    assert reset(body) == expected


@pytest.mark.parametrize(
    ("reset_format", "text", "expected"),
    [
        (UNIX, str(NOW_UNIX + 40), in_seconds(40)),
        (UNIX, f"{NOW_UNIX + 40}.5", in_seconds(40.5)),
        (UNIX, str(NOW_UNIX - 40), AT_ONCE),
        (UNIX, str((NOW_UNIX + 40) * 1000), IN_AN_HOUR),
        (UNIX, "9" * 5000, IN_AN_HOUR),
        (UNIX, "2026-05-06T12:00:40Z", NOT_SAID),
        (ISO, "2026-05-06T12:00:40.000Z", in_seconds(40)),
        (ISO, "2026-05-06T11:00:00.000Z", AT_ONCE),
        (ISO, str(NOW_UNIX + 40), NOT_SAID),
    ],
)
def test_the_header_is_read_in_the_declared_format(
    reset_format: ResetFormat, text: str, expected: datetime
) -> None:
    assert reset(reset_format=reset_format, x_ratelimit_reset=text) == expected


def test_the_sources_count_in_their_order() -> None:
    details = {"details": {"resetAt": "2026-05-06T12:00:20Z"}}
    limits = {"rate_limit": {"reset_at": "2026-05-06T12:00:30Z", "reset_in_seconds": 40}}
    header = "2026-05-06T12:00:50Z"
    assert reset(details | limits, retry_after="10", x_ratelimit_reset=header) == in_seconds(10)
    assert reset(details | limits, retry_after="x", x_ratelimit_reset=header) == in_seconds(20)
    assert reset(limits, x_ratelimit_reset=header) == in_seconds(30)
    assert reset({"rate_limit": {"reset_in_seconds": 40}}, x_ratelimit_reset=header) == in_seconds(40)
    assert reset({"rate_limit": {}}, x_ratelimit_reset=header) == in_seconds(50)


def test_without_a_word_about_it_a_limit_ends_in_a_minute() -> None:
    assert reset() == IN_A_MINUTE


def test_a_429_without_json_is_a_rate_limit_all_the_same() -> None:
    page = response(b"<html>slow down</html>", 429, retry_after="7")
    for provider, external_id in ((NANOBANANA, VIDEO_ID), (REELBOT, PROJECT_ID)):
        answer = provider.parse(external_id, page)
        assert (answer.outcome, answer.reset_at) == (Outcome.RATE_LIMITED, in_seconds(7))
        assert answer.reason == "HTTP 429 Too Many Requests"


def test_nanobanana_writes_unix_seconds_and_reelbot_iso() -> None:
    unix = response(b"{}", 429, x_ratelimit_reset=str(NOW_UNIX + 40))
    iso = response(b"{}", 429, x_ratelimit_reset="2026-05-06T12:00:40.000Z")
    assert NANOBANANA.parse(VIDEO_ID, unix).reset_at == in_seconds(40)
    assert REELBOT.parse(PROJECT_ID, iso).reset_at == in_seconds(40)


def test_clients_that_return_after_a_past_reset_return_one_to_three_seconds_later() -> None:
    assert all(timedelta(seconds=1) <= small_jitter() <= timedelta(seconds=3) for _ in range(100))
    late = REELBOT.parse(PROJECT_ID, response(b"{}", 429, retry_after="0")).reset_at
    assert late is not None
    assert late.tzinfo is UTC
    assert in_seconds(1) <= late <= in_seconds(3)
