"""Faults of connections and of HTTP itself, the same for every provider, and the words that name them."""

from collections.abc import Callable
from dataclasses import dataclass

from auditing.records import Outcome
from tests.sync.faulty import (
    Behaviour,
    Wire,
    closing_after,
    dripping,
    flooding,
    half_closing_after,
    resetting_after,
    silent_after,
)

LONG_ENOUGH = 10.0
SOON = 0.15
LATE = "no full answer within 0.15 seconds"


@dataclass(frozen=True)
class Fault:
    """What a server does (given the provider's documented 200 body), and what must become of it.

    `names` are fragments that the reason must hold.
    """

    name: str
    behave: Callable[[bytes], Behaviour]
    outcome: Outcome
    names: tuple[str, ...]
    deadline: float = LONG_ENOUGH


def head(*headers: bytes, status: bytes = b"200 OK") -> bytes:
    return b"".join(line + b"\r\n" for line in (b"HTTP/1.1 " + status, *headers, b""))


def answer(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    return head(b"Content-Length: %d" % len(body), *headers, status=status) + body


CHUNKED = head(b"Transfer-Encoding: chunked")


def lost(name: str, behave: Behaviour, *names: str) -> Fault:
    return Fault(name, lambda _: behave, Outcome.UNREACHABLE, names)


def late(name: str, behave: Behaviour) -> Fault:
    return Fault(name, lambda _: behave, Outcome.UNREACHABLE, (LATE,), SOON)


def no_http(name: str, data: bytes, *names: str) -> Fault:
    return Fault(name, lambda _: silent_after(data), Outcome.UNREACHABLE, ("not valid HTTP", *names))


def broken(name: str, behave: Callable[[bytes], Behaviour], *names: str) -> Fault:
    return Fault(name, behave, Outcome.UNREACHABLE, ("the body broke off", *names))


def chunks(name: str, data: bytes, *names: str) -> Fault:
    return no_http(name, CHUNKED + data, *names)


def reset_at_once(wire: Wire) -> None:
    wire.reset()


def close_at_once(wire: Wire) -> None:
    wire.close()


def wait_at_once(wire: Wire) -> None:
    wire.wait_for_end()


def speak_first(wire: Wire) -> None:
    wire.send(b"220 mail.example ESMTP\r\n")
    wire.wait_for_end()


def too_long(body: bytes) -> bytes:
    """The head of an answer that promises ten bytes more than the body has."""
    return head(b"Content-Length: %d" % (len(body) + 10)) + body


CLOSED = "the provider closed the connection before an answer came"
LOST = "the connection was lost before an answer came"

CONNECTIONS = [
    lost("closed before the request", close_at_once, "before an answer came"),
    # Whether it is seen while connecting or just after depends on who is quicker.
    lost("reset before the request", reset_at_once, "Connection reset by peer"),
    lost("closed without an answer", closing_after(b""), CLOSED),
    lost("half closed without an answer", half_closing_after(b""), CLOSED),
    lost("reset without an answer", resetting_after(b""), LOST, "Connection reset by peer"),
    lost(
        "closed within the headers",
        closing_after(b"HTTP/1.1 200 OK\r\nContent-"),
        "closed the connection in the middle of the answer's headers",
    ),
    lost(
        "half closed within the headers",
        half_closing_after(b"HTTP/1.1 200 OK\r\nContent-"),
        "closed the connection in the middle of the answer's headers",
    ),
    lost("reset within the headers", resetting_after(b"HTTP/1.1 200 OK\r\nContent-"), LOST),
    lost("closed after 100 Continue", closing_after(head(status=b"100 Continue")), CLOSED),
    broken("closed within the body", lambda body: closing_after(too_long(body)), "Not enough data"),
    broken("half closed within the body", lambda body: half_closing_after(too_long(body)), "Not enough data"),
    broken("reset within the body", lambda body: resetting_after(too_long(body)), "Not enough data"),
    broken("closed before the body", lambda _: closing_after(head(b"Content-Length: 2")), "received 0 of 2"),
    broken("closed within a chunk", lambda _: closing_after(CHUNKED + b"9\r\n{"), "transfer length"),
    broken(
        "closed before the last chunk",
        lambda body: closing_after(CHUNKED + b"%x\r\n%s\r\n" % (len(body), body)),
        "transfer length",
    ),
    Fault(
        "a refusal that broke off",
        lambda _: closing_after(head(b"Content-Length: 99", status=b"404 Not Found") + b'{"err'),
        Outcome.UNREACHABLE,
        ("HTTP 404, but the body broke off",),
    ),
    Fault(
        "429 that broke off",
        lambda _: closing_after(head(b"Content-Length: 99", b"Retry-After: 30", status=b"429 Slow") + b"{"),
        Outcome.RATE_LIMITED,
        ("HTTP 429 Too Many Requests",),
    ),
]

SLOW = [
    late("never answering", silent_after(b"")),
    late("never reading", wait_at_once),
    late("silent within the status line", silent_after(b"HTTP/1.")),
    late("silent after the headers", silent_after(head(b"Content-Length: 2"))),
    late("silent within the body", silent_after(head(b"Content-Length: 99") + b"{")),
    late("no end of the body", silent_after(head() + b"{}")),
    late("no last chunk", silent_after(CHUNKED + b"2\r\n{}\r\n")),
    late("dripping headers", dripping(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x")),
    late("dripping lines of headers", dripping(b"HTTP/1.1 200 OK\r\n", b"X-Slow: x\r\n")),
    late("dripping body", dripping(head(b"Content-Length: 9999"), b" ")),
    late("dripping chunks", dripping(CHUNKED, b"1\r\n \r\n")),
    late("100 Continue, then nothing", silent_after(head(status=b"100 Continue"))),
    late("102 Processing again and again", dripping(b"", head(status=b"102 Processing"))),
    late("1xx without end", flooding(b"", head(status=b"103 Early Hints") * 500, 100_000)),
    Fault(
        "429 whose body never comes",
        lambda _: silent_after(head(b"Content-Length: 99", b"Retry-After: 30", status=b"429 Slow")),
        Outcome.RATE_LIMITED,
        ("HTTP 429 Too Many Requests",),
        SOON,
    ),
]

NOT_HTTP = [
    no_http("garbage", b"\x00\x01\x02\xff\r\n\r\n", "Bad status line"),
    no_http("another protocol", b"SSH-2.0-OpenSSH_9.6\r\n", "Bad status line"),
    lost("a server that speaks first", speak_first, "not valid HTTP", "Bad status line"),
    no_http("JSON without HTTP", b'{"success": true}', "Bad status line"),
    no_http("a page without HTTP", b"<!DOCTYPE html>", "Bad status line"),
    no_http("HTTP/2", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", "Bad status line"),
    no_http("HTTP/9.9", b"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}", "Invalid HTTP version"),
    no_http("HTTP/x", b"HTTP/x 200 OK\r\n\r\n", "Invalid major version"),
    no_http("no status", b"HTTP/1.1 OK\r\n\r\n", "status code"),
    no_http("a status of two digits", b"HTTP/1.1 20 OK\r\n\r\n", "status code"),
    no_http("a status of four digits", b"HTTP/1.1 2000 OK\r\n\r\n", "status"),
    no_http("a status line without end", b"HTTP/1.1 200 " + b"x" * 20_000, "over 8190 bytes"),
    no_http("a header of 20 kB", head(b"X: " + b"x" * 20_000), "over 8190 bytes"),
    lost(
        "a header without end",
        flooding(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65_536, 800),
        "not valid HTTP",
        "over 8190 bytes",
    ),
    no_http("1,000 headers", head(*(b"X-%d: x" % n for n in range(1000))), "Too many headers"),
    lost(
        "headers without end",
        flooding(b"HTTP/1.1 200 OK\r\n", b"X: x\r\n" * 10_000, 800),
        "not valid HTTP",
        "Too many headers",
    ),
    no_http("a header without a colon", head(b"Content-Length 2"), "header token"),
    no_http("a NUL in a header", head(b"X: a\0b", b"Content-Length: 2") + b"{}", "Invalid HTTP header"),
    no_http("Content-Length: -2", head(b"Content-Length: -2") + b"{}", "Content-Length"),
    no_http("Content-Length: two", head(b"Content-Length: two") + b"{}", "Content-Length"),
    no_http("Content-Length of 24 digits", head(b"Content-Length: " + b"9" * 24), "Content-Length"),
    no_http("two lengths", head(b"Content-Length: 2", b"Content-Length: 3") + b"{}", "Content-Length"),
    no_http(
        "a length and chunks",
        head(b"Content-Length: 2", b"Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding",
    ),
    chunks("a chunk of size zz", b"zz\r\n{}\r\n0\r\n\r\n", "chunk size"),
    chunks("a chunk of size -2", b"-2\r\n{}\r\n0\r\n\r\n", "chunk size"),
    chunks("a chunk of size 2^72", b"f" * 18 + b"\r\n{}", "Chunk size overflow"),
    chunks("a chunk longer than its size", b"1\r\n{}\r\n0\r\n\r\n", "chunk data"),
    chunks("a second chunk of size zz", b"2\r\n{}\r\nzz\r\n", "chunk size"),
    no_http("a 204 with a body", answer(b"{}", status=b"204 No Content"), "Bad status line"),
    Fault(
        "101 Switching Protocols",
        lambda _: silent_after(
            head(b"Upgrade: websocket", b"Connection: Upgrade", status=b"101 Switching Protocols")
        ),
        Outcome.UNREACHABLE,
        ("HTTP 101 Switching Protocols",),
    ),
]

EVERY = [*CONNECTIONS, *SLOW, *NOT_HTTP]
