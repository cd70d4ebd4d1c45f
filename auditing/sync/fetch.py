"""One request on the wire and its answer: no redirects, no cookies, no proxy, a body cap, one deadline."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus

from auditing.keys.opening import OpenKey
from auditing.providers.declaration import Provider
from auditing.records import Answer, Flag, InvalidId, Outcome, Response
from auditing.sync.connections import NO_ANSWER, StaleConnection, Transport, in_words
from auditing.sync.echoes import Hiding

BODY_CAP_BYTES = 1_048_576
DEADLINE_SECONDS = 20.0
USER_AGENT = "Clipledger"

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


class Unusable(Exception):
    """No answer that can be read came; the message says why."""


async def never() -> bool:
    """No further request may be sent."""
    return False


class Fetcher:
    """Looks ids up for one account, over a transport that is passed in.

    `clock` gives aware UTC times.
    """

    def __init__(
        self,
        provider: Provider,
        base_url: str,
        key: OpenKey,
        transport: Transport,
        clock: Callable[[], datetime],
        deadline: float = DEADLINE_SECONDS,
        body_cap: int = BODY_CAP_BYTES,
    ) -> None:
        self._provider = provider
        self._base_url = base_url.rstrip("/")
        self._headers = {
            **provider.headers(key.text),
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": USER_AGENT,
        }
        self._hiding = Hiding(key)
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
        came = await self._came_at_last(target, may_send_again)
        at = self._clock()
        answer = self._answer(external_id, came, at)
        answer = replace(answer, reason=self._hiding.out_of_text(answer.reason))
        return Fetched(answer, at, len(came.wire))

    async def get(self, target: str, may_send_again: MaySend = never) -> Response:
        """The whole answer to a GET of this path, without the key. Raises Unusable where none came."""
        came = await self._came_at_last(self._base_url + target, may_send_again)
        if came.status is None or came.broken_off:
            raise Unusable(came.broken_off)
        body = self._hiding.out_of_body(self._body(came))
        return Response(status=came.status, headers=came.headers, body=body, received_at=self._clock())

    async def _came_at_last(self, url: str, may_send_again: MaySend) -> _Came:
        came = await self._came(url)
        if came is None and await may_send_again():
            came = await self._came(url)
        return came or _Came(broken_off="the provider closed a kept connection before an answer came")

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
        except NO_ANSWER as error:
            came.broken_off = in_words(error)
        return came

    async def _ask(self, url: str, came: _Came) -> None:
        async with self._transport.get(url, self._headers) as arriving:
            came.status = arriving.status
            came.headers = arriving.headers
            async for chunk in arriving.body:
                came.wire += chunk
                if len(came.wire) > self._body_cap:
                    return

    def _answer(self, external_id: str, came: _Came, at: datetime) -> Answer:
        """The answer that this is. A 429 counts from its headers on, whatever becomes of its body."""
        status = came.status
        if status is None or (came.broken_off and status != HTTPStatus.TOO_MANY_REQUESTS):
            before = "" if status in (None, HTTPStatus.OK) else f"HTTP {status}, but "
            reason = f"{before}{came.broken_off}"
            return Answer(outcome=Outcome.UNREACHABLE, http_status=status, reason=reason)
        try:
            body = b"" if came.broken_off else self._body(came)
        except Unusable as fault:
            if status == HTTPStatus.OK:
                return Answer(outcome=Outcome.MALFORMED, http_status=status, reason=str(fault))
            body = b""
        hidden = self._hiding.out_of_body(body)
        response = Response(status=status, headers=came.headers, body=hidden, received_at=at)
        answer = self._provider.parse(external_id, response)
        if hidden is body or answer.record is None:
            return answer
        return replace(answer, record=replace(answer.record, flags=answer.record.flags | {Flag.KEY_REMOVED}))

    def _body(self, came: _Came) -> bytes:
        """The body, unpacked. Raises Unusable."""
        return _unpacked(bytes(came.wire), came.headers.get("content-encoding", ""), self._body_cap)


def _unpacked(wire: bytes, encoding: str, cap: int) -> bytes:
    """The body as it was before it was encoded, never more of it than the cap. Raises Unusable."""
    if len(wire) > cap:
        raise Unusable(f"body over the cap of {cap:,} bytes")
    match encoding.strip().lower():
        case "" | "identity":
            return wire
        case "gzip" | "x-gzip":
            return _gunzipped(wire, cap)
    raise Unusable("the body's Content-Encoding is one that was not asked for")


def _gunzipped(wire: bytes, cap: int) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    try:
        body = inflater.decompress(wire, cap + 1)
    except zlib.error as fault:
        why = str(fault).rpartition(": ")[2]
        raise Unusable(f"the body is not gzip, though its header says so: {why}") from None
    if len(body) > cap:
        raise Unusable(f"body over the cap of {cap:,} bytes when unpacked")
    if not inflater.eof or inflater.unused_data:
        raise Unusable("the body's gzip is cut short, or followed by something else")
    return body
