"""Which cells the database keeps: each cuboid adds up all rows by day, week or month and by some columns."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

TOTAL_COLUMNS = ("owner_id", "account_id", "project_id", "mode", "resolution")
TIMING_COLUMNS = ("owner_id", "account_id", "mode", "resolution")
NET_COLUMNS = ("owner_id", "project_id")

type Columns = tuple[str, ...]


class Grain(StrEnum):
    """How long the time of a cell is. Its day is the first of that time."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Cuboid:
    """One way in which rows are added up: what its cells tell apart beside their time. `number` is what they
    carry."""

    number: int
    grain: Grain
    columns: frozenset[str]


def _cuboids(
    every: Columns,
    always: Columns,
    of_teams: Mapping[Grain, tuple[Columns, ...]],
    of_all_teams: Mapping[Grain, tuple[Columns, ...]],
) -> tuple[Cuboid, ...]:
    """The cuboids with their numbers: those of GROUPING(team, day, week, …), a bit for each that is left out.

    One with accounts has their providers; `always` are columns that each has.
    """
    kinds = [
        (grain, {*columns, *team, *always})
        for team, kept in (((), of_all_teams), (("team_id",), of_teams))
        for grain, columns_of in kept.items()
        for columns in columns_of
    ]
    return tuple(_cuboid(every, grain, columns) for grain, columns in kinds)


def _cuboid(every: Columns, grain: Grain, columns: set[str]) -> Cuboid:
    left_out = (
        "team_id" not in columns,
        grain is not Grain.DAY,
        grain is not Grain.WEEK,
        *(one not in columns for one in every),
    )
    number = sum(2**place for place, is_out in enumerate(reversed(left_out)) if is_out)
    providers = {"provider"} if "account_id" in columns else set()
    return Cuboid(number, grain, frozenset(columns | providers))


# Small ones first: the first that has what is asked for is taken. Cells of all teams together are for those
# who see every team.
_KINDS = ("account_id", "mode", "resolution")
_EVERYWHERE = ("provider", "mode", "resolution")
TOTAL_CUBOIDS = _cuboids(
    TOTAL_COLUMNS,
    ("status", "credits_basis"),
    {
        Grain.DAY: ((), _KINDS, ("project_id",), ("owner_id",), TOTAL_COLUMNS),
        Grain.WEEK: ((), ("account_id",), _KINDS, ("project_id",), ("owner_id",)),
        Grain.MONTH: (
            (),
            ("account_id",),
            ("account_id", "mode"),
            ("account_id", "resolution"),
            _KINDS,
            ("project_id",),
            ("owner_id",),
            ("project_id", "account_id", "mode"),
            ("project_id", "account_id", "resolution"),
            ("owner_id", "account_id", "mode"),
            ("owner_id", "account_id", "resolution"),
            ("owner_id", "project_id"),
            TOTAL_COLUMNS,
        ),
    },
    {Grain.DAY: ((), _EVERYWHERE), Grain.WEEK: (_EVERYWHERE,), Grain.MONTH: (_EVERYWHERE,)},
)
TIMING_CUBOIDS = _cuboids(
    TIMING_COLUMNS,
    ("status",),
    {
        Grain.DAY: ((), _KINDS, ("owner_id",)),
        Grain.WEEK: (_KINDS, ("owner_id",)),
        Grain.MONTH: ((), _KINDS, ("owner_id",), TIMING_COLUMNS),
    },
    {Grain.DAY: ((),), Grain.MONTH: ((),)},
)
NET_CUBOIDS = _cuboids(
    NET_COLUMNS,
    (),
    {
        Grain.DAY: (("project_id",), ("owner_id",)),
        Grain.MONTH: (("project_id",), ("owner_id",), ("owner_id", "project_id")),
    },
    {},
)
DURATION_CUBOIDS = _cuboids(
    TIMING_COLUMNS,
    (),
    {
        Grain.WEEK: (
            (),
            ("account_id",),
            ("mode",),
            ("resolution",),
            ("owner_id", "account_id"),
            ("owner_id", "mode"),
            ("owner_id", "resolution"),
        ),
        Grain.MONTH: (
            (),
            ("mode", "resolution"),
            ("account_id", "mode"),
            ("account_id", "resolution"),
            ("owner_id",),
            ("owner_id", "account_id"),
            ("owner_id", "mode"),
            ("owner_id", "resolution"),
        ),
    },
    {
        Grain.DAY: ((), _EVERYWHERE),
        Grain.WEEK: (("provider",), ("mode",), ("resolution",), _EVERYWHERE),
        Grain.MONTH: (_EVERYWHERE,),
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
