"""Which cells the database keeps: each cuboid adds up all rows by day or month and by some columns."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

TOTAL_COLUMNS = ("owner_id", "account_id", "project_id", "mode", "resolution")
TIMING_COLUMNS = ("owner_id", "account_id", "mode", "resolution")


class Grain(StrEnum):
    """How long the time of a cell is. Its day is the first of that time."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Cuboid:
    """One way in which rows are added up. Beside its columns every cuboid has team, status and, for totals,
    the credits' basis; one with accounts has their providers. `number` is what its cells carry."""

    number: int
    grain: Grain
    columns: frozenset[str]


def _cuboids(every: tuple[str, ...], kept: dict[Grain, tuple[tuple[str, ...], ...]]) -> tuple[Cuboid, ...]:
    """The cuboids with their numbers: those of GROUPING(day, week, …), a bit for each that is left out."""
    found = []
    for grain, columns_of in kept.items():
        for columns in columns_of:
            left_out = (
                grain is not Grain.DAY,
                grain is not Grain.WEEK,
                *(one not in columns for one in every),
            )
            number = sum(2**place for place, is_out in enumerate(reversed(left_out)) if is_out)
            found.append(Cuboid(number, grain, frozenset(columns)))
    return tuple(found)


# Small ones first: the first that has what is asked for is taken.
_KINDS = ("account_id", "mode", "resolution")
TOTAL_CUBOIDS = _cuboids(
    TOTAL_COLUMNS,
    {
        Grain.DAY: ((), _KINDS, ("project_id",), ("owner_id",), TOTAL_COLUMNS),
        Grain.WEEK: (_KINDS, ("project_id",), ("owner_id",)),
        Grain.MONTH: (
            _KINDS,
            ("project_id", "account_id", "mode"),
            ("project_id", "account_id", "resolution"),
            ("owner_id", "account_id", "mode"),
            ("owner_id", "account_id", "resolution"),
            ("owner_id", "project_id"),
            TOTAL_COLUMNS,
        ),
    },
)
TIMING_CUBOIDS = _cuboids(
    TIMING_COLUMNS,
    {
        Grain.DAY: ((), _KINDS, ("owner_id",)),
        Grain.WEEK: (_KINDS, ("owner_id",)),
        Grain.MONTH: (_KINDS, TIMING_COLUMNS),
    },
)


def smallest_with(cuboids: tuple[Cuboid, ...], grain: Grain, columns: Collection[str]) -> Cuboid | None:
    """The smallest cuboid of this grain that tells these columns apart; None when none does."""
    return next((one for one in cuboids if one.grain is grain and one.columns.issuperset(columns)), None)


def smallest_of_all_days(cuboids: tuple[Cuboid, ...], columns: Collection[str]) -> Cuboid:
    """The smallest cuboid that tells these columns apart, for a sum over all days: each grain has it.

    Raises ValueError when none does.
    """
    grains = list(Grain)
    fit = (one for one in cuboids if one.columns.issuperset(columns))
    return min(fit, key=lambda one: (len(one.columns), -grains.index(one.grain)))
