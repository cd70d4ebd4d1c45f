"""Reading as of one moment, for whoever compares a lot."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from auditing.access.acting import SYSTEM, acting_as


@contextmanager
def at_one_moment() -> Iterator[None]:
    """Act for the system, reading as of now to the end (inside another transaction: as that one reads)."""
    outermost = not connection.in_atomic_block
    with acting_as(SYSTEM, at_one_moment=True):
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
        yield
