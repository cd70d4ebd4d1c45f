"""An HTTP response becomes an answer: the table of outcomes, the same for every provider."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from auditing.providers.declaration import Jitter, ResetFormat
from auditing.providers.payloads import Malformed, decoded, error_object
from auditing.providers.resets import reset_at
from auditing.records import Answer, Outcome, Record, Response

MAX_REASON = 200

_OUTCOMES = {
    401: Outcome.UNAUTHORIZED,
    402: Outcome.UNAUTHORIZED,
    403: Outcome.DENIED,
    404: Outcome.MISSING,
    408: Outcome.UNREACHABLE,
    425: Outcome.UNREACHABLE,
    429: Outcome.RATE_LIMITED,
}
# A proxy or a firewall says these too. Only a JSON object shows that it was the provider.
_NEEDS_AN_OBJECT = frozenset({401, 403, 404})


def answer(
    response: Response,
    read: Callable[[dict[str, Any]], Record],
    *,
    reset_format: ResetFormat,
    key_prefix: str,
    jitter: Jitter,
) -> Answer:
    """The answer that a response is. `read` makes the record of a 200's payload or raises Malformed."""
    if response.status != HTTPStatus.OK:
        return _refused(response, reset_format, key_prefix, jitter)
    try:
        payload = successful(response.body)
        record = read(payload)
    except Malformed as fault:
        reason = readable(str(fault), key_prefix)
        return Answer(outcome=Outcome.MALFORMED, http_status=response.status, reason=reason)
    return Answer(outcome=Outcome.OK, http_status=response.status, record=record, payload=payload)


def successful(body: bytes) -> dict[str, Any]:
    """The payload of a 200, or raise Malformed; `"success": false` in it contradicts its status."""
    payload = decoded(body)
    if payload.get("success") is False:
        raise Malformed(f"success: false in a 200: {_said(payload) or 'no reason given'}")
    return payload


def outcome(status: int, *, has_object: bool) -> Outcome:
    """The outcome of a status other than 200; `has_object` says whether the body is a JSON object.

    A redirect is not followed, a 1xx is no final answer, and a status outside of 100 to 599 is treated as a
    5xx (RFC 9110 §15): nobody was reached. Another 2xx (a 204, a part by 206) breaks the contract.
    """
    if status in _NEEDS_AN_OBJECT and not has_object:
        return Outcome.UNREACHABLE
    if status in _OUTCOMES:
        return _OUTCOMES[status]
    if 400 <= status < 500:
        return Outcome.REJECTED
    return Outcome.MALFORMED if 200 <= status < 300 else Outcome.UNREACHABLE


def refusal_reason(response: Response, key_prefix: str) -> str:
    """Why a response other than 200 gave nothing: its status, and the provider's own words if it has any."""
    error = error_object(response.body)
    if error is None and response.status in _NEEDS_AN_OBJECT:
        return f"HTTP {response.status}, but the body is not a JSON object: not the provider's own answer"
    if 300 <= response.status < 400:
        return f"HTTP {response.status}: a redirect, which is never followed"
    if 200 <= response.status < 300:
        return f"HTTP {response.status}, where only a 200 carries a record"
    if words := _said(error or {}):
        return readable(f"HTTP {response.status}: {words}", key_prefix)
    return f"HTTP {response.status} {_phrase(response.status)}".rstrip()


def readable(text: str, key_prefix: str) -> str:
    """A provider's text as people may see it: no keys, invisible characters shown, at most 200 characters.

    What looks like a key of this provider, or like any after `Bearer`, is taken out. A key of another form
    can't be told from other words here: only the sender, who knows it, can.
    """
    text = re.sub(rf"\b({re.escape(key_prefix)}|(?i:bearer)\s+(?=\S{{12}}))[\w.~+/=-]{{6,}}", r"\1…", text)
    shown = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text[: MAX_REASON + 1]
    )
    return shown if len(shown) <= MAX_REASON else f"{shown[: MAX_REASON - 1]}…"


def _refused(response: Response, reset_format: ResetFormat, key_prefix: str, jitter: Jitter) -> Answer:
    error = error_object(response.body)
    kind = outcome(response.status, has_object=error is not None)
    limited = kind is Outcome.RATE_LIMITED
    return Answer(
        outcome=kind,
        http_status=response.status,
        reason=refusal_reason(response, key_prefix),
        reset_at=reset_at(response, error or {}, reset_format, jitter) if limited else None,
    )


def _said(error: Mapping[str, Any]) -> str:
    """The provider's own words: `error` (NanoBanana) or `message` (ReelBot), and a `code` if there is one."""
    words = next((error[name] for name in ("error", "message") if _is_text(error.get(name))), "").strip()
    code = error.get("code")
    return f"{words} ({code})".strip() if _is_text(code) else words


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
