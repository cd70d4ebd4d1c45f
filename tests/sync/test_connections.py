"""Connections to providers: TLS, redirects, cookies, kept connections, and who gets to see the key."""

import asyncio
import socket
import ssl
import threading
from datetime import timedelta

import pytest

from auditing.keys.opening import OpenKey
from auditing.providers import PROVIDERS
from auditing.records import Outcome
from auditing.sync.connections import open_transport
from auditing.sync.fetch import Fetched, Fetcher
from tests.stage import KEYS
from tests.sync.certificates import DAY, Authority
from tests.sync.faults_on_the_wire import LATE, SOON, answer
from tests.sync.faulty import Behaviour, Wire, answering, closing_after, faulty, resetting_after
from tests.sync.lookups import IDS, NOW, good_body, looked_up

pytestmark = pytest.mark.parametrize("provider", PROVIDERS)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


def over_tls(context: ssl.SSLContext, behave: Behaviour) -> Behaviour:
    """The same over TLS, if the handshake succeeds."""

    def behave_over_tls(wire: Wire) -> None:
        if wire.speak_tls(context):
            behave(wire)

    return behave_over_tls


def test_a_refused_connection_is_named(provider: str) -> None:
    with socket.socket() as bound_but_deaf:
        bound_but_deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound_but_deaf.getsockname()[1]}"
        (fetched,) = looked_up(provider, url)
    assert fetched.answer.outcome is Outcome.UNREACHABLE
    assert fetched.answer.reason == "no connection: Connection refused"
    assert fetched.answer.http_status is None


def test_tls_with_a_trusted_certificate_is_answered(provider: str, authority: Authority) -> None:
    behave = over_tls(authority.server(), answering(answer(good_body(provider))))
    with faulty(behave) as server:
        (fetched,) = looked_up(provider, server.url("https"), trusted=authority.trusted)
    assert fetched.answer.outcome is Outcome.OK


@pytest.mark.parametrize(
    ("address", "ends_in", "is_trusted", "fault"),
    [
        ("127.0.0.1", DAY, False, "unable to get local issuer certificate"),
        ("127.0.0.1", -DAY, True, "certificate has expired"),
        ("127.0.0.2", DAY, True, "IP address mismatch"),
    ],
    ids=["unknown authority", "expired", "another host"],
)
def test_a_certificate_that_is_not_accepted_is_named_and_never_sees_the_key(
    provider: str, authority: Authority, address: str, ends_in: timedelta, is_trusted: bool, fault: str
) -> None:
    behave = over_tls(authority.server(address, ends_in), answering(answer(good_body(provider))))
    with faulty(behave) as server:
        (fetched,) = looked_up(
            provider, server.url("https"), trusted=authority.trusted if is_trusted else None
        )
    assert fetched.answer.outcome is Outcome.UNREACHABLE
    assert fetched.answer.reason.startswith("TLS: certificate not accepted: ")
    assert fault in fetched.answer.reason
    assert server.requests == []


def speak_plain(wire: Wire) -> None:
    """Answer the handshake in HTTP."""
    wire.send(answer(b"{}", status=b"400 Bad Request"))
    wire.wait_for_end()


def reset_at_once(wire: Wire) -> None:
    """Answer the handshake with a RST."""
    wire.reset()


@pytest.mark.parametrize(
    ("behave", "fault"),
    [
        (speak_plain, "TLS failed: "),
        (reset_at_once, "no connection: "),
        (Wire.close, "no connection: "),
        (Wire.wait_for_end, LATE),
    ],
    ids=["plain text", "reset", "closed", "silence"],
)
def test_a_handshake_that_fails_is_named(provider: str, behave: Behaviour, fault: str) -> None:
    with faulty(behave) as server:
        (fetched,) = looked_up(provider, server.url("https"), deadline=SOON if fault == LATE else 10)
    assert fetched.answer.outcome is Outcome.UNREACHABLE
    assert fetched.answer.reason.startswith(fault)
    assert server.connections == 1


def test_tls_where_plain_text_is_expected_is_unreachable(provider: str, authority: Authority) -> None:
    with faulty(over_tls(authority.server(), answering(answer(good_body(provider))))) as server:
        (fetched,) = looked_up(provider, server.url("http"))
    assert fetched.answer.outcome is Outcome.UNREACHABLE
    assert fetched.answer.reason != ""


def test_tls_that_breaks_off_within_the_body_is_named(provider: str, authority: Authority) -> None:
    cut = answer(good_body(provider))[:-5]
    for behave in (closing_after(cut), resetting_after(cut)):
        with faulty(over_tls(authority.server(), behave)) as server:
            (fetched,) = looked_up(provider, server.url("https"), trusted=authority.trusted)
        assert fetched.answer.outcome is Outcome.UNREACHABLE
        assert fetched.answer.reason.startswith("the body broke off: Not enough data")


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 306, 307, 308, 399])
@pytest.mark.parametrize("place", ["{other}/", "//127.0.0.1:{port}/", "/elsewhere", "not an address\t"])
def test_a_redirect_is_not_followed_and_the_key_does_not_travel(
    provider: str, status: int, place: str
) -> None:
    with faulty(answering(answer(good_body(provider)))) as other:
        location = place.format(other=other.url(), port=other.port).encode()
        redirect = answer(b"", b"Location: " + location, status=b"%d Elsewhere" % status)
        with faulty(answering(redirect)) as server:
            (fetched,) = looked_up(provider, server.url())
    assert fetched.answer.outcome is Outcome.UNREACHABLE
    assert fetched.answer.reason == f"HTTP {status}: a redirect, which is never followed"
    assert (other.connections, len(server.requests)) == (0, 1)


