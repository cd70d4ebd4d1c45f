"""The connections to providers: one request is sent once, on a clean connection, and faults have words."""

import errno
import os
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Protocol
from weakref import WeakSet

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from yarl import URL

NO_ANSWER = (aiohttp.ClientError, OSError, ValueError)
"""What a transport raises when no answer, or not all of one, came; `in_words` says why."""

_used_before: ContextVar[bool] = ContextVar("_used_before", default=False)


class StaleConnection(aiohttp.ClientError):
    """A kept connection turned out to be dead: the provider closed it, maybe before it saw the request."""


class NotAnswered(aiohttp.ClientError):
    """A connection ended before the headers of an answer were complete, and not for having been idle."""


@dataclass(frozen=True, slots=True)
class Arriving:
    """An answer whose head is here, and whose body is on its way, encoded as it comes over the wire.

    Names of headers are in lower case; of one that comes more than once the last counts.
    """

    status: int
    headers: Mapping[str, str]
    body: AsyncIterator[bytes]


class Transport(Protocol):
    """What carries requests; tests have their own."""

    def get(self, url: str, headers: Mapping[str, str]) -> AbstractAsyncContextManager[Arriving]:
        """Send one GET to this address, as it is spelled; no redirects, no cookies, no proxy, no time limit.

        Raises one of NO_ANSWER, and StaleConnection among them. At the end of the `async with` a connection
        is kept for the next request, if the whole body was read.
        """


@asynccontextmanager
async def open_transport(trusted: ssl.SSLContext | None = None) -> AsyncIterator[Transport]:
    """The HTTP/1.1 connections that all accounts of a run share, closed at the end.

    `trusted` says which certificates are accepted, by default the system's.
    """
    tls = trusted or _trusted_by_the_system()
    async with aiohttp.ClientSession(
        connector=_CleanConnector(limit=0, keepalive_timeout=30, ssl=tls),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(),
        middlewares=(_send_once,),
    ) as session:
        yield _Session(session)


class _Session:
    """aiohttp's, without httpx around it: that took twice the processor time of a whole lookup on its own."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @asynccontextmanager
    async def get(self, url: str, headers: Mapping[str, str]) -> AsyncIterator[Arriving]:
        asked = self._session.get(URL(url, encoded=True), headers=headers, allow_redirects=False)
        async with asked as response:
            said = {
                name.decode("latin-1").lower(): text.decode("latin-1") for name, text in response.raw_headers
            }
            yield Arriving(response.status, said, response.content.iter_any())


@cache
def _trusted_by_the_system() -> ssl.SSLContext:
    """Read once a process: it takes as long as a hundred lookups."""
    return ssl.create_default_context()


class _CleanConnector(aiohttp.TCPConnector):
    """Hands out no kept connection on which something came that nobody asked for.

    A second answer to an earlier request would be taken for the answer to the next one, and ReelBot's name no
    id. Whether a connection was used before is noted for `_send_once`.
    """

    def __init__(self, *, limit: int, keepalive_timeout: float, ssl: ssl.SSLContext) -> None:
        super().__init__(limit=limit, keepalive_timeout=keepalive_timeout, ssl=ssl)
        self._used: WeakSet[ResponseHandler] = WeakSet()

    async def connect(
        self, req: aiohttp.ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> Connection:
        """A connection that is new, or kept and clean."""
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            assert protocol is not None  # noqa: S101 - aiohttp's promise for one just handed out
            is_used = protocol in self._used
            if not (is_used and protocol.should_close):
                break
            connection.close()
        self._used.add(protocol)
        _used_before.set(is_used)
        return connection


async def _send_once(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send a request exactly once: aiohttp by itself sends a GET again, on any connection, at once.

    The account's pace could not be kept then. The lost request is reported by exceptions that aiohttp does
    not take for a reason to send it again.
    """
    _used_before.set(False)
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        is_stale = _used_before.get() and not _had_begun(error)
        raise (StaleConnection if is_stale else NotAnswered) from error


def _had_begun(error: BaseException | None) -> bool:
    """Whether some of the answer's headers came: aiohttp then gives these instead of a message."""
    return isinstance(error, aiohttp.ServerDisconnectedError) and not isinstance(error.message, str)


def in_words(error: BaseException) -> str:
    """Why there was no (whole) answer, for people. Nothing that the server sent is in it."""
    match error:
        case NotAnswered():
            return _how_it_ended(error.__cause__)
        case aiohttp.ClientConnectorCertificateError():
            return f"TLS: certificate not accepted: {_of_certificate(error.certificate_error)}"
        case aiohttp.ClientConnectorSSLError():
            return f"TLS failed: {_of_tls(error.os_error)}"
        case aiohttp.ClientConnectorDNSError():
            return f"host {error.host} not found"
        case aiohttp.ClientConnectorError():
            return f"no connection: {_of_os(error.os_error)}"
        case aiohttp.ClientPayloadError():
            return f"the body broke off: {_of_parser(error.__cause__ or error)}"
        case aiohttp.ClientResponseError():
            return f"not valid HTTP: {_of_parser(error)}"
    return f"no answer ({type(error).__name__})"


def _how_it_ended(error: BaseException | None) -> str:
    if _had_begun(error):
        return "the provider closed the connection in the middle of the answer's headers"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the provider closed the connection before an answer came"
    return f"the connection was lost before an answer came: {_of_os(error)}"


def _of_os(error: BaseException | None) -> str:
    """`Connection refused` and the like; asyncio's own words name an address instead."""
    number = error.errno if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else None
    return os.strerror(number) if number and number in errno.errorcode else type(error).__name__


def _of_certificate(error: BaseException) -> str:
    """`self-signed certificate` and the like."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return type(error).__name__


def _of_tls(error: BaseException) -> str:
    """`wrong version number` and the like."""
    reason = error.reason if isinstance(error, ssl.SSLError) else None
    return reason.replace("_", " ").lower() if reason else _of_os(error)


def _of_parser(error: BaseException) -> str:
    """aiohttp's words for what is wrong, without the bytes that it quotes."""
    text = str(getattr(error, "message", "")) or type(error).__name__
    words = re.split(r"(?:bytearray\()?\bb['\"]", text)[0]
    words = re.sub(r"\s+", " ", words).rstrip(" :.")
    return re.sub(r"^Got more than (\d+) bytes when reading$", r"a line of its head is over \1 bytes", words)
