"""A process that uses the embedded database: `python visitor.py FOLDER`, steered by lines on standard input.

`ask` connects and prints the server's process id; `fork` lets a forked child come to its end; `ask in child`
lets a forked child ask. The end of the input is the end of the process.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[2]


def main(var: Path) -> None:
    from django.conf import settings

    from config.database import databases

    found = databases({}, var)
    del found["default"]["USER"]  # the server's administrator, who alone may read its files
    settings.configure(DATABASES=found, USE_TZ=True)
    django.setup()
    for line in sys.stdin:
        if line == "ask\n":
            ask()
        else:
            in_child(ask if line == "ask in child\n" else do_nothing)
        say("done")


def ask() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1), current_database()")
        say(*cursor.fetchone())
    connection.close()


def do_nothing() -> None:
    """A child's whole life."""


def say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def in_child(work: Callable[[], None]) -> None:
    child = os.fork()
    if child == 0:
        work()
        sys.exit(0)
    os.waitpid(child, 0)


if __name__ == "__main__":
    # Also when the tests run in the background, where shells switch Ctrl-C off for all that they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.path.insert(0, str(ROOT))
    main(Path(sys.argv[1]))
