"""What a run came to: its numbers, as one JSON object or for a table, and its exit code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from auditing.models import Run, RunPart
from auditing.records import Outcome
from auditing.sync.turn import Ending, KeyRefused, NotStarted, PlanSuspected

NEEDS_ATTENTION = (Outcome.UNREACHABLE, Outcome.MALFORMED, Outcome.REJECTED)


class ExitCode(IntEnum):
    """The fixed exit codes of `sync` (design: the command line)."""

    ALL_WELL = 0
    FAILED = 1
    USAGE = 2
    SOME_LOOKUPS_FAILED = 3
    ACCOUNT_REFUSED = 4
    ALL_HELD = 5


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One finished run: its parts in the order of their accounts' labels, how each turn ended, the labels of
    accounts that other runs held, and whether somebody told it to stop.

    There is no run (`run_id` and `state` are None) when others held every account.
    """

    run_id: int | None
    state: Run.State | None
    parts: Sequence[RunPart]
    endings: Mapping[int, Ending]
    held: Sequence[str]
    seconds: float
    was_told_to_stop: bool = False

    def total(self, column: str) -> int:
        """The sum of a part's column over all accounts."""
        return sum(getattr(part, column) for part in self.parts)

    @property
    def exit_code(self) -> ExitCode:
        """4 wins over 1 and 3: a refused account is what an operator must act on."""
        if self.run_id is None:
            return ExitCode.ALL_HELD
        endings = self.endings.values()
        if any(
            isinstance(ending, KeyRefused | PlanSuspected)
            or (isinstance(ending, NotStarted) and ending.refused)
            for ending in endings
        ):
            return ExitCode.ACCOUNT_REFUSED
        if any(isinstance(ending, NotStarted) and ending.failed for ending in endings):
            return ExitCode.FAILED
        if any(self.total(outcome) for outcome in NEEDS_ATTENTION):
            return ExitCode.SOME_LOOKUPS_FAILED
        return ExitCode.ALL_WELL

    def as_json(self) -> dict[str, Any]:
        """The object that `sync --json` prints: totals, then the same for each account."""
        return {
            "run": self.run_id,
            "state": self.state and self.state.value,
            "seconds": round(self.seconds, 3),
            **{column: self.total(column) for column in COLUMNS},
            "held": list(self.held),
            "accounts": [
                {
                    "account": part.account.label,
                    "provider": part.account.provider,
                    **{column: getattr(part, column) for column in COLUMNS},
                    "waited_seconds": part.waited_milliseconds / 1000,
                    "ended": part.ended or None,
                }
                for part in self.parts
            ],
        }


COLUMNS = ("requested", *(outcome.value for outcome in Outcome), "not_reached", "changed", "bytes")
