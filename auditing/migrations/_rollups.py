"""Rollups as migrations spell them: what one generation counts for, and how that is added up.

A change of generations writes, in its own transaction, what it adds and takes away as new rows of
`auditing_rollupdelta`: no two writers ever want the same row, so none waits for another and none can deadlock.
`auditing_fold_rollups` moves deltas into `auditing_rollup` and `auditing_rolluptiming`, one process at a time.
Cells and deltas together are exact at every moment, in whichever snapshot.
"""

from dataclasses import dataclass, replace

# What a cell is about. `day` is null where it is unknown; in a cell of a week or month it is its first.
DIMENSIONS = ("owner_id", "account_id", "project_id", "mode", "resolution")
OWNER, ACCOUNT, PROJECT, MODE, RESOLUTION = DIMENSIONS
TIMING_DIMENSIONS = (OWNER, ACCOUNT, MODE, RESOLUTION)
TOTAL_KEY = ("day", "team_id", OWNER, ACCOUNT, "provider", PROJECT, MODE, RESOLUTION, "status", "credits_basis")
TIMING_KEY = ("day", "team_id", OWNER, ACCOUNT, "provider", MODE, RESOLUTION, "status")
FACT_KEY = (*TOTAL_KEY, "waiting", "running")

# Sums of whole numbers, zero for whoever has none: what is unknown is told by its own count.
#   jobs; credits as they are now, credits at their most (both of jobs that have a figure: credits_basis is null
#   for those that have none), jobs whose credits fell; jobs whose duration is known, those durations in
#   milliseconds, and what jobs with both figures cost.
TOTALS = ("jobs", "credits", "credits_most", "refunded", "timed", "milliseconds", "credits_timed")
#   jobs, and those of them whose times can't be (they are in neither histogram).
TIMINGS = ("jobs", "impossible")
HISTOGRAMS = ("waiting", "running")
MEASURES = (*TOTALS, "impossible")
# Since 0040, of the same jobs in which hour of the week they were created: a histogram of 168 buckets, so that a
# day's cell holds at most 24 of them, and whatever times are told apart by, hours are, too.
HOUR = "hour"

# Which cells are kept, by day, week or month, and apart from team, status and basis by what: whole (by every
# column), and small ones for what reports group by, so that a year of any grouping is few rows. Columns that
# hardly multiply each other share one: a team has few accounts, modes and resolutions.
TOTAL_CUBOIDS = (
    ("day", DIMENSIONS),
    ("day", ()),
    ("day", (OWNER,)),
    ("day", (PROJECT,)),
    ("day", (ACCOUNT, MODE, RESOLUTION)),
    ("week", (OWNER,)),
    ("week", (PROJECT,)),
    ("week", (ACCOUNT, MODE, RESOLUTION)),
    ("month", DIMENSIONS),
    ("month", (OWNER, PROJECT)),
    ("month", (OWNER, ACCOUNT, MODE)),
    ("month", (OWNER, ACCOUNT, RESOLUTION)),
    ("month", (PROJECT, ACCOUNT, MODE)),
    ("month", (PROJECT, ACCOUNT, RESOLUTION)),
    ("month", (ACCOUNT, MODE, RESOLUTION)),
)
TIMING_CUBOIDS = (
    ("day", ()),
    ("day", (OWNER,)),
    ("day", (ACCOUNT, MODE, RESOLUTION)),
    ("week", (OWNER,)),
    ("week", (ACCOUNT, MODE, RESOLUTION)),
    ("month", (ACCOUNT, MODE, RESOLUTION)),
    ("month", TIMING_DIMENSIONS),
)

# Durations fall into buckets whose ends are at most 4 % apart: whole milliseconds up to 25, then wider ones up
# to the longest time that there can be between two dates. What stands for a bucket is within 2 % of all in it.
LONGEST = 10_000 * 366 * 86_400_000


