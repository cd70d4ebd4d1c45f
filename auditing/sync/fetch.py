"""One request on the wire and its answer: no redirects, no cookies, no proxy, a body cap, one deadline."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from auditing.providers.declaration import Provider
from auditing.records import Answer, Outcome, Response

BODY_CAP_BYTES = 1_048_576
DEADLINE_SECONDS = 20.0
USER_AGENT = "Clipledger"

_NO_ANSWER = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A lookup's answer, when it was complete, and how many bytes its body had."""

    answer: Answer
    at: datetime
    size: int = 0


class _BodyOverCap(Exception):
    """The body went on past the cap; it was not read further."""


@asynccontextmanager
async def open_transport() -> AsyncIterator[httpx.AsyncBaseTransport]:
    """The HTTP/1.1 transport that all accounts of a run share, closed at the end."""

    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            skip_auto_headers=("User-Agent",),
        )

    transport = AiohttpTransport(client=session)
    try:
        yield transport
    finally:
        await transport.aclose()


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
        self._transport = transport
        self._clock = clock
        self._deadline = deadline
        self._body_cap = body_cap

    async def look_up(self, external_id: str) -> Fetched:
        """Ask for one id. Never raises for what the network or the provider does: that is an outcome."""
        try:
            async with asyncio.timeout(self._deadline):
                response = await self._ask(self._base_url + self._provider.target(external_id))
        except TimeoutError:
            return self._without_response(
                Outcome.UNREACHABLE, f"no full answer within {self._deadline:g} seconds"
            )
        except _BodyOverCap:
            return self._without_response(Outcome.MALFORMED, f"body over the cap of {self._body_cap:,} bytes")
        except httpx.DecodingError as error:
            return self._without_response(Outcome.MALFORMED, f"body can't be decoded: {error}")
        except _NO_ANSWER as error:
            kind = type(error).__name__
            return self._without_response(Outcome.UNREACHABLE, f"no answer ({kind}): {error}"[:300])
        answer = self._without_key(self._provider.parse(external_id, response))
        return Fetched(answer, response.received_at, len(response.body))

    def _without_key(self, answer: Answer) -> Answer:
        """The answer, in whose reason a provider that echoes the key doesn't give it away."""
        if self._key not in answer.reason:
            return answer
        return replace(answer, reason=answer.reason.replace(self._key, "[key]"))

    def _without_response(self, outcome: Outcome, reason: str) -> Fetched:
        return Fetched(self._without_key(Answer(outcome=outcome, reason=reason)), self._clock())

    async def _ask(self, url: str) -> Response:
        request = httpx.Request("GET", url, headers=self._headers)
        response = await self._transport.handle_async_request(request)
        try:
            body = await self._body(response)
        finally:
            await response.aclose()
        headers = {name.decode("latin-1").lower(): text.decode("latin-1") for name, text in response.headers.raw}
        return Response(status=response.status_code, headers=headers, body=body, received_at=self._clock())

    async def _body(self, response: httpx.Response) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > self._body_cap:
                raise _BodyOverCap
            chunks.append(chunk)
        return b"".join(chunks)
