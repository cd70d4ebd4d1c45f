"""A body becomes a JSON object that can be kept just as it is, or a fault that names the place."""

import json
import re
from collections.abc import Iterable
from typing import Any, Never

import msgspec

MAX_DEPTH = 32
MAX_NUMBER = 2**53 - 1

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


class Malformed(ValueError):
    """A 200 that breaks the contract; the message names the field or the place, and the fault."""


def decoded(body: bytes) -> dict[str, Any]:
    """The body as a JSON object that can be stored, canonicalised (RFC 8785) and read back unchanged.

    Raises Malformed for everything else: not UTF-8, not JSON, no object, a key twice in one object, more than
    32 levels, a NUL or lone surrogate (PostgreSQL stores neither), a number beyond ±(2^53 - 1) (where a
    double, and so RFC 8785, begins to skip integers). Unknown fields are welcome and stay.
    """
    if _depth(body) > MAX_DEPTH:
        raise Malformed(f"JSON nested more than {MAX_DEPTH} levels deep")
    try:
        payload = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as refusal:
        raise Malformed(_fault(body, truncated="truncated" in str(refusal))) from None
    if not isinstance(payload, dict):
        raise Malformed("the body is JSON, but not an object")
    _check_members(payload, "")
    _check_keys(body, payload)
    return payload


def error_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object of an error answer, or None when the body isn't one (a proxy's page).

    Laxer than `decoded`: nothing of it is kept but its text, and the question is only who speaks.
    """
    if _depth(body) > MAX_DEPTH:
        return None
    try:
        # As text, since Python would guess at UTF-16 and -32, whose bytes the depth was not counted in.
        # Whole numbers as floats, since it refuses to read an integer of more than 4,300 digits.
        value = json.loads(body.decode("utf-8-sig"), parse_int=float)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _depth(body: bytes) -> int:
    """How deep the JSON nests; or, while that is within bounds, how many brackets open, which is no less."""
    opening = body.count(b"{") + body.count(b"[")
    if opening <= MAX_DEPTH:
        return opening
    depth = deepest = 0
    for found in _STRING_OR_BRACKET.finditer(body):
        token = found[0]
        if token in (b"{", b"["):
            depth += 1
            deepest = max(deepest, depth)
        elif token in (b"}", b"]"):
            depth -= 1
    return deepest


def _check_members(members: dict[str, Any], place: str) -> None:
    for name, value in members.items():
        if "\0" in name or not name.isascii():
            _check_text(name, f"{place}{name}: in the name")
        _check_value(value, place, name)


def _check_value(value: object, place: str, name: str) -> None:
    """Raise Malformed for a value that can't be kept. `place` leads to its object, `name` into that."""
    if isinstance(value, str):
        if "\0" in value or not value.isascii():
            _check_text(value, f"{place}{name}")
    elif isinstance(value, int | float):
        if not -MAX_NUMBER <= value <= MAX_NUMBER:
            raise Malformed(f"{place}{name}: a number beyond ±(2^53 - 1)")
    elif isinstance(value, dict):
        _check_members(value, f"{place}{name}.")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_value(item, f"{place}{name}", f"[{index}]")


def _check_text(text: str, place: str) -> None:
    if "\0" in text:
        raise Malformed(f"{place}: a NUL character")
    if _SURROGATE.search(text):
        raise Malformed(f"{place}: a lone surrogate")


def _check_keys(body: bytes, payload: dict[str, Any]) -> None:
    """Raise Malformed when an object of the body has a key twice.

    Every member has one colon outside of strings, and those inside are the same however the object is
    written: so if the payload written out again has as many colons as the body, no member was lost. Only
    where the numbers differ or a colon may be escaped does Python's slower reader look at every pair.
    """
    if body.count(b":") != msgspec.json.encode(payload).count(b":") or b"\\u003" in body:
        json.loads(body, parse_int=float, object_pairs_hook=_once)


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise Malformed(f"{name}: twice in one object")
        members[name] = value
    return members


def _fault(body: bytes, *, truncated: bool) -> str:
    """Why msgspec refused the body. Python's reader is laxer, and so can show where the fault lies."""
    if not body.strip():
        return "empty body"
    if body.startswith(_BYTE_ORDER_MARK):
        return "a byte order mark before the JSON"
    try:
        text = body.decode()
    except UnicodeDecodeError as refusal:
        return f"not UTF-8: byte 0x{body[refusal.start]:02x} at offset {refusal.start}"
    if text.lstrip().startswith("<"):
        return "a page (HTML or XML), not JSON"
    try:
        value = json.loads(text, parse_int=float, parse_constant=_refuse_constant)
        _check_value(value, "", "body")
    except json.JSONDecodeError as refusal:
        kind = "truncated JSON" if truncated else "not JSON"
        return f"{kind}: {refusal.msg} (line {refusal.lineno}, column {refusal.colno})"
    except Malformed as fault:
        return str(fault).removeprefix("body.")
    return "not JSON"


def _refuse_constant(word: str) -> Never:
    raise Malformed(f"{word} is not a JSON number")
