"""Proof that rollups are what the rows add up to; and mending them where they are not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from auditing.access import SYSTEM, acting_as, at_one_moment
from auditing.rollups.zone import kept_zone

MOST_NAMED = 20
TABLES = ("auditing_rollup", "auditing_rolluptiming", "auditing_rollupnet", "auditing_rollupduration")
HISTOGRAMS = ("waiting", "running", "hour")


@dataclass(frozen=True, slots=True)
class Difference:
    """One sum of one cell that isn't what its rows add up to. `cell` names the cell's columns and values; a
    histogram's sums are None."""

    table: str
    cell: str
    measure: str
    kept: int | None
    recomputed: int | None

    def __str__(self) -> str:
        if self.kept is None:
            return f"{self.table}: {self.cell}: the histogram of {self.measure} is not that of its rows"
        return (
            f"{self.table}: {self.cell}: {self.measure} is {self.kept}, and its rows give {self.recomputed}"
        )


@dataclass(frozen=True, slots=True)
class Verified:
    """What was compared: how many cells differ, the sums of the first of them, and the zones if they do."""

    cells: int
    differing: int
    differences: tuple[Difference, ...]
    zone: str
    wanted_zone: str

    @property
    def is_equal(self) -> bool:
        """True when every cell holds what its rows add up to, in the zone that the environment wants."""
        return not self.differing and self.zone == self.wanted_zone


def verify(most_named: int = MOST_NAMED) -> Verified:
    """Recompute every cell from the rows and compare. All of it is of one moment; memory stays flat, for the
    server adds up (on disk where it must) and only sends the first differences."""
    with at_one_moment(), connection.cursor() as cursor:
        cells, differing = 0, 0
        named: list[Difference] = []
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - our own names
            cells += cursor.fetchone()[0]
            cursor.execute(
                f"SELECT *, count(*) OVER () AS differing FROM {table}_difference LIMIT %s",  # noqa: S608
                [most_named],
            )
            names = [column.name for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            differing += rows[0]["differing"] if rows else 0
            for row in rows:
                named += _named(table, row)
        return Verified(cells, differing, tuple(named[:most_named]), kept_zone(), settings.REPORT_TIME_ZONE)


def mend() -> int:
    """Make every cell what its rows add up to, by the environment's zone; how many cells differed.

    Others go on writing rows meanwhile. Only a change of the zone lets them wait until it is over.
    """
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT auditing_mend_rollups(%s)", [settings.REPORT_TIME_ZONE])
        (mended,) = cursor.fetchone()
        return int(mended)


def _named(table: str, row: dict[str, Any]) -> Iterator[Difference]:
    """The sums of one cell that differ. Of a histogram, only that it does: it is thousands of digits."""
    measures = [name.removeprefix("kept_") for name in row if name.startswith("kept_")]
    sums = {f"{side}_{name}" for name in measures for side in ("kept", "due")} | {"differing"}
    values = (f"{name} {value}" for name, value in row.items() if name not in sums and value is not None)
    cell = ", ".join(values)
    for name in measures:
        kept, due = row[f"kept_{name}"], row[f"due_{name}"]
        if name in HISTOGRAMS and kept != due:
            yield Difference(table, cell, name, None, None)
        elif kept != due:
            yield Difference(table, cell, name, int(kept), int(due))
