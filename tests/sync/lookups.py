"""Single lookups through the real fetch path, as the tests of faults make them."""

import asyncio
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime

from auditing.keys.opening import OpenKey
from auditing.providers import PROVIDERS
from auditing.sync.connections import open_transport
from auditing.sync.fetch import Fetched, Fetcher, MaySend, never
from tests.providers.responses import PROJECT_ID, VIDEO_ID, payload_bytes
from tests.stage import KEYS
from tests.sync.faults_on_the_wire import LONG_ENOUGH

NOW = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
IDS = {"nanobanana": VIDEO_ID, "reelbot": PROJECT_ID}


def good_body(provider: str) -> bytes:
    """The provider's documented 200 of a completed job."""
    return payload_bytes(f"{provider}-completed")


def looked_up(
    provider: str,
    url: str,
    ids: Sequence[str] | None = None,
    *,
    deadline: float = LONG_ENOUGH,
    key: str | None = None,
    trusted: ssl.SSLContext | None = None,
    may_send_again: MaySend = never,
) -> list[Fetched]:
    """These ids (by default that of the documented answer), looked up one after the other."""

    async def look_up() -> list[Fetched]:
        async with open_transport(trusted) as transport:
            fetcher = Fetcher(
                PROVIDERS[provider], url, OpenKey(key or KEYS[provider]), transport, lambda: NOW, deadline
            )
            return [await fetcher.look_up(wanted, may_send_again) for wanted in ids or [IDS[provider]]]

    return asyncio.run(look_up())
