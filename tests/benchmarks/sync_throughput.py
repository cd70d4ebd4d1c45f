"""Sync against a bare loop of httpx's client on httpx-aiohttp, and its memory from 5,000 to 100,000 ids.

uv run python -m tests.benchmarks.sync_throughput [--ids 5000] [--rounds 5] [--many 100000]

Beside the rates stands the processor time of a lookup, in this process and in the database: on a machine with
other work the wall clock tells little. What decodes the answers' JSON is the sync alone.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from tests.benchmarks import stand

CONCURRENCY = 32
Ask = Callable[[str], Awaitable[int]]


@dataclass(frozen=True)
class Cost:
    """What one lookup took: seconds by the clock, of this process's time, and of the database's."""

    clock: float
    here: float
    database: float


def cost(work: Callable[[], Any], lookups: int) -> Cost:
    """What each of so many lookups takes that this work consists of."""
    started, (here, database) = time.perf_counter(), stand.processor_time()
    work()
    clock, (here_after, database_after) = time.perf_counter() - started, stand.processor_time()
    return Cost(clock / lookups, (here_after - here) / lookups, (database_after - database) / lookups)


def bare_loop(opened: AbstractAsyncContextManager[Ask], urls: list[str]) -> None:
    """Ask for every address, and do nothing with the answers."""

    async def loop() -> None:
        waiting = iter(urls)

        async def worker(ask: Ask) -> None:
            for url in waiting:
                assert await ask(url) == 200

        async with opened as ask, asyncio.TaskGroup() as tasks:
            for _ in range(CONCURRENCY):
                tasks.create_task(worker(ask))

    asyncio.run(loop())


def plain_transport() -> AiohttpTransport:
    """httpx-aiohttp's, with as many connections as are asked for."""
    return AiohttpTransport(
        client=lambda: aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
        )
    )


@asynccontextmanager
async def by_client(headers: dict[str, str]) -> AsyncIterator[Ask]:
    """Through httpx's client: what everything is compared with."""

    async def ask(url: str) -> int:
        return (await client.get(url)).status_code

    async with httpx.AsyncClient(transport=plain_transport(), headers=headers) as client:
        yield ask


@asynccontextmanager
async def by_transport(headers: dict[str, str]) -> AsyncIterator[Ask]:
    """Straight over httpx's transport."""

    async def ask(url: str) -> int:
        response = await transport.handle_async_request(httpx.Request("GET", url, headers=headers))
        await response.aread()
        await response.aclose()
        return response.status_code

    async with plain_transport() as transport:
        yield ask


@asynccontextmanager
async def by_ours(headers: dict[str, str]) -> AsyncIterator[Ask]:
    """Over the transport that the sync uses."""
    from auditing.sync.connections import open_transport

    async def ask(url: str) -> int:
        async with transport.get(url, headers) as arriving:
            async for _ in arriving.body:
                pass
        return arriving.status

    async with open_transport() as transport:
        yield ask


WAYS = {
    "httpx's client": by_client,
    "httpx's transport": by_transport,
    "our transport": by_ours,
}


def sync_costs(label: str, address: str, key: str, ids: list[str]) -> dict[str, Cost]:
    """Two runs over the same ids: every answer new, then none changed."""
    from auditing.sync.run import Order, run
    from auditing.sync.turn import Limits
    from tests.stage import a_team, an_account, registered

    account = an_account(label=label, team=a_team(label), base_url=address, key=key)
    registered(account, ids)
    limits = Limits(concurrency=CONCURRENCY)

    def sync(*, changed: int, force: bool = False) -> None:
        summary = run(Order([account], force=force, limits=limits))
        assert (summary.total("ok"), summary.total("changed")) == (len(ids), changed)

    return {
        "sync, every answer new": cost(partial(sync, changed=len(ids)), len(ids)),
        "sync, no answer changed": cost(partial(sync, changed=0, force=True), len(ids)),
    }


def throughput(address: str, key: str, count: int, rounds: int) -> None:
    """Print the medians of so many rounds; each round measures every way, so that noise hits them alike."""
    ids = stand.ids(count)
    urls = [f"{address}/api/v1/video-status.php?video_id={external_id}" for external_id in ids]
    headers = {"Authorization": f"Bearer {key}"}
    found: list[dict[str, Cost]] = []
    for _ in range(rounds):
        loops = {
            f"bare loop, {name}": cost(partial(bare_loop, way(headers), urls), count)
            for name, way in WAYS.items()
        }
        found.append(loops | sync_costs(f"bench-{time.time_ns()}", address, key, ids))
    for name in found[0]:
        print(f"{name:<29} {in_words([costs[name] for costs in found], [*map(first, found)])}")


def first(costs: dict[str, Cost]) -> Cost:
    """The one that the others are compared with."""
    return next(iter(costs.values()))


def in_words(costs: list[Cost], base: list[Cost]) -> str:
    """Medians, and the medians of each round's ratio to what it is compared with."""
    by_clock = median(b.clock / a.clock for a, b in zip(costs, base, strict=True))
    by_processor = median(b.here / a.here for a, b in zip(costs, base, strict=True))
    return (
        f"{1 / median(cost.clock for cost in costs):7,.0f}/s   {by_clock:4.2f} of httpx's client"
        f"   processor: {median(cost.here for cost in costs) * 1e6:4.0f} µs a lookup"
        f" + {median(cost.database for cost in costs) * 1e6:4.0f} µs database, {by_processor:4.2f} of it"
    )


def memory(address: str, key: str, few: int, many: int) -> None:
    """Print the most memory that a sync of few and of many ids had."""
    from tests.stage import a_team, an_account, registered

    peaks = []
    for count in (few, many):
        label = f"memory-{time.time_ns()}"
        registered(an_account(label=label, team=a_team(label), base_url=address, key=key), stand.ids(count))
        summary, peak = stand.measured_command("sync", "--account", label, "--json")
        assert summary["ok"] == count
        peaks.append(peak)
        print(f"sync of {count:>7,} ids: {peak:6.1f} MB at its most")
    print(f"memory, {many:,} to {few:,} ids: {peaks[1] / peaks[0]:.2f}")


def main() -> None:
    """Parse the options, bring up the stand, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ids", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--many", type=int, default=100_000)
    options = parser.parse_args()
    stand.set_up()
    with stand.sandbox(max(options.ids, options.many)) as (address, key):
        throughput(address, key, options.ids, options.rounds)
        if options.many:
            memory(address, key, options.ids, options.many)


if __name__ == "__main__":
    main()
