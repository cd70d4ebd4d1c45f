"""Locks between processes: files that the kernel unlocks when their last holder is gone, however it ended."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.postgres.errors import EmbeddedServerError

SHARED = fcntl.LOCK_SH
EXCLUSIVE = fcntl.LOCK_EX
PAUSE_SECONDS = 0.02


def open_lock(path: Path) -> int:
    """A new file descriptor on the lock file `path`, made if missing; no program inherits it.

    The file belongs to the owner of its directory, so that root leaves none behind that the owner can't open.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    owner = path.parent.stat()
    if os.geteuid() == 0 and os.fstat(descriptor).st_uid != owner.st_uid:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def try_lock(descriptor: int, mode: int) -> bool:
    """Take the lock if that is possible right now."""
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock(path: Path, mode: int, seconds: float, complaint: str) -> int:
    """Take the lock, waiting up to `seconds`; closing the returned descriptor gives it back.

    EmbeddedServerError with `complaint` when somebody else holds it for longer.
    """
    descriptor = open_lock(path)
    deadline = time.monotonic() + seconds
    while not try_lock(descriptor, mode):
        if time.monotonic() > deadline:
            os.close(descriptor)
            raise EmbeddedServerError(f"{complaint} (waited {seconds:.0f} seconds for {path})")
        time.sleep(PAUSE_SECONDS)
    return descriptor


@contextmanager
def held(path: Path, mode: int, seconds: float, complaint: str) -> Iterator[int]:
    """Hold the lock for the length of a `with` block; see `lock`."""
    descriptor = lock(path, mode, seconds, complaint)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def is_held_elsewhere(descriptor: int) -> bool:
    """Whether another holder keeps this lock exclusively; takes about a microsecond."""
    if not try_lock(descriptor, SHARED):
        return True
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False
