"""Sync against a bare loop over the same transport, and its memory from 5,000 to 100,000 ids.

uv run python -m tests.benchmarks.sync_throughput [--ids 5000] [--rounds 5] [--many 100000]
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import median

import httpx

from tests.benchmarks import stand

CONCURRENCY = 32
Ask = Callable[[httpx.AsyncBaseTransport, str], Awaitable[int]]


def bare_rate(ask: Ask, urls: list[str]) -> float:
    """Requests a second of a loop that does nothing with the answers."""
    from auditing.sync.fetch import open_transport

    async def loop() -> float:
        waiting = iter(urls)

        async def worker(transport: httpx.AsyncBaseTransport) -> None:
            for url in waiting:
                assert await ask(transport, url) == 200

        async with open_transport() as transport:
            started = time.perf_counter()
            async with asyncio.TaskGroup() as tasks:
                for _ in range(CONCURRENCY):
                    tasks.create_task(worker(transport))
            return len(urls) / (time.perf_counter() - started)

    return asyncio.run(loop())


def asking(key: str) -> tuple[Ask, Ask]:
    """One request through httpx's client, and one straight over the transport."""
    headers = {"Authorization": f"Bearer {key}"}
    clients: dict[httpx.AsyncBaseTransport, httpx.AsyncClient] = {}

    async def by_client(transport: httpx.AsyncBaseTransport, url: str) -> int:
        client = clients.get(transport) or clients.setdefault(
            transport, httpx.AsyncClient(transport=transport, headers=headers)
        )
        return (await client.get(url)).status_code

    async def by_transport(transport: httpx.AsyncBaseTransport, url: str) -> int:
        response = await transport.handle_async_request(httpx.Request("GET", url, headers=headers))
        await response.aread()
        await response.aclose()
        return response.status_code

    return by_client, by_transport


def sync_rates(label: str, address: str, key: str, ids: list[str]) -> tuple[float, float]:
    """Lookups a second of two runs over the same ids: every answer new, then none changed."""
    from auditing.sync.run import Order, run
    from auditing.sync.turn import Limits
    from tests.stage import a_team, an_account, registered

    account = an_account(label=label, team=a_team(label), base_url=address, key=key)
    registered(account, ids)
    limits = Limits(concurrency=CONCURRENCY)
    new = run(Order([account], limits=limits))
    unchanged = run(Order([account], force=True, limits=limits))
    assert new.total("changed") == unchanged.total("ok") == len(ids)
    assert unchanged.total("changed") == 0
    return len(ids) / new.seconds, len(ids) / unchanged.seconds


def throughput(address: str, key: str, count: int, rounds: int) -> None:
    """Print the medians of so many rounds; each round measures every way, so that noise hits them alike."""
    ids = stand.ids(count)
    urls = [f"{address}/api/v1/video-status.php?video_id={external_id}" for external_id in ids]
    by_client, by_transport = asking(key)
    rates: dict[str, list[float]] = {name: [] for name in ("client", "transport", "new", "unchanged")}
    for _ in range(rounds):
        rates["client"].append(bare_rate(by_client, urls))
        rates["transport"].append(bare_rate(by_transport, urls))
        new, unchanged = sync_rates(f"bench-{time.time_ns()}", address, key, ids)
        rates["new"].append(new)
        rates["unchanged"].append(unchanged)
    for name, words in (
        ("client", "bare loop, httpx client on the transport"),
        ("transport", "bare loop, the transport alone"),
        ("new", "sync, every answer new"),
        ("unchanged", "sync, no answer changed"),
    ):
        ratios = (median(a / b for a, b in zip(rates[name], rates[base], strict=True)) for base in rates)
        of_client, of_transport, *_ = ratios
        print(
            f"{words:<42} {median(rates[name]):7,.0f}/s   {of_client:5.2f} of the client loop"
            f"   {of_transport:5.2f} of the transport loop"
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
        memory(address, key, options.ids, options.many)


if __name__ == "__main__":
    main()
