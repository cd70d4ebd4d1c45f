"""The comparison as SQL: every id of a statement, and every job of its account and period, once each.

The lines of an id are added up first, so an id has one row. It is one pass over the statement, by the index
of its lines, which has all that is asked of them, and over our jobs of those ids, by theirs; and one over
our jobs of the period, by the index of days.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings

from auditing.models import Statement
from auditing.reports import Period
from auditing.statements.kinds import Figure, Kind

# CASE, and not the column: that is what the index of days is on (models/generations.py: sort_key).
_CREATED = "CASE WHEN created_at IS NULL THEN '0001-01-01 00:00:00+00' ELSE created_at END"
_IN_PERIOD = f"{_CREATED} >= %(begins)s AND {_CREATED} < %(ends)s"
_NET = "credits_thousandths"
_GROSS = """CASE WHEN credits_thousandths IS NULL THEN NULL
    ELSE greatest(credits_most_thousandths, credits_thousandths) END"""
_OURS = {Figure.NET: _NET, Figure.GROSS: _GROSS}

_PAIRS = """
SELECT CASE
        WHEN job.account_id IS NULL THEN 'missing-here'
        WHEN job.account_id <> %(account)s THEN 'other-account'
        WHEN NOT job.is_in AND (job.created_at IS NOT NULL OR job.ours IS NOT NULL) THEN 'outside'
        WHEN job.ours IS NULL AND theirs.credits IS NULL THEN 'no-figure'
        WHEN job.ours IS NULL THEN 'unknown-here'
        WHEN theirs.unknown > 0 THEN 'unknown-there'
        WHEN job.ours = theirs.credits THEN 'matched'
        ELSE 'different'
    END AS kind,
    theirs.external_id, theirs.line, theirs.lines, theirs.unknown, theirs.credits, theirs.charged_at,
    job.ours, job.net, job.gross, coalesce(job.is_in AND job.account_id = %(account)s, false) AS is_in,
    job.is_documented, job.created_at, job.status
FROM (
    SELECT external_id, min(number) AS line, count(*) AS lines,
        count(*) - count(credits_thousandths) AS unknown, sum(credits_thousandths) AS credits,
        min(charged_at) AS charged_at
    FROM auditing_statementline WHERE statement_id = %(statement)s {behind} GROUP BY external_id
) AS theirs
LEFT JOIN (
    SELECT external_id, account_id, {ours} AS ours, {net} AS net, {gross} AS gross, {in_period} AS is_in,
        credits_basis = 'documented' AS is_documented, created_at, status
    FROM auditing_generation WHERE team_id = %(team)s AND provider = %(provider)s
) AS job ON job.external_id = theirs.external_id
UNION ALL
SELECT CASE
        WHEN job.ours IS NULL THEN 'no-figure'
        WHEN job.ours = 0 THEN 'not-charged'
        ELSE 'missing-there'
    END,
    job.external_id, NULL, 0, 0, NULL, NULL, job.ours, job.net, job.gross, true, job.is_documented,
    job.created_at, job.status
FROM (
    SELECT external_id, {ours} AS ours, {net} AS net, {gross} AS gross,
        credits_basis = 'documented' AS is_documented, created_at, status
    FROM auditing_generation
    WHERE team_id = %(team)s AND provider = %(provider)s AND account_id = %(account)s AND {in_period} {behind}
) AS job
WHERE NOT EXISTS (
    SELECT FROM auditing_statementline AS line
    WHERE line.statement_id = %(statement)s AND line.external_id = job.external_id
)
"""

_SUMS = """
SELECT kind, count(*), sum(lines), sum(unknown), sum(credits), sum(ours), sum(net), sum(gross),
    count(*) FILTER (WHERE ours IS NULL), count(*) FILTER (WHERE is_in AND ours IS NULL),
    count(*) FILTER (WHERE is_in AND is_documented), count(*) FILTER (WHERE is_in)
FROM ({pairs}) AS found GROUP BY kind
"""
_ROWS = """
SELECT kind, external_id, line, lines, unknown, credits, charged_at, ours, net, gross, created_at, status
FROM ({pairs}) AS found WHERE true {of_kind} ORDER BY external_id {limit}
"""


class Pair(NamedTuple):
    """An id: on the statement (first on `line`, None: nowhere; `lines` in all, `lines_unknown` of which have
    no figure), ours, or both. `theirs` and `ours` are thousandths, None where there is no figure; `ours` is
    `net` or `gross`, as was asked for."""

    kind: Kind
    external_id: str
    line: int | None
    lines: int
    lines_unknown: int
    theirs: int | None
    charged_at: datetime | None
    ours: int | None
    net: int | None
    gross: int | None
    created_at: datetime | None
    status: str | None

    @property
    def is_ours(self) -> bool:
        """Whether there is a job here that it leads to."""
        return self.kind is not Kind.MISSING_HERE

    @property
    def more_lines(self) -> int:
        """How many lines it has beside the first."""
        return self.lines - 1

    @property
    def difference(self) -> int:
        """What it adds to the difference of the totals: what is known of the one side less of the other."""
        return (self.theirs or 0) - ((self.ours or 0) if self.kind.counts_ours else 0)

    @property
    def is_known(self) -> bool:
        """Whether that is all of the difference: no side that counts lacks a figure."""
        ours_known = self.ours is not None or not self.kind.counts_ours
        return ours_known and not self.lines_unknown


@dataclass(frozen=True, slots=True)
class Comparing:
    """A statement that is compared by one of our figures. It comes with its account."""

    statement: Statement
    figure: Figure = Figure.NET

    def sums(self) -> tuple[str, dict[str, Any]]:
        """The statement that adds up each kind."""
        return _SUMS.format(pairs=self._pairs("")), self._values()

    def rows(
        self, kind: Kind | None = None, after: str = "", most: int | None = None
    ) -> tuple[str, dict[str, Any]]:
        """The statement for the ids of one kind (None: of all) behind an id, in their order."""
        of_kind = "AND kind = %(kind)s" if kind else ""
        limit = "" if most is None else "LIMIT %(most)s"
        pairs = self._pairs("AND external_id > %(after)s" if after else "")
        more = {"kind": kind and kind.value, "after": after, "most": most}
        return _ROWS.format(pairs=pairs, of_kind=of_kind, limit=limit), {**self._values(), **more}

    def _pairs(self, behind: str) -> str:
        return _PAIRS.format(
            ours=_OURS[self.figure], net=_NET, gross=_GROSS, in_period=_IN_PERIOD, behind=behind
        )

    def _values(self) -> dict[str, Any]:
        of = self.statement
        begins, ends = Period(of.first, of.last).moments(ZoneInfo(settings.REPORT_TIME_ZONE))
        return {
            "statement": of.pk,
            "team": of.team_id,
            "account": of.account_id,
            "provider": of.account.provider,
            "begins": begins,
            "ends": ends,
        }


def pair_of(row: tuple[Any, ...]) -> Pair:
    """One of the rows that `Comparing.rows` selects; sums come as decimals from the database."""
    kind, external_id, line, lines, unknown, theirs, *rest = row
    whole = None if theirs is None else int(theirs)
    return Pair(Kind(kind), external_id, line, int(lines), int(unknown), whole, *rest)
