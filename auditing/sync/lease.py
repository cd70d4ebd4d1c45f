"""One writer an account: a lease with a fencing number, which every batch confirms or writes nothing.

Times are the database's own. A lease lapses LAPSE_SECONDS after its last confirmation, and at once when its
holder was a process of this host that no longer runs. Taking it raises the number: who held it before can't
confirm any more, however late it wakes up. Rows, not session locks: those break behind a connection pooler.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import connection

from auditing.access import SYSTEM, acting_as

LAPSE_SECONDS = 30
CONFIRM_EVERY_SECONDS = 10
UNKNOWN_BIRTH = "?"

# Sorted, so that two runs which want the same accounts never wait for each other in a circle.
_TAKE = """
INSERT INTO auditing_lease (account_id, fence, host, process, expires_at)
SELECT account_id, 1, %(host)s, %(process)s, clock_timestamp() + %(lapse)s * interval '1 second'
FROM unnest(%(accounts)s::bigint[]) AS wanted(account_id) ORDER BY account_id
ON CONFLICT (account_id) DO UPDATE
SET fence = auditing_lease.fence + 1, host = excluded.host, process = excluded.process,
    expires_at = excluded.expires_at, run_id = NULL
WHERE auditing_lease.expires_at <= clock_timestamp()
   OR (auditing_lease.account_id, auditing_lease.fence) IN
      (SELECT * FROM unnest(%(orphaned)s::bigint[], %(orphaned_fences)s::bigint[]))
RETURNING account_id, fence
"""

_HELD_HERE = """
SELECT account_id, fence, process FROM auditing_lease
WHERE account_id = ANY(%s) AND host = %s AND expires_at > clock_timestamp()
"""

_CONFIRM = """
UPDATE auditing_lease SET expires_at = clock_timestamp() + %s * interval '1 second'
WHERE account_id = %s AND fence = %s AND expires_at > clock_timestamp()
"""

_GIVE_BACK = "UPDATE auditing_lease SET expires_at = clock_timestamp() WHERE account_id = %s AND fence = %s"


class LeaseLost(Exception):
    """Somebody else may write for this account now; nothing of this transaction may be kept."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write for one account, as long as `fence` is the number in its row."""

    account_id: int
    fence: int

    def confirm(self) -> None:
        """Hold it for another LAPSE_SECONDS, its row locked until the transaction ends. Raises LeaseLost."""
        with connection.cursor() as cursor:
            cursor.execute(_CONFIRM, [LAPSE_SECONDS, self.account_id, self.fence])
            if cursor.rowcount != 1:
                raise LeaseLost

    def renew(self) -> None:
        """Confirm it in a transaction of its own: between batches, while none is stored. Raises LeaseLost."""
        with acting_as(SYSTEM):
            self.confirm()

    def give_back(self) -> None:
        """Let others take it at once; nothing happens if it was lost before."""
        with connection.cursor() as cursor:
            cursor.execute(_GIVE_BACK, [self.account_id, self.fence])


def take(account_ids: Sequence[int]) -> list[Lease]:
    """The leases of those of these accounts that nobody holds, taken; call it inside `acting_as`."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD_HERE, [list(account_ids), this_host()])
        orphans = [(account, fence) for account, fence, process in cursor.fetchall() if not runs(process)]
        cursor.execute(
            _TAKE,
            {
                "accounts": list(account_ids),
                "host": this_host(),
                "process": this_process(),
                "lapse": LAPSE_SECONDS,
                "orphaned": [account for account, _ in orphans],
                "orphaned_fences": [fence for _, fence in orphans],
            },
        )
        return [Lease(account, fence) for account, fence in cursor.fetchall()]


@cache
def this_host() -> str:
    """What tells this host's process numbers from others': the boot, and the PID namespace (container)."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    if not boot.exists():
        return os.uname().nodename
    return f"{boot.read_text().strip()} {Path('/proc/self/ns/pid').readlink()}"


def this_process() -> str:
    """This process's number and birth, which no later process with the same number shares."""
    return f"{os.getpid()} {_birth(os.getpid())}"


def runs(process: str) -> bool:
    """Whether a process of this host, named by `this_process`, still runs (a zombie does not).

    Where that can't be known (no /proc), it counts as running: its leases lapse in time all the same.
    """
    number, _, birth = process.partition(" ")
    return birth == UNKNOWN_BIRTH or _birth(int(number)) == birth


def _birth(number: int) -> str | None:
    """When a process began, in clock ticks since boot; None for one that has ended, or is a zombie."""
    if not Path("/proc/self/stat").exists():
        return UNKNOWN_BIRTH
    try:
        stat = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return None
    # The name, in parentheses, may hold anything; the state and the 19th field after it follow the last one.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]
