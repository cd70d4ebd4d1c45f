"""Whatever a server does to a lookup ends in its documented outcome, named in words, on one request."""

import socket
import tracemalloc

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from auditing.providers import PROVIDERS
from auditing.records import Answer, Outcome, Response
from auditing.sync.connections import in_words
from tests.providers.faults import SHARED
from tests.providers.test_faults import NANOBANANA, REELBOT
from tests.stage import KEYS
from tests.sync import faults_in_answers, faults_on_the_wire
from tests.sync.faults_in_answers import ENDLESS
from tests.sync.faults_on_the_wire import Fault, answer
from tests.sync.faulty import answering, faulty
from tests.sync.lookups import IDS, NOW, good_body, looked_up

EVERY = [*faults_on_the_wire.EVERY, *faults_in_answers.EVERY]
# A 100 is no answer: what follows it is, and here that never comes (see the slow ones).
PAYLOADS = [
    pytest.param(provider, *fault[1:], id=f"{provider}: {fault[0]}")
    for provider, own in (("nanobanana", NANOBANANA), ("reelbot", REELBOT))
    for fault in SHARED + own
    if fault[0] != "100"
]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: fault.name)
def test_a_fault_ends_in_its_outcome_is_named_and_is_asked_for_once(fault: Fault, provider: str) -> None:
    with faulty(fault.behave(good_body(provider))) as server:
        (fetched,) = looked_up(provider, server.url(), deadline=fault.deadline)
    assert fetched.answer.outcome == fault.outcome, fetched.answer.reason
    assert (fetched.answer.record is None) == (fault.outcome is not Outcome.OK)
    assert (fetched.answer.reason == "") == (fault.outcome is Outcome.OK)
    for fragment in fault.names:
        assert fragment in fetched.answer.reason
    assert fetched.answer.reason.isprintable()
    assert len(fetched.answer.reason) <= 200
    assert server.connections == 1
    assert len(server.requests) <= 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_there_are_at_least_forty_kinds_of_fault_that_differ_in_name(provider: str) -> None:
    names = [fault.name for fault in EVERY if fault.outcome is not Outcome.OK]
    assert len(names) == len(set(names)) > 40
    assert len([fault for fault in PAYLOADS if fault.values[0] == provider]) > 40


@pytest.mark.parametrize(("provider", "faulty_response", "outcome", "reason"), PAYLOADS)
def test_a_faulty_payload_ends_on_the_wire_as_it_does_in_the_parser(
    provider: str, faulty_response: Response, outcome: Outcome, reason: str
) -> None:
    status = faulty_response.status
    sent = answer(faulty_response.body, status=b"%d x" % status)
    with faulty(answering(sent)) as server:
        (fetched,) = looked_up(provider, server.url())
    assert fetched.answer == Answer(outcome=outcome, http_status=status, reason=reason)
    assert fetched.size == len(faulty_response.body)
    assert fetched.at == NOW


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_request_carries_the_key_and_nothing_that_could_name_a_person(provider: str) -> None:
    with faulty(answering(answer(good_body(provider)))) as server:
        looked_up(provider, server.url())
    target = PROVIDERS[provider].target(IDS[provider])
    (name, value), *_ = PROVIDERS[provider].headers(KEYS[provider]).items()
    lines = server.requests[0].decode().split("\r\n")
    assert lines[0] == f"GET {target} HTTP/1.1"
    assert sorted(line.lower() for line in lines[1:-2]) == sorted(
        line.lower()
        for line in (
            f"Host: 127.0.0.1:{server.port}",
            f"{name}: {value}",
            "Accept: application/json",
            "Accept-Encoding: identity",
            "User-Agent: Clipledger",
        )
    )


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_id_that_cannot_be_one_is_rejected_and_nothing_is_sent(provider: str) -> None:
    with faulty(answering(answer(good_body(provider)))) as server:
        (fetched,) = looked_up(provider, server.url(), [".."])
    assert fetched.answer == Answer(outcome=Outcome.REJECTED, reason="'..' would reach another address")
    assert server.connections == 0


HEAVY = [
    fault
    for fault in EVERY
    if fault.name.endswith((" without end", "bomb")) or (fault in ENDLESS and "of a byte" not in fault.name)
]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", HEAVY, ids=lambda fault: fault.name)
def test_however_much_a_server_sends_little_is_read_and_kept(fault: Fault, provider: str) -> None:
    behave = fault.behave(good_body(provider))
    with faulty(behave) as server:
        looked_up(provider, server.url(), deadline=fault.deadline)
        tracemalloc.start()
        try:
            looked_up(provider, server.url(), deadline=fault.deadline)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 8_000_000
    assert server.sent < 50_000_000  # of twice as much


def test_a_host_without_an_address_is_named() -> None:
    key = ConnectionKey("nobody.example", 443, True, True, None, None, None)
    unknown = aiohttp.ClientConnectorDNSError(key, socket.gaierror(-2, "Name or service not known"))
    assert in_words(unknown) == "host nobody.example not found"
