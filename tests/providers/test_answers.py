"""The table of outcomes, and reasons that people can read."""

import pytest

from auditing.providers.answers import outcome, readable
from auditing.providers.nanobanana import PROVIDER as NANOBANANA
from auditing.providers.reelbot import PROVIDER as REELBOT
from auditing.records import Outcome
from tests.providers.responses import VIDEO_ID, response

OWN = {
    **dict.fromkeys((401, 402), Outcome.UNAUTHORIZED),
    403: Outcome.DENIED,
    404: Outcome.MISSING,
    **dict.fromkeys((408, 425), Outcome.UNREACHABLE),
    429: Outcome.RATE_LIMITED,
}


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (range(-1, 200), Outcome.UNREACHABLE),
        (range(201, 300), Outcome.MALFORMED),
        (range(300, 400), Outcome.UNREACHABLE),
        (range(400, 500), Outcome.REJECTED),
        (range(500, 1000), Outcome.UNREACHABLE),
    ],
)
def test_every_status_has_its_outcome(statuses: range, expected: Outcome) -> None:
    assert {status: outcome(status, has_object=True) for status in statuses} == {
        status: OWN.get(status, expected) for status in statuses
    }


@pytest.mark.parametrize("status", range(400, 500))
def test_only_401_403_and_404_need_a_json_object_to_count_as_the_providers_word(status: int) -> None:
    doubtful = status in (401, 403, 404)
    expected = Outcome.UNREACHABLE if doubtful else OWN.get(status, Outcome.REJECTED)
    assert outcome(status, has_object=False) is expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Video not found", "Video not found"),
        ("line\nbreak\ttab\x1b[31m", r"line\nbreak\ttab\x1b[31m"),
        ("right\u202eto left, \ud800 alone", r"right\u202eto left, \ud800 alone"),
        ("é 完了 🍌", "é 完了 🍌"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 199 + "…"),
        ("\0" * 100, r"\x00" * 49 + r"\x0…"),
        ("key nb_1a2b3c4d5e6f is unknown", "key nb_… is unknown"),
        ("x" * 190 + " nb_1a2b3c4d5e6f is unknown", "x" * 190 + " nb_… is …"),
        ("got 'Authorization: Bearer 0123456789abcdef'", "got 'Authorization: Bearer …'"),
        ("Bearer token required", "Bearer token required"),
    ],
)
def test_a_reason_is_short_visible_and_without_keys(text: str, shown: str) -> None:
    assert readable(text, "nb_") == shown


def test_a_provider_that_echoes_the_key_does_not_spread_it() -> None:
    body = b'{"success":false,"message":"Unknown key rb_live_abcdef012345.","code":"UNAUTHORIZED"}'
    assert REELBOT.parse("a", response(body, 401)).reason == "HTTP 401: Unknown key rb_live_… (UNAUTHORIZED)"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"error":"No","message":"Not this"}', "HTTP 500: No"),
        (b'{"error":"  ","message":" This "}', "HTTP 500: This"),
        (b'{"error":{"message":"nested"},"code":"E1"}', "HTTP 500: (E1)"),
        (b'{"error":17,"code":17}', "HTTP 500 Internal Server Error"),
        (rb'{"error":"\ud800\u0000"}', r"HTTP 500: \ud800\x00"),
        (b'\xef\xbb\xbf{"error":"after a mark"}', "HTTP 500: after a mark"),
        ('{"error":"utf-16"}'.encode("utf-16"), "HTTP 500 Internal Server Error"),
        (b'{"error":"many digits","n":%s}' % (b"9" * 5000), "HTTP 500: many digits"),
    ],
)
def test_the_reason_has_the_providers_own_words_where_it_has_any(body: bytes, reason: str) -> None:
    assert NANOBANANA.parse(VIDEO_ID, response(body, 500)).reason == reason
