"""Further rollups as migrations spell them: fewer cells for what reports ask most, and for all teams together.

What a year of a grouping costs is how many cells it is added up from. Those of 0033 have each job's status and
credits' basis beside every column: a page that ranks a thousand people by what they cost needs neither. And who
sees every team does not need each of them to tell what all come to.
"""

from dataclasses import replace

from auditing.migrations._rollups import (
    ACCOUNT,
    HISTOGRAMS,
    MODE,
    OWNER,
    PROJECT,
    RESOLUTION,
    ROLLUP,
    TIMING_DIMENSIONS,
    TIMING_WITH_HOURS,
    WITH_HOURS,
    Design,
    Kept,
)

EVERY_KIND = ("provider", MODE, RESOLUTION)

MORE_TOTALS = replace(
    ROLLUP,
    cuboids=(
        ("week", ()),
        ("week", (ACCOUNT,)),
        ("month", ()),
        ("month", (ACCOUNT,)),
        ("month", (ACCOUNT, MODE)),
        ("month", (ACCOUNT, RESOLUTION)),
        ("month", (OWNER,)),
        ("month", (PROJECT,)),
    ),
    of_all_teams=(("day", ()), ("day", EVERY_KIND), ("week", EVERY_KIND), ("month", EVERY_KIND)),
)
MORE_TIMINGS = replace(
    TIMING_WITH_HOURS,
    cuboids=(("month", ()), ("month", (OWNER,))),
    of_all_teams=(("day", ()), ("month", ())),
)
# Jobs and what they cost now, whatever became of them: what ranks groups, and what charts show. `documented` are
# those of the credits that the provider's documentation says.
NETS = Kept(
    "auditing_rollupnet",
    ("day", "team_id", OWNER, PROJECT),
    (OWNER, PROJECT),
    ("jobs", "credits", "documented"),
    (),
    cuboids=(("day", (OWNER,)), ("day", (PROJECT,)), ("month", (OWNER,)), ("month", (PROJECT,)), ("month", (OWNER, PROJECT))),
    computed=(("documented", "CASE WHEN credits_basis = 'documented' THEN credits ELSE 0 END"),),
)
# How long jobs waited and ran, whatever became of them.
DURATIONS = Kept(
    "auditing_rollupduration",
    ("day", "team_id", OWNER, ACCOUNT, "provider", MODE, RESOLUTION),
    TIMING_DIMENSIONS,
    ("jobs", "impossible"),
    HISTOGRAMS,
    cuboids=(
        ("week", ()),
        ("week", (ACCOUNT,)),
        ("week", (MODE,)),
        ("week", (RESOLUTION,)),
        ("week", (OWNER, ACCOUNT)),
        ("week", (OWNER, MODE)),
        ("week", (OWNER, RESOLUTION)),
        ("month", ()),
        ("month", (OWNER,)),
        ("month", (ACCOUNT, MODE)),
        ("month", (ACCOUNT, RESOLUTION)),
        ("month", (MODE, RESOLUTION)),
        ("month", (OWNER, ACCOUNT)),
        ("month", (OWNER, MODE)),
        ("month", (OWNER, RESOLUTION)),
    ),
    of_all_teams=(
        ("day", ()),
        ("day", EVERY_KIND),
        ("week", ("provider",)),
        ("week", (MODE,)),
        ("week", (RESOLUTION,)),
        ("week", EVERY_KIND),
        ("month", EVERY_KIND),
    ),
)
NEW = (MORE_TOTALS, MORE_TIMINGS, NETS, DURATIONS)


def _with(kept, more):
    return replace(kept, cuboids=kept.cuboids + more.cuboids, of_all_teams=more.of_all_teams)


WITH_SMALL = Design(
    WITH_HOURS.more,
    WITH_HOURS.fact_key,
    (_with(ROLLUP, MORE_TOTALS), _with(TIMING_WITH_HOURS, MORE_TIMINGS), NETS, DURATIONS),
)


def found_without_a_team(kept):
    """Indexes for those who see every team: a person's cells, a project's and an account's are found without the
    team's. Their names, with what they are on."""
    for grain, dimensions in kept.cuboids:
        if dimensions and dimensions != kept.dimensions and (column := dimensions[0]) in (OWNER, PROJECT, ACCOUNT):
            name = kept.named(grain, dimensions)
            yield f"{name}_by_{column.removesuffix('_id')}", f"{name} ({column}, day)"
