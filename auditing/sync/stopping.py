"""What tells a run to stop early: signals to its process, or whoever holds a handle."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

HEEDED = (signal.SIGINT, signal.SIGTERM)

Stop = Callable[[], None]
Stopping = Callable[[Stop], AbstractContextManager[None]]


@contextmanager
def by_signals(stop: Stop) -> Iterator[None]:
    """For the length of a `with` block SIGINT and SIGTERM call `stop` instead of ending the process."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in HEEDED}
    for number in HEEDED:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


class Handle:
    """Lets whoever holds it stop a run: a task of a worker, which heeds the signals itself.

    `is_asked` says whether it has been told to.
    """

    def __init__(self) -> None:
        self._stop: Stop | None = None
        self.is_asked = False

    def stop(self) -> None:
        """Stop the run that this was given to, or the moment it starts."""
        self.is_asked = True
        if self._stop is not None:
            self._stop()

    @contextmanager
    def __call__(self, stop: Stop) -> Iterator[None]:
        """What the run calls."""
        self._stop = stop
        if self.is_asked:
            stop()
        yield
