"""Adjustments of a closed month, each with its evidence: what a job counted for before, and since."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from auditing.access import Person, visible_adjustments
from auditing.models import Adjustment, ClosedMonth
from auditing.records import CreditsBasis, decimal_of_thousandths

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that a change changed, in words."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Told:
    """One adjustment: of which job, when it became known, what happened, and by how many jobs and
    thousandths of credits it changes the month (with `documented` figures or without). `before` and `after`
    are the sides that this person sees: None where the job was not in the month (or not theirs), or is not
    any more."""

    provider: str
    external_id: str
    generation_id: int
    known_at: datetime
    kind: str
    before: Adjustment | None
    after: Adjustment | None
    documented: bool = True

    @property
    def sides(self) -> list[Adjustment]:
        """Those that are seen."""
        return [side for side in (self.before, self.after) if side is not None]

    @property
    def words(self) -> str:
        """What happened. A change of which only one side is seen is one of the owner."""
        if self.kind == Adjustment.Kind.CHANGED and len(self.sides) == 1:
            return "Attributed to you" if self.after else "Attributed to somebody else"
        return str(Adjustment.Kind(self.kind).label)

    @property
    def is_deleted(self) -> bool:
        """Whether there is no such record any more."""
        return self.kind == Adjustment.Kind.DELETED

    @property
    def jobs(self) -> int:
        """By how many jobs: 1, 0 or -1."""
        return sum(side.jobs for side in self.sides)

    @property
    def net(self) -> int:
        """By how many thousandths of net credits."""
        return sum(side.credits for side in self.sides if self._counts(side))

    @property
    def gross(self) -> int:
        """By how many thousandths of gross credits."""
        return sum(side.credits_most for side in self.sides if self._counts(side))

    def _counts(self, side: Adjustment) -> bool:
        return self.documented or side.credits_basis != CreditsBasis.DOCUMENTED

    @property
    def changes(self) -> list[Changed]:
        """Each thing that differs; of a job that came or went, what it counts for."""
        both = [_facts(side) for side in (self.before, self.after)]
        if self.before is None or self.after is None:
            alone = self.before or self.after
            both = [facts or dict.fromkeys(both[0] or both[1], "—") for facts in both]
            if alone is not None and alone.other_day is not None:
                both[self.before is not None]["day"] = f"{alone.other_day}"
        return [Changed(name, said, both[1][name]) for name, said in both[0].items() if said != both[1][name]]


@dataclass(frozen=True, slots=True)
class KnownIn:
    """What became known in one month (its first day)."""

    month: date
    adjustments: tuple[Told, ...]


def adjustments_of(person: Person, closed: ClosedMonth, *, documented: bool = True) -> Iterator[Told]:
    """Every adjustment of this closed month that this person may see, the newest first; what they come to
    with or without documented figures."""
    return _paired(_sides(person, closed).iterator(chunk_size=2000), documented)


def newest_of(
    person: Person, closed: ClosedMonth, zone: ZoneInfo, *, documented: bool
) -> tuple[KnownIn, ...]:
    """The newest of them, by the month of the zone in which they became known."""
    # Two sides each at most; the last one could be cut between its two.
    told = list(_paired(_sides(person, closed)[: 2 * MOST_SHOWN + 2], documented))[:MOST_SHOWN]
    by_month = groupby(told, lambda one: one.known_at.astimezone(zone).date().replace(day=1))
    return tuple(KnownIn(month, tuple(group)) for month, group in by_month)


def _sides(person: Person, closed: ClosedMonth) -> QuerySet[Adjustment]:
    rows = visible_adjustments(person).filter(closed=closed)
    return rows.select_related("owner", "account", "project").order_by("-occasion", "generation_id", "sign")


def _paired(sides: Iterable[Adjustment], documented: bool) -> Iterator[Told]:
    """The sides of each change together, as they come."""
    for _, group in groupby(sides, lambda side: (side.occasion, side.generation_id)):
        found = list(group)
        one = found[0]
        yield Told(
            provider=one.provider,
            external_id=one.external_id,
            generation_id=one.generation_id,
            known_at=one.known_at,
            kind=one.kind,
            before=next((side for side in found if side.sign < 0), None),
            after=next((side for side in found if side.sign > 0), None),
            documented=documented,
        )


def _facts(side: Adjustment | None) -> dict[str, str]:
    """What this side counts for, in words."""
    if side is None:
        return {}
    has_credits = side.credits_basis is not None
    return {
        "credits": _credits(side.sign * side.credits) if has_credits else "unknown",
        "credits at their most": _credits(side.sign * side.credits_most) if has_credits else "unknown",
        "credits are": side.credits_basis or "unknown",
        "status": side.status or "not yet known",
        "person": str(side.owner) if side.owner else "Unassigned",
        "project": side.project.name if side.project else "none",
        "account": side.account.label,
        "day": f"{side.day}",
        "mode": side.mode or "unknown",
        "resolution": side.resolution or "unknown",
        "seconds": _credits(side.sign * side.milliseconds) if side.timed else "unknown",
    }


def _credits(thousandths: int) -> str:
    return f"{decimal_of_thousandths(thousandths):,f}"
