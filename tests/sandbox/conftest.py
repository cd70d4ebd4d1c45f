"""A world made of the vendors' own examples, a clock that stands until it is set, and servers on loopback."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from auditing.sandbox.cast import ProviderKey
from auditing.sandbox.payloads import Span, Take, nanobanana_timeline, reelbot_timeline
from auditing.sandbox.server import Options
from auditing.sandbox.serving import in_thread
from auditing.sandbox.timeline import Job
from auditing.sandbox.world import World, build_world

NOW = datetime(2026, 6, 3, 15, 0, 0, 250_000, tzinfo=UTC)  # a Wednesday

type Serve = Callable[..., httpx.Client]


class Clock:
    """Stands still until a test sets it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture(scope="session")
def world() -> World:
    return build_world(7, NOW)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def serve(clock: Clock) -> Iterator[Serve]:
    """Serves a world by that clock, with further options by name, and gives a client of it."""
    with ExitStack() as running:

        def start(world: World, **options: Any) -> httpx.Client:
            base_url = running.enter_context(in_thread(world, replace(Options(clock=clock), **options)))
            return running.enter_context(httpx.Client(base_url=base_url))

        yield start


def key(world: World, label: str) -> str:
    """The API key of the account with that label."""
    return next(account.api_key for account in world.accounts if account.label == label)


def bearer(api_key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {api_key}"}


@pytest.fixture
def examples(world: World) -> World:
    """The jobs of the vendors' reference pages: `northlight` owns them, and one of each is a stranger's."""
    nano, reel = key(world, "northlight-nano"), key(world, "northlight-reel")
    take = Take(
        title="Text to Video",
        description="A cinematic aerial shot of a golden beach at sunset",
        mode="text-to-video",
        resolution="1080p",
        duration_seconds=5,
        credits_used=7,
    )
    began = datetime(2026, 5, 5, 16, 0, 0, tzinfo=UTC)
    nano_span = Span(began, began + timedelta(seconds=1), began + timedelta(seconds=7))
    asked = datetime(2025, 1, 21, 16, 30, 0, tzinfo=UTC)
    done = Span(asked, asked + timedelta(seconds=45), asked + timedelta(minutes=3, seconds=22))
    broken = Span(asked, asked + timedelta(seconds=45), asked + timedelta(minutes=1, seconds=5))
    output, error = "users/abc123/output/video-xyz789.mp4", "Failed to process B-roll asset: file not found"
    nano_jobs = [
        Job("vid_a1b2c3d4e5f6", nano, nanobanana_timeline("vid_a1b2c3d4e5f6", take, nano_span, failed=False)),
        Job("vid_f00000000001", nano, nanobanana_timeline("vid_f00000000001", take, nano_span, failed=True)),
        Job("vid_5742a0e75742", None, nanobanana_timeline("vid_5742a0e75742", take, nano_span, failed=False)),
    ]
    reel_jobs = [
        Job("abc123def456", reel, reelbot_timeline(output, done, error=None)),
        Job("fa11ed", reel, reelbot_timeline(output, broken, error=error)),
        Job("e15e", None, reelbot_timeline(output, done, error=None)),
    ]
    jobs: dict[ProviderKey, dict[str, Job]] = {
        "nanobanana": {j.external_id: j for j in nano_jobs},
        "reelbot": {j.external_id: j for j in reel_jobs},
    }
    return replace(world, jobs=jobs)