def test_a_proxy_of_the_environment_is_not_used(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty(answering(answer(good_body(provider)))) as proxy, faulty(proxy.behave) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        looked_up(provider, server.url())
    assert (proxy.connections, server.connections) == (0, 1)


def test_cookies_are_not_sent_back(provider: str) -> None:
    with_cookies = answer(good_body(provider), b"Set-Cookie: a=b; Path=/", b"Set-Cookie: c=d; Max-Age=9999")
    with faulty(answering(with_cookies)) as server:
        looked_up(provider, server.url(), [IDS[provider]] * 3)
    assert (server.connections, len(server.requests)) == (1, 3)
    assert not any(b"cookie" in request.lower() for request in server.requests)


# A kept connection that dies between requests.


def leaving_on_the_second_request(good: bytes, how: Behaviour) -> Behaviour:
    """One answer on each connection; to a further request nothing but the end."""

    def behave(wire: Wire) -> None:
        if wire.request():
            wire.send(answer(good))
            if wire.request():
                how(wire)

    return behave


@pytest.mark.parametrize("how", [Wire.close, Wire.reset], ids=["closed", "reset"])
def test_a_dead_kept_connection_is_replaced_once_a_further_request_is_allowed(
    provider: str, how: Behaviour
) -> None:
    asked: list[int] = []

    async def allow() -> bool:
        asked.append(len(server.requests))
        return True

    with faulty(leaving_on_the_second_request(good_body(provider), how)) as server:
        first, second = looked_up(provider, server.url(), [IDS[provider]] * 2, may_send_again=allow)
    assert first.answer.outcome is second.answer.outcome is Outcome.OK
    assert (asked, len(server.requests), server.connections) == ([2], 3, 2)


@pytest.mark.parametrize("how", [Wire.close, Wire.reset], ids=["closed", "reset"])
def test_without_leave_a_request_is_never_sent_again(provider: str, how: Behaviour) -> None:
    with faulty(leaving_on_the_second_request(good_body(provider), how)) as server:
        _, second = looked_up(provider, server.url(), [IDS[provider]] * 2)
    assert second.answer.outcome is Outcome.UNREACHABLE
    assert second.answer.reason == "the provider closed a kept connection before an answer came"
    assert len(server.requests) == 2


def test_a_request_is_sent_again_only_once(provider: str) -> None:
    """Two connections are kept, and both are dead: the third is not tried."""

    async def allow() -> bool:
        return True

    async def look_up() -> tuple[Outcome, ...]:
        async with open_transport() as transport:
            fetcher = Fetcher(
                PROVIDERS[provider], server.url(), OpenKey(KEYS[provider]), transport, lambda: NOW
            )
            both = await asyncio.gather(*(fetcher.look_up(IDS[provider]) for _ in range(2)))
            third = await fetcher.look_up(IDS[provider], allow)
        return tuple(fetched.answer.outcome for fetched in (*both, third))

    with faulty(leaving_on_the_second_request(good_body(provider), Wire.close)) as server:
        assert asyncio.run(look_up()) == (Outcome.OK, Outcome.OK, Outcome.UNREACHABLE)
    assert (len(server.requests), server.connections) == (4, 2)


@pytest.mark.parametrize("behave", [closing_after(b""), resetting_after(b"")], ids=["closed", "reset"])
def test_a_new_connection_that_is_lost_is_a_fault_and_no_reason_to_ask_again(
    provider: str, behave: Behaviour
) -> None:
    async def refuse() -> bool:
        raise AssertionError("asked for leave to send again")

    with faulty(behave) as server:
        (fetched,) = looked_up(provider, server.url(), may_send_again=refuse)
    assert fetched.answer.outcome is Outcome.UNREACHABLE
    assert (len(server.requests), server.connections) == (1, 1)


# Answers that nobody asked for.


def standing(provider: str, status: str) -> bytes:
    """A whole answer with this status word."""
    return answer(good_body(provider).replace(b'completed"', status.encode() + b'"'))


def status_of(fetched: Fetched) -> str | None:
    return None if fetched.answer.record is None else fetched.answer.record.provider_status


def test_a_second_answer_in_the_same_breath_is_not_taken_for_the_next_one(provider: str) -> None:
    twice = standing(provider, "completed") + standing(provider, "failed")
    with faulty(answering(twice)) as server:
        first, second = looked_up(provider, server.url(), [IDS[provider]] * 2)
    assert [status_of(first), status_of(second)] == ["completed", "completed"]
    assert server.connections == 2


def test_an_answer_that_comes_while_nobody_asks_is_not_taken_for_the_next_one(provider: str) -> None:
    """ReelBot's answers name no id: the record of one job would become that of another."""
    was_sent = threading.Event()

    def behave(wire: Wire) -> None:
        if wire.request() and wire.send(standing(provider, "completed")) and wire.pause(0.02):
            wire.send(standing(provider, "failed"))
            was_sent.set()
            answering(standing(provider, "processing"))(wire)

    async def look_up() -> list[str | None]:
        async with open_transport() as transport:
            fetcher = Fetcher(
                PROVIDERS[provider], server.url(), OpenKey(KEYS[provider]), transport, lambda: NOW
            )
            first = await fetcher.look_up(IDS[provider])
            while not was_sent.is_set():
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.005)
            second = await fetcher.look_up(IDS[provider])
        return [status_of(fetched) for fetched in (first, second)]

    with faulty(behave) as server:
        assert asyncio.run(look_up()) == ["completed", "completed"]
    assert (server.connections, len(server.requests)) == (2, 2)
