"""How the sync is doing: accounts' health and the last runs, as far as one person may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Count, Q

from auditing.access import Person, visible_accounts, visible_run_parts, visible_to
from auditing.filters import GenerationFilter
from auditing.models import Account, Run, RunPart
from auditing.providers import PROVIDERS
from auditing.records import Outcome

COUNTED = (*(word.value for word in Outcome), "not_reached")


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """One account, and how many of its records (that the person may see) wait for what.

    `pace` is the requests a minute it keeps to, None without a limit. `state` is the one thing to know:
    `paused`, `waiting` (for a reset), `flagged` (a notice), `never` (no good answer yet) or `well`.
    The queries are the list's, for the records and those never looked up.
    """

    account: Account
    records: int
    due: int
    never_looked_up: int
    pace: int | None
    state: str
    query: str
    never_query: str


@dataclass(frozen=True, slots=True)
class RunPartSummary:
    """One account's part of a run, and its outcomes that are not zero, in words."""

    part: RunPart
    outcomes: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run: the sums over the parts that the person may see, and those parts."""

    run: Run
    requested: int
    changed: int
    outcomes: tuple[tuple[str, int], ...]
    parts: tuple[RunPartSummary, ...]

    @property
    def milliseconds(self) -> int | None:
        """How long it took; None while it runs."""
        if self.run.finished_at is None:
            return None
        return int((self.run.finished_at - self.run.started_at).total_seconds() * 1000)


def accounts_of(person: Person, now: datetime) -> list[AccountHealth]:
    """The accounts this person may see, by label. Counts are of records that they may see."""
    counted = (
        visible_to(person)
        .order_by()
        .values("account_id")
        .annotate(
            records=Count("pk"),
            due=Count("pk", filter=Q(lookup__due_at__lte=now)),
            never=Count("pk", filter=Q(lookup__outcome__isnull=True)),
        )
    )
    counts = {row["account_id"]: row for row in counted}
    nothing = {"records": 0, "due": 0, "never": 0}
    healths = []
    for account in visible_accounts(person).select_related("team", "owner").order_by("label"):
        count = counts.get(account.pk, nothing)
        healths.append(
            AccountHealth(
                account=account,
                records=count["records"],
                due=count["due"],
                never_looked_up=count["never"],
                pace=account.per_minute or PROVIDERS[account.provider].per_minute,
                state=_state(account, now),
                query=GenerationFilter(account=(account.label,)).canonical(),
                never_query=GenerationFilter(account=(account.label,), outcome=(None,)).canonical(),
            )
        )
    return healths


def _state(account: Account, now: datetime) -> str:
    if account.paused_at is not None:
        return "paused"
    if account.blocked_until is not None and account.blocked_until > now:
        return "waiting"
    if account.notice:
        return "flagged"
    return "never" if account.last_ok_at is None else "well"


def last_runs(person: Person, number: int) -> list[RunSummary]:
    """The newest runs that have a part this person may see, newest first."""
    parts = visible_run_parts(person)
    newest = parts.order_by("-run_id").values("run_id").distinct()[:number]
    rows = (
        parts.filter(run_id__in=newest).select_related("run", "account").order_by("-run_id", "account__label")
    )
    return [_summary(list(group)) for _, group in groupby(rows, key=lambda part: part.run_id)]


def _summary(parts: Sequence[RunPart]) -> RunSummary:
    return RunSummary(
        run=parts[0].run,
        requested=sum(part.requested for part in parts),
        changed=sum(part.changed for part in parts),
        outcomes=_outcomes(parts),
        parts=tuple(RunPartSummary(part, _outcomes([part])) for part in parts),
    )


def _outcomes(parts: Sequence[RunPart]) -> tuple[tuple[str, int], ...]:
    """The counts that are not zero, with their words, in the order in which outcomes are documented."""
    sums = [(word, sum(getattr(part, word) for part in parts)) for word in COUNTED]
    return tuple((word.replace("_", " "), count) for word, count in sums if count)
