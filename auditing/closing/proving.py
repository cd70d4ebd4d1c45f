"""Proof that closed months are as they were closed, and that adjustments explain what they are now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from auditing.access import at_one_moment
from auditing.models import ClosedMonth

MOST_NAMED = 20
CELL = (
    "day",
    "owner_id",
    "account_id",
    "provider",
    "project_id",
    "mode",
    "resolution",
    "status",
    "credits_basis",
)
SUMS = ("jobs", "credits", "credits_most", "refunded", "timed", "milliseconds", "credits_timed")

_CELL, _SUMS = ", ".join(CELL), ", ".join(SUMS)
_FROZEN = f"SELECT {_CELL}, {_SUMS} FROM auditing_closedcell WHERE closed_id = %(closed)s"  # noqa: S608
# Jobs as they were at the closing: as they are, and where adjustments tell of them, as the first found them.
_AT_CLOSING = f"SELECT {_CELL}, {_SUMS} FROM auditing_closed_jobs(%(closed)s)"  # noqa: S608
_ADJUSTED = f"""{_FROZEN}
    UNION ALL SELECT {_CELL}, {_SUMS} FROM auditing_adjustment WHERE closed_id = %(closed)s"""  # noqa: S608
# Days by the zone of the closing; what its rows are is the triggers' one definition.
_NOW = f"""
    SELECT (fact.created_at AT TIME ZONE month.zone)::date AS day,
        {", ".join(f"fact.{one}" for one in CELL[1:])},
        {", ".join(f"fact.{one}" for one in SUMS)}
    FROM auditing_closedmonth AS month JOIN auditing_fact AS fact ON fact.team_id = month.team_id
        AND fact.created_at >= month.begins_at AND fact.created_at < month.ends_at
    WHERE month.id = %(closed)s"""  # noqa: S608


def _compared(kept: str, due: str) -> str:
    """Every cell whose sums are not those that they should be."""
    sums = ", ".join(
        f"coalesce(sum({one}) FILTER (WHERE is_kept), 0)::bigint AS kept_{one},"
        f" coalesce(sum({one}) FILTER (WHERE NOT is_kept), 0)::bigint AS due_{one}"
        for one in SUMS
    )
    differs = " OR ".join(
        f"coalesce(sum({one}) FILTER (WHERE is_kept), 0)"
        f" <> coalesce(sum({one}) FILTER (WHERE NOT is_kept), 0)"
        for one in SUMS
    )
    return f"""SELECT {_CELL}, {sums}, count(*) OVER () AS differing FROM (
        SELECT true AS is_kept, * FROM ({kept}) AS kept UNION ALL SELECT false, * FROM ({due}) AS due
    ) AS compared GROUP BY {_CELL} HAVING {differs} ORDER BY {_CELL} LIMIT {MOST_NAMED}"""  # noqa: S608


PROOFS = {
    "frozen": _compared(_FROZEN, _AT_CLOSING),
    "adjusted": _compared(_ADJUSTED, _NOW),
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """One sum of a closed month's cell that isn't what it should be.

    `proof` is `frozen` where the line does not follow from the jobs as they were at the closing, and
    `adjusted` where it does not come, with all adjustments, to what the rows are now.
    """

    proof: str
    cell: str
    measure: str
    kept: int
    due: int

    def __str__(self) -> str:
        said = "is frozen as" if self.proof == "frozen" else "comes with its adjustments to"
        rows = "its jobs of that time give" if self.proof == "frozen" else "its rows now give"
        return f"{self.cell}: {self.measure} {said} {self.kept}, and {rows} {self.due}"


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found of one closed month: cells that differ, the first of their sums, and whether jobs and
    digest are those of the seal (`sealed`, `digest`)."""

    team: str
    month: date
    jobs: int
    sealed: int
    digest: str
    recomputed: str
    differing: int
    flaws: tuple[Flaw, ...]

    @property
    def holds(self) -> bool:
        """True when the month is as it was closed, and its adjustments explain all that changed since."""
        return not self.differing and (self.jobs, self.recomputed) == (self.sealed, self.digest)


def prove(team: str | None = None, month: date | None = None) -> Iterator[Proof]:
    """Each closed month (of this team, this month), oldest first: all that there is to it, recomputed from
    the rows, each as of one moment. Memory stays flat: the server adds up and hashes."""
    with at_one_moment():
        wanted = ClosedMonth.objects.select_related("team", "seal").order_by("month", "team__slug")
        if team is not None:
            wanted = wanted.filter(team__slug=team)
        months = list(wanted.filter(month=month) if month is not None else wanted)
    for closed in months:
        with at_one_moment():
            found = _proof(closed)
        yield found


def _proof(closed: ClosedMonth) -> Proof:
    differing, flaws = 0, []
    with connection.cursor() as cursor:
        for proof, statement in PROOFS.items():
            cursor.execute(statement, {"closed": closed.pk})
            names = [column.name for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            differing += rows[0]["differing"] if rows else 0
            flaws += [flaw for row in rows for flaw in _flaws(proof, row)]
        cursor.execute("SELECT jobs, digest FROM auditing_closed_digest(%s)", [closed.pk])
        jobs, digest = cursor.fetchone()
    return Proof(
        team=closed.team.slug,
        month=closed.month,
        jobs=jobs,
        sealed=closed.seal.jobs,
        digest=bytes(closed.seal.digest).hex(),
        recomputed=bytes(digest).hex(),
        differing=differing,
        flaws=tuple(flaws[:MOST_NAMED]),
    )


def _flaws(proof: str, row: dict[str, Any]) -> Iterator[Flaw]:
    cell = ", ".join(f"{name} {row[name]}" for name in CELL if row[name] is not None)
    for one in SUMS:
        if row[f"kept_{one}"] != row[f"due_{one}"]:
            yield Flaw(proof, cell, one, row[f"kept_{one}"], row[f"due_{one}"])
