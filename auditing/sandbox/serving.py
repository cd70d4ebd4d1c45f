"""Starts and ends the sandbox: in an event loop, in a thread for tests, or until a signal comes."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager

from aiohttp import web

from auditing.sandbox.server import Options, Sandbox
from auditing.sandbox.world import World

HOST = "127.0.0.1"
_BACKLOG = 1024
_PATIENCE = 0.5  # seconds that answers under way are given when the sandbox ends


class CannotListenError(Exception):
    """The port can't be had; says why."""


@asynccontextmanager
async def listening(world: World, options: Options, port: int = 0) -> AsyncIterator[str]:
    """Serve the world while the block runs, and give it the base URL; port 0 is any that is free.

    CannotListenError when the port can't be had.
    """
    try:
        sock = socket.create_server((HOST, port), backlog=_BACKLOG)
    except OSError as error:
        raise CannotListenError(f"{HOST}:{port}: {os.strerror(error.errno or 0)}") from error
    base_url = f"http://{HOST}:{sock.getsockname()[1]}"
    server = web.Server(Sandbox(world, base_url, options).handle, access_log=None)
    runner = web.ServerRunner(server, shutdown_timeout=_PATIENCE)
    await runner.setup()
    try:
        await web.SockSite(runner, sock, backlog=_BACKLOG).start()
        yield base_url
    finally:
        await runner.cleanup()
        sock.close()


def serve_until_signal(world: World, options: Options, port: int, announce: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `announce` gets the base URL once requests are answered."""

    async def serve() -> None:
        ended = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        async with listening(world, options, port) as base_url:
            announce(base_url)
            await ended.wait()

    asyncio.run(serve())


@contextmanager
def in_thread(world: World, options: Options | None = None, port: int = 0) -> Iterator[str]:
    """Serve from a thread of this process while the block runs, and give it the base URL."""
    address: Future[str] = Future()
    ends: Future[Callable[[], object]] = Future()

    async def serve() -> None:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        ends.set_result(lambda: loop.call_soon_threadsafe(ended.set))
        try:
            async with listening(world, options or Options(), port) as base_url:
                address.set_result(base_url)
                await ended.wait()
        except CannotListenError as error:
            address.set_exception(error)

    thread = threading.Thread(target=asyncio.run, args=(serve(),), name="sandbox")
    thread.start()
    try:
        yield address.result()
    finally:
        if address.exception() is None:
            ends.result()()
        thread.join()
