"""Faults of whole answers, the same for every provider: sizes, encodings, statuses, and what is harmless."""

import gzip
import json
import zlib
from collections.abc import Callable
from functools import cache
from http import HTTPStatus

from auditing.records import Outcome
from tests.providers.faults import HTML, NOT_ITS_OWN, refusal
from tests.sync.faults_on_the_wire import CHUNKED, Fault, answer, head
from tests.sync.faulty import Behaviour, answering, closing_after, flooding, half_closing_after

OVER_CAP = "body over the cap of 1,048,576 bytes"


def endless(name: str, start: bytes, piece: bytes, outcome: Outcome, *names: str) -> Fault:
    """50 MB, as fast as it goes."""
    return Fault(name, lambda _: flooding(start, piece, 52_428_800 // len(piece)), outcome, names)


BLANKS = b" " * 65_536
ENDLESS = [
    endless(
        "50 MB with Content-Length",
        head(b"Content-Length: 52428800"),
        BLANKS,
        Outcome.MALFORMED,
        OVER_CAP,
    ),
    endless("50 MB to the end of the connection", head(), b"{" * 65_536, Outcome.MALFORMED, OVER_CAP),
    endless("50 MB in chunks", CHUNKED, b"10000\r\n" + b"x" * 65_536 + b"\r\n", Outcome.MALFORMED, OVER_CAP),
    endless("50 MB in chunks of a byte", CHUNKED, b"1\r\n{\r\n" * 10_000, Outcome.MALFORMED, OVER_CAP),
    endless("50 MB with a 500", head(status=b"500 x"), BLANKS, Outcome.UNREACHABLE, "HTTP 500 Internal"),
    endless("50 MB with a 404", head(status=b"404 x"), BLANKS, Outcome.UNREACHABLE, "HTTP 404", NOT_ITS_OWN),
    endless("50 MB with a 302", head(status=b"302 x"), BLANKS, Outcome.UNREACHABLE, "HTTP 302: a redirect"),
    endless(
        "50 MB with a 429",
        head(b"Retry-After: 30", status=b"429 x"),
        BLANKS,
        Outcome.RATE_LIMITED,
        "HTTP 429 Too Many Requests",
    ),
]


@cache
def bomb() -> bytes:
    """50 MB of blanks in 50 kB of gzip."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([*(packer.compress(BLANKS) for _ in range(800)), packer.flush()])


def encoded(name: str, encoding: bytes, pack: Callable[[bytes], bytes], *names: str) -> Fault:
    """A good body, but packed so."""
    header = b"Content-Encoding: " + encoding
    return Fault(name, lambda body: answering(answer(pack(body), header)), Outcome.MALFORMED, names)


NOT_ASKED_FOR = "the body's Content-Encoding is one that was not asked for"
NO_GZIP = "the body is not gzip, though its header says so"
CUT_GZIP = "the body's gzip is cut short, or followed by something else"
ENCODINGS = [
    encoded("a gzip bomb", b"gzip", lambda _: bomb(), OVER_CAP, "when unpacked"),
    encoded("gzip of something else", b"gzip", lambda body: body, NO_GZIP),
    encoded("gzip with a wrong sum", b"gzip", lambda body: gzip.compress(body)[:-8] + b"\0" * 8, NO_GZIP),
    encoded("gzip cut short", b"gzip", lambda body: gzip.compress(body)[:-9], CUT_GZIP),
    encoded("gzip and more", b"gzip", lambda body: gzip.compress(body) + b"x", CUT_GZIP),
    encoded("no gzip at all", b"gzip", lambda _: b"", CUT_GZIP),
    encoded("gzip twice", b"gzip, gzip", lambda body: gzip.compress(gzip.compress(body)), NOT_ASKED_FOR),
    encoded("brotli", b"br", lambda _: b"\x0b\x01\x80{}\x03", NOT_ASKED_FOR),
    encoded("zstd", b"zstd", lambda _: b"\x28\xb5\x2f\xfd", NOT_ASKED_FOR),
    encoded("deflate", b"deflate", zlib.compress, NOT_ASKED_FOR),
    encoded("an encoding nobody knows", b"rot13\xff", lambda body: body, NOT_ASKED_FOR),
    Fault(
        "429 in brotli",
        lambda _: answering(answer(b"\x0b", b"Content-Encoding: br", b"Retry-After: 9", status=b"429 x")),
        Outcome.RATE_LIMITED,
        ("HTTP 429 Too Many Requests",),
    ),
    Fault(
        "503 with bad gzip",
        lambda _: answering(answer(b"{}", b"Content-Encoding: gzip", status=b"503 x")),
        Outcome.UNREACHABLE,
        ("HTTP 503 Service Unavailable",),
    ),
]


def refused(status: int, outcome: Outcome, *names: str, body: bytes | None = None) -> Fault:
    """An answer of this status, by default with the provider's own kind of body."""
    data = refusal(f"words for {status}") if body is None else body
    title = f"HTTP {status}" if body is None else f"HTTP {status} with a body of {len(body)} bytes"
    return Fault(
        title,
        lambda _: answering(answer(data, status=b"%d x" % status)),
        outcome,
        names or (f"HTTP {status}: words for {status}",),
    )


CODED = json.dumps({"success": False, "message": "Slow down", "code": "RATE_LIMITED"}).encode()
STATUSES = [
    *(refused(status, Outcome.REJECTED) for status in (400, 405, 406, 409, 410, 411, 413, 414, 415, 416)),
    *(refused(status, Outcome.REJECTED) for status in (418, 421, 422, 423, 424, 426, 428, 431, 451, 499)),
    *(refused(status, Outcome.UNAUTHORIZED) for status in (401, 402)),
    refused(403, Outcome.DENIED),
    refused(404, Outcome.MISSING),
    *(refused(status, Outcome.UNREACHABLE) for status in (408, 425)),
    refused(429, Outcome.RATE_LIMITED),
    refused(429, Outcome.RATE_LIMITED, "HTTP 429: Slow down (RATE_LIMITED)", body=CODED),
    refused(429, Outcome.RATE_LIMITED, "HTTP 429 Too Many Requests", body=HTML),
    *(refused(status, Outcome.UNREACHABLE) for status in (500, 501, 502, 503, 504, 505, 507, 511)),
    *(refused(status, Outcome.UNREACHABLE) for status in (520, 522, 524, 530, 599, 600, 799, 999)),
    *(
        refused(status, Outcome.UNREACHABLE, f"HTTP {status}", NOT_ITS_OWN, body=body)
        for status in (401, 403, 404)
        for body in (HTML, b"", b"[]", b"null", b'{"cut', b"[" * 100_000)
    ),
    *(
        refused(status, Outcome.MALFORMED, f"HTTP {status}, where only a 200 carries a record")
        for status in (201, 202, 203, 206, 207, 226)
    ),
    *(
        refused(status, Outcome.MALFORMED, f"HTTP {status}, where only a 200 carries a record", body=b"")
        for status in (204, 205)
    ),
    refused(500, Outcome.UNREACHABLE, f"HTTP 500 {HTTPStatus(500).phrase}", body=HTML),
]


def odd(name: str, behave: Callable[[bytes], Behaviour]) -> Fault:
    """Not as it should be, and yet a whole answer."""
    return Fault(name, behave, Outcome.OK, ())


def with_header(name: str, *headers: bytes) -> Fault:
    return odd(name, lambda body: answering(answer(body, *headers)))


def in_chunks(body: bytes) -> bytes:
    return CHUNKED + b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\nX-Trailer: x\r\n\r\n"


EARLY = head(status=b"102 Processing") + head(b"Link: </x>", status=b"103 Early Hints")
HARMLESS = [
    odd("HTTP/1.0", lambda body: closing_after(b"HTTP/1.0 200 OK\r\n\r\n" + body)),
    odd("chunks of one byte, and a trailer", lambda body: answering(in_chunks(body))),
    odd("after 102 and 103", lambda body: answering(EARLY + answer(body))),
    odd("lines that end in LF alone", lambda body: answering(answer(body).replace(b"\r\n", b"\n"))),
    odd("a phrase in latin-1", lambda body: answering(answer(body, status=b"200 Alles g\xfcltig"))),
    odd("no phrase", lambda body: answering(answer(body, status=b"200"))),
    odd("half closed after the answer", lambda body: half_closing_after(answer(body))),
    odd("closed after the answer", lambda body: closing_after(answer(body))),
    odd(
        "gzip that nobody asked for",
        lambda body: answering(answer(gzip.compress(body), b"Content-Encoding: GZip")),
    ),
    with_header("identity", b"Content-Encoding: identity"),
    with_header("headers in latin-1", b"X-Name: J\xf6rg"),
    with_header("a cookie without sense", b"Set-Cookie: \xff;;=;=\x80"),
    with_header("the wrong type of content", b"Content-Type: text/html"),
    with_header("the wrong charset", b"Content-Type: application/json; charset=utf-16"),
    with_header("no type of content", b"Content-Type:"),
    with_header("a Location with a 200", b"Location: http://127.0.0.1:1/"),
    with_header("a Refresh with a 200", b"Refresh: 0;url=http://127.0.0.1:1/"),
    with_header("Connection: close", b"Connection: close"),
]

EVERY = [*ENDLESS, *ENCODINGS, *STATUSES, *HARMLESS]
