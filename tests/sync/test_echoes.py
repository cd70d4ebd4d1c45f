"""A provider (or a proxy before it) that gives the key back doesn't make us store or show it."""

import json

import pytest

from auditing.providers import PROVIDERS
from auditing.records import Outcome
from tests.stage import KEYS
from tests.sync.faults_on_the_wire import answer, head
from tests.sync.faulty import Behaviour, answering, faulty, silent_after
from tests.sync.lookups import good_body, looked_up

# As the provider makes them, and one of another form: no pattern finds that.
ODD_KEY = "q7Zk/29+xL=tr/uVw_5d"
BACKSLASHED_KEY = 'k"e\\y-0123456789'
MANY_KEYS = pytest.mark.parametrize(
    ("provider", "key"),
    [
        (provider, key)
        for provider in PROVIDERS
        for key in (KEYS[provider], ODD_KEY, BACKSLASHED_KEY, "Zq9-" * 60)
    ],
)


def in_json(key: str, *, php: bool) -> bytes:
    """The key as a JSON string's inside; PHP also escapes slashes."""
    written = json.dumps(key)[1:-1]
    return (written.replace("/", "\\/") if php else written).encode()


def echoes(provider: str, key: bytes) -> list[Behaviour]:
    """Places of an answer in which the key comes back."""
    good = json.loads(good_body(provider))
    of_times = good["video"] if provider == "nanobanana" else good
    field = "created_at" if provider == "nanobanana" else "createdAt"
    of_times[field] = "x" * 30 + "KEY"
    return [
        answering(answer(b'{"success":false,"error":"no access for %s"}' % key, status=b"403 x")),
        answering(answer(b'{"success":false,"error":"%s%s"}' % (b"x" * 190, key), status=b"400 x")),
        answering(answer(b'{"success":false,"message":"%s"}' % key)),
        answering(answer(json.dumps(good).encode().replace(b"KEY", key))),
        answering(answer(b'{"%s":1,"%s":2}' % (key, key))),
        answering(answer(b'{"%s":NaN}' % key)),
        answering(answer(b"<p>%s</p>" % key, status=b"500 " + key)),
        answering(answer(b"x", b"Content-Encoding: " + key)),
        answering(answer(b"", b"Location: http://127.0.0.1:1/?key=" + key, status=b"302 x")),
        silent_after(b"HTTP/1.1 " + key + b"\r\n\r\n"),
        silent_after(key + b"\r\n\r\n"),
        silent_after(head(b"No colon in " + key)),
        silent_after(head(b"X: a\0" + key)),
        silent_after(head(b"X: " + key * 2000)),
    ]


@MANY_KEYS
@pytest.mark.parametrize("php", [False, True], ids=["plain", "slashes escaped"])
def test_no_reason_holds_the_key_or_its_beginning(provider: str, key: str, php: bool) -> None:
    for number, behave in enumerate(echoes(provider, in_json(key, php=php))):
        with faulty(behave) as server:
            (fetched,) = looked_up(provider, server.url(), key=key)
        assert fetched.answer.outcome is not Outcome.OK, number
        assert fetched.answer.reason != ""
        assert key[:12] not in fetched.answer.reason, number
        assert in_json(key, php=php).decode()[:12] not in fetched.answer.reason, number


@MANY_KEYS
@pytest.mark.parametrize("php", [False, True], ids=["plain", "slashes escaped"])
def test_a_payload_is_kept_without_the_key_that_it_holds(provider: str, key: str, php: bool) -> None:
    body = good_body(provider).replace(b"{", b'{"debug": ["sent with %s"],' % in_json(key, php=php), 1)
    with faulty(answering(answer(body))) as server:
        (fetched,) = looked_up(provider, server.url(), key=key)
    assert fetched.answer.payload is not None
    assert fetched.answer.payload["debug"] == ["sent with [key]"]
    assert fetched.size == len(body)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_key_as_short_as_a_word_does_not_garble_the_payload(provider: str) -> None:
    with faulty(answering(answer(good_body(provider)))) as server:
        (fetched,) = looked_up(provider, server.url(), key="status")
    assert fetched.answer.payload == json.loads(good_body(provider))
