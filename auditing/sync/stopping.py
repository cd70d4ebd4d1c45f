"""What tells a run to stop early: signals to its process, or whoever may be asked again and again."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

ASK_EVERY_SECONDS = 0.5
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


def by_asking(should_stop: Callable[[], bool]) -> Stopping:
    """For a task of a worker, which heeds signals itself: `should_stop` is asked while the run goes on."""

    async def ask(stop: Stop) -> None:
        while not should_stop():
            await asyncio.sleep(ASK_EVERY_SECONDS)
        stop()

    @contextmanager
    def asking(stop: Stop) -> Iterator[None]:
        task = asyncio.create_task(ask(stop))
        try:
            yield
        finally:
            task.cancel()

    return asking
