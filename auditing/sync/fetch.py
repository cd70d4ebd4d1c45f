"""One request on the wire and its answer: no redirects, no cookies, no proxy, a body cap, one deadline."""

import asyncio
import json
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus

import aiohttp
import httpx

from auditing.providers.declaration import Provider
from auditing.records import Answer, InvalidId, Outcome, Response
from auditing.sync.connections import StaleConnection, in_words, open_transport

__all__ = ["BODY_CAP_BYTES", "DEADLINE_SECONDS", "Fetched", "Fetcher", "MaySend", "open_transport"]

BODY_CAP_BYTES = 1_048_576
DEADLINE_SECONDS = 20.0
USER_AGENT = "Clipledger"
SHORTEST_HIDDEN_KEY = 8

_NO_ANSWER = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError)

MaySend = Callable[[], Awaitable[bool]]
"""Waits until one more request may be sent for the account; False when none may."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A lookup's answer, when it was complete, and how many bytes of a body came over the wire."""

    answer: Answer
    at: datetime
    size: int = 0


@dataclass(slots=True)
class _Came:
    """What of a response has come so far, and in `broken_off` why no more of it did."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    wire: bytearray = field(default_factory=bytearray)
    broken_off: str = ""


class _Unusable(Exception):
    """The body came, but it can't be read; the message says why."""


async def never() -> bool:
    """No further request may be sent."""
    return False


class Fetcher:
    """Looks ids up for one account, over a transport that is passed in.

    The transport is used without httpx's client on purpose: what a client adds (redirects, cookies,
    environment proxies) is what an API key must never meet. `clock` gives aware UTC times.
    """

    def __init__(
        self,
        provider: Provider,
        base_url: str,
        key: str,
        transport: httpx.AsyncBaseTransport,
        clock: Callable[[], datetime],
        deadline: float = DEADLINE_SECONDS,
        body_cap: int = BODY_CAP_BYTES,
    ) -> None:
        self._provider = provider
        self._base_url = base_url.rstrip("/")
        self._headers = httpx.Headers(
            {
                **provider.headers(key),
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": USER_AGENT,
            }
        )
        self._key = key
        self._key_in_bodies = _as_bodies_hold(key)
        self._transport = transport
        self._clock = clock
        self._deadline = deadline
        self._body_cap = body_cap

    async def look_up(self, external_id: str, may_send_again: MaySend = never) -> Fetched:
        """Ask for one id. Never raises for what the network or the provider does: that is an outcome.

        One request is sent. Only where a kept connection turns out to be dead, which is no fault, a second
        one follows if `may_send_again` allows it; each has the whole deadline.
        """
        try:
            target = self._base_url + self._provider.target(external_id)
        except InvalidId as refusal:
            return Fetched(Answer(outcome=Outcome.REJECTED, reason=str(refusal)), self._clock())
        came = await self._came(target)
        if came is None and await may_send_again():
            came = await self._came(target)
        if came is None:
            came = _Came(broken_off="the provider closed a kept connection before an answer came")
        at = self._clock()
        return Fetched(self._without_key(self._answer(external_id, came, at)), at, len(came.wire))

    async def _came(self, url: str) -> _Came | None:
        """What came in answer to one request; None when the connection was dead before it was sent."""
        came = _Came()
        try:
            async with asyncio.timeout(self._deadline):
                await self._ask(url, came)
        except StaleConnection:
            return None
        except TimeoutError:
            came.broken_off = f"no full answer within {self._deadline:g} seconds"
        except _NO_ANSWER as error:
            came.broken_off = in_words(error)
        return came

    async def _ask(self, url: str, came: _Came) -> None:
        request = httpx.Request("GET", url, headers=self._headers)
        response = await self._transport.handle_async_request(request)
        try:
            came.status = response.status_code
            came.headers = {
                name.decode("latin-1").lower(): text.decode("latin-1") for name, text in response.headers.raw
            }
            # The stream itself: httpx's own readers cost as much as parsing does.
            async for chunk in _stream_of(response):
                came.wire += chunk
                if len(came.wire) > self._body_cap:
                    return
        finally:
            await _stream_of(response).aclose()

    def _answer(self, external_id: str, came: _Came, at: datetime) -> Answer:
        """The answer that this is. A 429 counts from its headers on, whatever becomes of its body."""
        status = came.status
        if status is None or (came.broken_off and status != HTTPStatus.TOO_MANY_REQUESTS):
            before = "" if status in (None, HTTPStatus.OK) else f"HTTP {status}, but "
            reason = f"{before}{came.broken_off}"
            return Answer(outcome=Outcome.UNREACHABLE, http_status=status, reason=reason)
        try:
            body = b"" if came.broken_off else self._body(came)
        except _Unusable as fault:
            if status == HTTPStatus.OK:
                return Answer(outcome=Outcome.MALFORMED, http_status=status, reason=str(fault))
            body = b""
        response = Response(status=status, headers=came.headers, body=body, received_at=at)
        return self._provider.parse(external_id, response)

    def _body(self, came: _Came) -> bytes:
        """The body, unpacked and without the account's key. Raises _Unusable."""
        body = _unpacked(bytes(came.wire), came.headers.get("content-encoding", ""), self._body_cap)
        for key in self._key_in_bodies:
            if key in body:
                body = body.replace(key, b"[key]")
        return body

    def _without_key(self, answer: Answer) -> Answer:
        """The answer, in whose reason a provider that echoes the key doesn't give it away."""
        if self._key not in answer.reason:
            return answer
        return replace(answer, reason=answer.reason.replace(self._key, "[key]"))


def _stream_of(response: httpx.Response) -> httpx.AsyncByteStream:
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - an async transport's always is
    return response.stream


def _as_bodies_hold(key: str) -> tuple[bytes, ...]:
    """The key as it may stand in JSON, some of which writes `/` as `\\/`.

    A key as short as a word is left alone: without it, records could not be read.
    """
    if len(key) < SHORTEST_HIDDEN_KEY:
        return ()
    quoted = json.dumps(key)[1:-1]
    return tuple({form.encode() for form in (key, quoted, quoted.replace("/", "\\/"))})


def _unpacked(wire: bytes, encoding: str, cap: int) -> bytes:
    """The body as it was before it was encoded, never more of it than the cap. Raises _Unusable."""
    if len(wire) > cap:
        raise _Unusable(f"body over the cap of {cap:,} bytes")
    match encoding.strip().lower():
        case "" | "identity":
            return wire
        case "gzip" | "x-gzip":
            return _gunzipped(wire, cap)
    raise _Unusable("the body's Content-Encoding is one that was not asked for")


def _gunzipped(wire: bytes, cap: int) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    try:
        body = inflater.decompress(wire, cap + 1)
    except zlib.error as fault:
        why = str(fault).rpartition(": ")[2]
        raise _Unusable(f"the body is not gzip, though its header says so: {why}") from None
    if len(body) > cap:
        raise _Unusable(f"body over the cap of {cap:,} bytes when unpacked")
    if not inflater.eof or inflater.unused_data:
        raise _Unusable("the body's gzip is cut short, or followed by something else")
    return body
