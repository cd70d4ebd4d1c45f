"""Waits for what another thread or process does; never for a time to pass."""

import threading
import time
from collections.abc import Callable

PAUSE_SECONDS = 0.005


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Return when `condition()` holds; AssertionError when it still doesn't after so long."""
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what the test waits for did not come"
        pause.wait(PAUSE_SECONDS)
