"""What a run shows on a terminal: a progress bar while it works, a table at its end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from auditing.records import Outcome
from auditing.sync.run import Progress, Silence
from auditing.sync.summary import RunSummary

_SHOWN = ("requested", *(outcome.value for outcome in Outcome), "not_reached", "changed")
_ALWAYS = ("requested", "ok", "changed")


class _Drawn:
    """Progress as one bar an account."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def begin(self, label: str, due: int) -> None:
        """Draw this account's bar."""
        self._tasks[label] = self._bars.add_task(label, total=due)

    def advance(self, label: str, looked_up: int) -> None:
        """Move it on."""
        self._bars.advance(self._tasks[label], looked_up)


@contextmanager
def progress() -> Iterator[Progress]:
    """Bars on standard error while it is a terminal, else nothing."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Silence()
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=console) as bars:
        yield _Drawn(bars)


def print_summary(summary: RunSummary) -> None:
    """The run's table on standard output: a line an account, columns that are not all zero, the total."""
    if summary.state is None:
        Console().print(
            Text(f"Nothing was asked: other runs hold {', '.join(summary.held)}."), soft_wrap=True
        )
        return
    shown = [name for name in _SHOWN if name in _ALWAYS or summary.total(name)]
    table = Table(title=f"Run {summary.run_id}: {summary.state.label.lower()} in {summary.seconds:.1f} s")
    table.add_column("account")
    for name in shown:
        table.add_column(name.replace("_", " "), justify="right")
    for part in summary.parts:
        table.add_row(Text(part.account.label), *(f"{getattr(part, name):,}" for name in shown))
    table.add_section()
    table.add_row("total", *(f"{summary.total(name):,}" for name in shown))
    console = Console()
    console.print(table)
    if summary.held:
        console.print(Text(f"Held by other runs: {', '.join(summary.held)}."), soft_wrap=True)
    for part in summary.parts:
        if part.ended:
            console.print(Text(f"{part.account.label}: {part.ended}"), soft_wrap=True)


def print_due(due: Mapping[str, int]) -> None:
    """What a dry run found, a line an account."""
    table = Table(title="Due now; nothing was sent")
    table.add_column("account")
    table.add_column("due", justify="right")
    for label, count in due.items():
        table.add_row(Text(label), f"{count:,}")
    table.add_section()
    table.add_row("total", f"{sum(due.values()):,}")
    Console().print(table)
