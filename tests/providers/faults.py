"""Faults that come in every provider's answers, with the outcome and the reason that they must end in."""

import json

from auditing.records import Outcome, Response
from tests.providers.responses import response

type Fault = tuple[str, Response, Outcome, str]

HTML = b"<!DOCTYPE html><title>Attention Required!</title>"
NOT_ITS_OWN = "but the body is not a JSON object: not the provider's own answer"


def refusal(text: str) -> bytes:
    return json.dumps({"success": False, "error": text}).encode()


def malformed(name: str, body: bytes, reason: str) -> Fault:
    return name, response(body), Outcome.MALFORMED, reason


# HTTP's and JSON's faults are the same for every provider.
SHARED: list[Fault] = [
    ("100", response(b"", 100), Outcome.UNREACHABLE, "HTTP 100 Continue"),
    ("204", response(b"", 204), Outcome.MALFORMED, "HTTP 204, where only a 200 carries a record"),
    ("206", response(b'{"su', 206), Outcome.MALFORMED, "HTTP 206, where only a 200 carries a record"),
    ("301", response(b"", 301), Outcome.UNREACHABLE, "HTTP 301: a redirect, which is never followed"),
    ("304", response(b"", 304), Outcome.UNREACHABLE, "HTTP 304: a redirect, which is never followed"),
    ("400", response(refusal("bad"), 400), Outcome.REJECTED, "HTTP 400: bad"),
    ("400 page", response(HTML, 400), Outcome.REJECTED, "HTTP 400 Bad Request"),
    ("401", response(refusal("no"), 401), Outcome.UNAUTHORIZED, "HTTP 401: no"),
    ("401 page", response(HTML, 401), Outcome.UNREACHABLE, f"HTTP 401, {NOT_ITS_OWN}"),
    ("402", response(refusal("quota"), 402), Outcome.UNAUTHORIZED, "HTTP 402: quota"),
    ("402 page", response(HTML, 402), Outcome.UNAUTHORIZED, "HTTP 402 Payment Required"),
    ("403", response(refusal("no"), 403), Outcome.DENIED, "HTTP 403: no"),
    ("403 page", response(HTML, 403), Outcome.UNREACHABLE, f"HTTP 403, {NOT_ITS_OWN}"),
    ("403 list", response(b"[]", 403), Outcome.UNREACHABLE, f"HTTP 403, {NOT_ITS_OWN}"),
    ("404", response(b"{}", 404), Outcome.MISSING, "HTTP 404 Not Found"),
    ("404 empty", response(b"", 404), Outcome.UNREACHABLE, f"HTTP 404, {NOT_ITS_OWN}"),
    ("404 cut", response(b'{"err', 404), Outcome.UNREACHABLE, f"HTTP 404, {NOT_ITS_OWN}"),
    ("404 deep", response(b'{"a":' * 99999, 404), Outcome.UNREACHABLE, f"HTTP 404, {NOT_ITS_OWN}"),
    ("405", response(b"", 405), Outcome.REJECTED, "HTTP 405 Method Not Allowed"),
    ("408", response(b"", 408), Outcome.UNREACHABLE, "HTTP 408 Request Timeout"),
    ("410", response(b"", 410), Outcome.REJECTED, "HTTP 410 Gone"),
    ("425", response(b"", 425), Outcome.UNREACHABLE, "HTTP 425 Too Early"),
    ("499", response(b"", 499), Outcome.REJECTED, "HTTP 499"),
    ("500", response(refusal("model failed"), 500), Outcome.UNREACHABLE, "HTTP 500: model failed"),
    ("502 page", response(HTML, 502), Outcome.UNREACHABLE, "HTTP 502 Bad Gateway"),
    ("503", response(b"", 503), Outcome.UNREACHABLE, "HTTP 503 Service Unavailable"),
    ("799", response(b"", 799), Outcome.UNREACHABLE, "HTTP 799"),
    malformed("empty", b"", "empty body"),
    malformed("blank", b" \r\n", "empty body"),
    malformed("page", b"\n" + HTML, "a page (HTML or XML), not JSON"),
    malformed("text", b"OK", "not JSON: Expecting value (line 1, column 1)"),
    malformed("list", b"[1]", "the body is JSON, but not an object"),
    malformed("null", b"null", "the body is JSON, but not an object"),
    malformed("mark", b"\xef\xbb\xbf{}", "a byte order mark before the JSON"),
    malformed("utf-16", "{}".encode("utf-16"), "not UTF-8: byte 0xff at offset 0"),
    malformed("latin-1", b'{"a":"\xe9"}', "not UTF-8: byte 0xe9 at offset 6"),
    malformed("surrogate in UTF-8", b'{"a":"\xed\xa0\x80"}', "not UTF-8: byte 0xed at offset 6"),
    malformed(
        "truncated", b'{"status":"comp', "truncated JSON: Unterminated string starting at (line 1, column 11)"
    ),
    malformed("trailing", b'{"a":1}{"a":1}', "not JSON: Extra data (line 1, column 8)"),
    malformed("NaN", b'{"a":NaN}', "NaN is not a JSON number"),
    malformed("infinity", b'{"a":-Infinity}', "-Infinity is not a JSON number"),
    malformed("1e400", b'{"a":[0,1e400]}', "a[1]: a number beyond ±(2^53 - 1)"),
    malformed("5,000 digits", b'{"a":{"b":%s}}' % (b"9" * 5000), "a.b: a number beyond ±(2^53 - 1)"),
    malformed("2^53", b'{"a":9007199254740992}', "a: a number beyond ±(2^53 - 1)"),
    malformed("-1e16", b'{"a":-1e16}', "a: a number beyond ±(2^53 - 1)"),
    malformed("NUL", rb'{"a":["x\u0000"]}', "a[0]: a NUL character"),
    malformed("NUL in a name", rb'{"a\u0000":1}', r"a\x00: in the name: a NUL character"),
    malformed("surrogate", rb'{"a":{"b":"\ud800"}}', "a.b: a lone surrogate"),
    malformed("low surrogate", rb'{"a":"\udc00x"}', "a: a lone surrogate"),
    malformed("surrogate in a name", rb'{"\ud800":1}', r"\ud800: in the name: a lone surrogate"),
    malformed("key twice", b'{"a":1,"b":2,"a":1}', "a: twice in one object"),
    malformed("key twice below", b'{"v":[{"a":1,"a":2}]}', "a: twice in one object"),
    malformed(
        "key twice, once escaped, and an escaped colon",
        rb'{"a":"\u003a","\u0061":":"}',
        "a: twice in one object",
    ),
    malformed(
        "deep lists",
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "JSON nested more than 32 levels deep",
    ),
    malformed("deep, unfinished", b'{"a":' * 100_000, "JSON nested more than 32 levels deep"),
    malformed(
        "success: false",
        b'{"success":false,"error":"Video not found","code":"NOT_FOUND"}',
        "success: false in a 200: Video not found (NOT_FOUND)",
    ),
    malformed("success: false, no more", b'{"success":false}', "success: false in a 200: no reason given"),
]
