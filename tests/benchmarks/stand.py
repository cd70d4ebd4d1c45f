"""What benchmarks stand on: a database in a folder of its own, and a sandbox with many ids."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[2]
SEED = 1
MANAGE = str(ROOT / "manage.py")


def set_up(folder: str = "benchmarks") -> None:
    """Django on the benchmarks' own embedded database, migrated.

    This process signs in as migrations do, and works as the real roles inside `acting_as`; commands that it
    starts choose their own.
    """
    os.environ["CLIPLEDGER_VAR"] = str(ROOT / "var" / folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ["CLIPLEDGER_DATABASE_ROLE"] = "migrations"
    os.environ.pop("DATABASE_URL", None)
    django.setup()
    del os.environ["CLIPLEDGER_DATABASE_ROLE"]
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def database_time() -> float:
    """Seconds that this process's database backend has been on a processor (Linux: /proc)."""
    from django.db import connection

    connection.ensure_connection()
    schedule = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return int(schedule.read_text().split()[0]) / 1e9


@contextmanager
def sandbox(extra: int) -> Iterator[tuple[str, str]]:
    """A sandbox process with so many extra NanoBanana ids: its address, and the key that owns them."""
    process = subprocess.Popen(
        [sys.executable, MANAGE, "sandbox", "--port", "0", "--seed", str(SEED), "--extra", str(extra)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = next(word for word in process.stdout.readline().split() if word.startswith("http"))
        key = process.stdout.readline().split()[-1]
        yield address, key
    finally:
        process.terminate()
        process.wait()


def ids(count: int, skip: int = 0) -> list[str]:
    """Ids that the sandbox knows."""
    from auditing.sandbox.extra import ExtraIds

    return list(islice(ExtraIds(SEED, skip + count), skip, skip + count))


def processor_time() -> tuple[float, float]:
    """Seconds that this process has been working, and the whole database server (Linux: /proc)."""
    from django.db import connection

    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    server = int(_ticks(backend)[1])
    ticks = sum(map(int, _ticks(server)[11:15]))  # its own, and those of its children that have ended
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = _ticks(int(folder.name))
            if int(fields[1]) == server:
                ticks += int(fields[11]) + int(fields[12])
    return time.process_time(), ticks / os.sysconf("SC_CLK_TCK")


def _ticks(process: int) -> list[str]:
    """A process's stat behind its name, which may hold anything: the state, the parent, …"""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def measured_command(*arguments: str) -> tuple[dict[str, object], float]:
    """What a command printed as JSON, and the most memory it had, in MB."""
    process = subprocess.Popen([sys.executable, MANAGE, *arguments], stdout=subprocess.PIPE)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return json.loads(printed), usage.ru_maxrss / 1024
