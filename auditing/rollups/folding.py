"""Folding: what changes have left is moved into the cells, by one process at a time and whoever has time."""

from django.db import connection

from auditing.access import SYSTEM, acting_as

AT_ONCE = 20_000
MANY = 10_000

# The identity's last value less the first row's: no table is read for it. Gaps that undone transactions left
# make it too many, never too few.
_WAITING = """
SELECT coalesce(
    (SELECT max(id) FROM auditing_rollupdelta) - (SELECT min(id) FROM auditing_rollupdelta) + 1, 0
)
"""


def fold() -> int:
    """Fold everything that waits, some at once; how many deltas that were. 0 while another process folds.

    Nobody waits for it: those who write rows add deltas meanwhile, and those who read see all of them once.
    """
    folded = 0
    while part := _fold_some():
        folded += part
        if part < AT_ONCE:
            break
    return folded


def fold_when_many() -> int:
    """The same, if so many wait by now that reports would feel it; else nothing is done."""
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute(_WAITING)
        (waiting,) = cursor.fetchone()
    return fold() if waiting >= MANY else 0


def _fold_some() -> int:
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT auditing_fold_rollups(%s)", [AT_ONCE])
        (folded,) = cursor.fetchone()
        return folded or 0