def bucket_bounds():
    """The first millisecond of every bucket but the first, which holds 0 alone."""
    bounds = [1]
    while bounds[-1] <= LONGEST:
        bounds.append(bounds[-1] * 104 // 100 + 1)
    return bounds


def listed(names, form="{0}"):
    return ", ".join(form.format(name) for name in names)


# A histogram is one number, twelve decimal digits a bucket: so `+` adds two, sum() adds many, and what is taken
# away is a negative one. (Twelve are three of the digits, of base 10,000, that PostgreSQL computes with.)
FUNCTIONS = f"""
CREATE FUNCTION auditing_bucket(milliseconds bigint) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN width_bucket(milliseconds, ARRAY{bucket_bounds()}::bigint[])::smallint;
CREATE FUNCTION auditing_tally(bucket smallint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ('1e' || 12 * bucket)::numeric;
"""
NO_FUNCTIONS = "DROP FUNCTION auditing_bucket(bigint), auditing_tally(smallint);"

_COLUMNS = listed((
    "id", *TOTAL_KEY[1:], "credits_thousandths", "credits_most_thousandths", "duration_milliseconds", "created_at",
    "processing_started_at", "processing_completed_at", "flags",
))


def rows_of(table, sign, *more):
    """A table's generations, to be added (1) or taken away (-1); `more` of their columns, too."""
    return f"SELECT {sign} AS jobs, {listed((*more, _COLUMNS))} FROM {table}"


def day_of(moment, zone):
    """The day of a moment in a zone, null for null; at the ends of the calendar, one that Python has a name for."""
    return f"""CASE WHEN {moment} IS NOT NULL THEN greatest(date '0001-01-01', least(date '9999-12-31',
            ({moment} AT TIME ZONE {zone})::date)) END"""


def facts(rows, *more, last=""):
    """What each of these rows counts for: the one definition, for triggers, reports and verification.

    Waiting is from creation to the start of processing, running from there to its end. Where times contradict
    each other, or lie in the future, the job is `impossible` and in neither histogram. `more` columns of the rows
    come along; `last` are columns that facts were given later.
    """
    return f"""
    SELECT {"".join(f"job.{one}, " for one in more)}job.id AS generation_id, job.created_at,
        {day_of("job.created_at", "(SELECT zone FROM public.auditing_rollupzone)")} AS day,
        job.team_id, job.owner_id, job.account_id, job.provider, job.project_id, job.mode, job.resolution,
        job.status, job.credits_basis,
        CASE WHEN NOT odd.times THEN public.auditing_bucket(took.waiting) END AS waiting,
        CASE WHEN NOT odd.times THEN public.auditing_bucket(took.running) END AS running,
        job.jobs,
        job.jobs * cost.now AS credits,
        job.jobs * cost.most AS credits_most,
        job.jobs * (cost.most > cost.now)::int AS refunded,
        job.jobs * (job.duration_milliseconds IS NOT NULL)::int AS timed,
        job.jobs * coalesce(job.duration_milliseconds, 0) AS milliseconds,
        CASE WHEN job.duration_milliseconds IS NULL THEN 0 ELSE job.jobs * cost.now END AS credits_timed,
        job.jobs * odd.times::int AS impossible{last}
    FROM ({rows}) AS job,
    LATERAL (
        SELECT floor(extract(epoch FROM job.processing_started_at - job.created_at) * 1000)::bigint AS waiting,
            floor(extract(epoch FROM job.processing_completed_at - job.processing_started_at) * 1000)::bigint
                AS running
    ) AS took,
    LATERAL (
        SELECT 'impossible_times' = ANY (job.flags)
            OR coalesce(job.processing_started_at < job.created_at, false)
            OR coalesce(job.processing_completed_at < job.processing_started_at, false)
            OR coalesce(job.processing_completed_at < job.created_at, false) AS times
    ) AS odd,
    LATERAL (
        SELECT coalesce(job.credits_thousandths, 0) AS now,
            CASE WHEN job.credits_thousandths IS NULL THEN 0
                ELSE greatest(job.credits_most_thousandths, job.credits_thousandths) END AS most
    ) AS cost"""


_ZONE = "(SELECT zone FROM public.auditing_rollupzone)"
HOUR_OF_WEEK = f""",
        ((extract(isodow FROM job.created_at AT TIME ZONE {_ZONE}) - 1) * 24
            + extract(hour FROM job.created_at AT TIME ZONE {_ZONE}))::smallint AS {HOUR}"""


# What is kept: two tables of cells, each a partition a cuboid, so that a small cuboid's rows lie together.
@dataclass(frozen=True)
class Kept:
    """One of the tables: its name, its cells' key, what they sum, and which cuboids it has. Those of all teams
    together have no team: only who sees everything sees their cells. `computed` sums are none of a fact's own."""

    table: str
    key: tuple[str, ...]
    dimensions: tuple[str, ...]
    sums: tuple[str, ...]
    histograms: tuple[str, ...]
    cuboids: tuple[tuple[str, tuple[str, ...]], ...]
    of_all_teams: tuple[tuple[str, tuple[str, ...]], ...] = ()
    computed: tuple[tuple[str, str], ...] = ()

    @property
    def measures(self):
        return (*self.sums, *self.histograms)

    def number(self, grain, dimensions, of_all=False):
        """A cuboid's number: GROUPING(…) of team, day, week and dimensions, whose bits say what it leaves out."""
        left_out = (of_all, grain != "day", grain != "week", *(name not in dimensions for name in self.dimensions))
        return int("".join(str(int(one)) for one in left_out), 2)

    def partitions(self):
        """The number and the table's name of every cuboid."""
        for grain, dimensions in self.cuboids:
            yield self.number(grain, dimensions), self.named(grain, dimensions)
        for grain, dimensions in self.of_all_teams:
            said = "_".join(("all", *dimensions))
            yield self.number(grain, dimensions, of_all=True), f"{self.table}_{grain}_{said}"

    def named(self, grain, dimensions):
        """The table's name of a cuboid with teams."""
        names = "_".join(name.removesuffix("_id") for name in dimensions)
        return f"{self.table}_{grain}_{'whole' if dimensions == self.dimensions else names or 'team'}"

    def cells(self, source):
        """Facts or deltas, added up for every cuboid in one pass."""
        sets = [
            f"(team_id, {', '.join((grain, *dimensions))}{', provider' if ACCOUNT in dimensions else ''})"
            for grain, dimensions in self.cuboids
        ]
        sets += [f"({', '.join((grain, *dimensions))})" for grain, dimensions in self.of_all_teams]
        fixed = [name for name in self.key if name in ("status", "credits_basis")]
        grains = {grain for grain, _ in (*self.cuboids, *self.of_all_teams)}
        first = "".join(f" WHEN GROUPING({one}) = 0 THEN {one}" for one in ("day", "week", "month") if one in grains)
        weeks, months = (f"date_trunc('{one}', day::timestamp)::date AS {one}" for one in ("week", "month"))
        tallies = "".join(f", jobs * public.auditing_tally({one}) AS {one}" for one in self.histograms)
        tallied = "".join(f", coalesce(sum({one}), 0) AS {one}" for one in self.histograms)
        # OFFSET keeps the planner from making each tally anew wherever it is summed.
        computed = dict(self.computed)
        read = listed(f"{computed[one]} AS {one}" if one in computed else one for one in (*self.key, *self.sums))
        return f"""
    SELECT ({self._number_told()})::smallint AS cuboid, CASE{first} END AS day,
        {listed(name if name in self._used() else f"NULL::{self.kind(name)} AS {name}" for name in self.key[1:])}, {listed(self.sums, "sum({0}) AS {0}")}{tallied}
    FROM (
        SELECT {read}, {weeks}, {months}{tallies} FROM {source} AS one OFFSET 0
    ) AS summed
    GROUP BY {listed((*fixed, f"GROUPING SETS ({listed(sets)})"))}"""

    def _number_told(self):
        """A cuboid's number as SQL: GROUPING(…) takes no column that every cuboid leaves out."""
        bits = reversed(("team_id", "day", "week", *self.dimensions))
        return " + ".join(
            f"{2**place} * GROUPING({name})" if name in self._used() else str(2**place)
            for place, name in enumerate(bits)
        )

    def _used(self):
        """What any of the cuboids tells apart."""
        cuboids = (*self.cuboids, *self.of_all_teams)
        used = {"team_id", "status", "credits_basis", *(name for one in cuboids for name in (one[0], *one[1]))}
        return used | ({"provider"} if ACCOUNT in used else set())

    def kind(self, name):
        """The type of a column of the key."""
        kinds = {"day": "date", "provider": "varchar(32)", "status": "varchar(16)"}
        return (kinds | {"credits_basis": "varchar(16)", MODE: "text", RESOLUTION: "text"}).get(name, "bigint")

    def add(self, cells):
        """Adds these cells to those that are kept."""
        into = ("cuboid", *self.key, *self.measures)
        return f"""
    INSERT INTO public.{self.table} AS kept ({listed(into)})
    {cells}
    ON CONFLICT ({listed((*self.key, "cuboid"))})
    DO UPDATE SET {listed(self.measures, "{0} = kept.{0} + excluded.{0}")}"""

    def is_empty(self, cell):
        """Whether a cell adds up nothing. No jobs alone is not it: while deltas wait that belong to it, the jobs
        of a cell may be none and its credits some."""
        return "(" + " AND ".join(f"{cell}.{name} = 0" for name in self.measures) + ")"

    def created(self):
        """The table and its partitions. The key begins with whose they are, as every question does."""
        columns = [f"{name} {self.kind(name)}" for name in self.key]
        columns += [f"{name} bigint NOT NULL" for name in self.sums]
        columns += [f"{name} numeric NOT NULL" for name in self.histograms]
        once = ("team_id", OWNER, *(name for name in self.key if name not in ("team_id", OWNER)), "cuboid")
        return f"""
CREATE TABLE {self.table} (cuboid smallint NOT NULL, {listed(columns)},
    CONSTRAINT {self.table}_once UNIQUE NULLS NOT DISTINCT ({listed(once)})
) PARTITION BY LIST (cuboid);
{self.parted()}"""

    def parted(self):
        """A partition a cuboid, of a table that is there."""
        return "".join(
            f"CREATE TABLE {name} PARTITION OF {self.table} FOR VALUES IN ({number});\n"
            for number, name in self.partitions()
        )

    def mended(self):
        """Adds to every cell what it lacks of what its rows add up to."""
        lacking = listed(self.measures, "due_{0} - kept_{0}")
        return self.add(f"SELECT {listed(('cuboid', *self.key))}, {lacking} FROM public.{self.table}_difference")

    def differences(self):
        """A view of every cell whose kept sums (deltas included) are not those of the rows."""
        told = listed(
            self.measures,
            "coalesce(sum({0}) FILTER (WHERE is_kept), 0) AS kept_{0},"
            " coalesce(sum({0}) FILTER (WHERE NOT is_kept), 0) AS due_{0}",
        )
        differs = " OR ".join(
            f"coalesce(sum({name}) FILTER (WHERE is_kept), 0)"
            f" <> coalesce(sum({name}) FILTER (WHERE NOT is_kept), 0)"
            for name in self.measures
        )
        cell = listed(("cuboid", *self.key, *self.measures))
        return f"""
CREATE VIEW {self.table}_difference WITH (security_invoker) AS
SELECT cuboid, {listed(self.key)}, {told}
FROM (
    SELECT true AS is_kept, {cell} FROM {self.table}
    UNION ALL SELECT true, {cell} FROM ({self.cells("auditing_rollupdelta")}) AS deltas
    UNION ALL SELECT false, {cell} FROM ({self.cells("auditing_fact")}) AS facts
) AS compared
GROUP BY cuboid, {listed(self.key)}
HAVING {differs};
"""


ROLLUP = Kept("auditing_rollup", TOTAL_KEY, DIMENSIONS, TOTALS, (), TOTAL_CUBOIDS)
TIMING = Kept("auditing_rolluptiming", TIMING_KEY, TIMING_DIMENSIONS, TIMINGS, HISTOGRAMS, TIMING_CUBOIDS)
KEPT = (ROLLUP, TIMING)
TIMING_WITH_HOURS = replace(TIMING, histograms=(*HISTOGRAMS, HOUR))


@dataclass(frozen=True)
class Design:
    """What facts have beyond the first columns, by which columns deltas are apart, and the tables of cells."""

    more: str
    fact_key: tuple[str, ...]
    kept: tuple[Kept, Kept]

    def facts(self, rows):
        """What these rows count for."""
        return facts(rows, last=self.more)


AT_FIRST = Design("", FACT_KEY, KEPT)
WITH_HOURS = Design(HOUR_OF_WEEK, (*FACT_KEY, HOUR), (ROLLUP, TIMING_WITH_HOURS))
