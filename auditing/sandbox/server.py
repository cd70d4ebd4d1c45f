"""Brings requests to the endpoint that their path names; kept lean, since benchmarks run against it."""

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from auditing.sandbox import media, nanobanana, reelbot
from auditing.sandbox.cast import REELBOT_PER_MINUTE
from auditing.sandbox.faults import NO_FAULTS, SLOW_SECONDS, Faults, FaultSpec, anybodys_fault
from auditing.sandbox.reply import Reply
from auditing.sandbox.world import World

type Clock = Callable[[], datetime]

_NOT_FOUND = Reply(404, b"Not found\n", "text/plain")
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # linger for no time: closing sends a reset
_GUIDE = f"""Clipledger's sandbox: a stand-in for two status APIs, on sample data.

GET {nanobanana.PATH}?video_id=ID      Authorization: Bearer KEY
GET {reelbot.STATUS_PATH}ID      X-API-Key: KEY
GET {reelbot.DOWNLOAD_PATH}ID    X-API-Key: KEY

The keys were printed when it started.
"""


def utc_now() -> datetime:
    """The clock that the sandbox runs by unless another is passed in."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Options:
    """How the sandbox behaves: `per_minute` is ReelBot's limit for each key, `extra` as in extra.py."""

    per_minute: int = REELBOT_PER_MINUTE
    faults: FaultSpec = NO_FAULTS
    extra: int = 0
    slow_seconds: float = SLOW_SECONDS
    clock: Clock = utc_now


class Sandbox:
    """Both providers' APIs and their files, at one address."""

    def __init__(self, world: World, base_url: str, options: Options) -> None:
        self._nanobanana = nanobanana.NanoBanana(world, base_url, options.extra)
        self._reelbot = reelbot.ReelBot(world, base_url, options.per_minute)
        self._media = media.Media(world.seed)
        self._faults = Faults(options.faults, world.seed)
        self._slow_seconds = options.slow_seconds
        self._clock = options.clock

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Answer one request."""
        path = request.rel_url.raw_path
        if path == nanobanana.PATH or path.startswith(reelbot.STATUS_PATH):
            reply = await self._look_up(request, path)
        else:
            reply = self._serve(request, path)
        return web.Response(
            status=reply.status,
            body=reply.body,
            headers={**reply.headers, "Content-Type": reply.content_type},
        )

    async def _look_up(self, request: web.BaseRequest, path: str) -> Reply:
        """A status lookup, unless a fault comes between."""
        fault = self._faults.draw()
        if fault == "slow":
            await asyncio.sleep(self._slow_seconds)
        elif fault == "reset":
            return _reset(request)
        reply = anybodys_fault(fault)
        if reply is not None:
            return reply
        headers, now = request.headers, self._clock()
        if path == nanobanana.PATH:
            video_id = request.rel_url.query.get("video_id")
            return self._nanobanana.answer(request.method, headers.get("Authorization"), video_id, now, fault)
        raw_id = path.removeprefix(reelbot.STATUS_PATH)
        return self._reelbot.status(request.method, headers.get("X-API-Key"), raw_id, now, fault)

    def _serve(self, request: web.BaseRequest, path: str) -> Reply:
        """Everything else: downloads, files, and a page for whoever opens the address itself."""
        now = self._clock()
        if path.startswith(reelbot.DOWNLOAD_PATH):
            raw_id = path.removeprefix(reelbot.DOWNLOAD_PATH)
            return self._reelbot.download(request.method, request.headers.get("X-API-Key"), raw_id, now)
        if path.startswith(media.PATH):
            wanted = request.headers.get("Range")
            return self._media.answer(request.method, path, request.rel_url.query, wanted, now)
        return Reply(200, _GUIDE.encode(), "text/plain") if path == "/" else _NOT_FOUND


def _reset(request: web.BaseRequest) -> Reply:
    """Cut the connection the hard way, so that the client sees a reset; nobody gets the reply."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        request.transport.abort()
    return Reply(500, b"")
