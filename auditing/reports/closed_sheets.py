"""A closed month and its adjustments as tables, for whatever writes files."""

from collections.abc import Callable, Iterable, Mapping

from auditing.records import decimal_of_thousandths, iso_utc
from auditing.reports.adjustments import Told
from auditing.reports.asked import group_words
from auditing.reports.closed_report import ClosedReport, Compared
from auditing.reports.figures import Figures
from auditing.reports.sheets import Figure, Sheet


def _credits(thousandths: int) -> str:
    return f"{decimal_of_thousandths(thousandths):f}"


def _known(
    read: Callable[[Figures], int], is_known: Callable[[Figures], object]
) -> Callable[[Figures], Figure]:
    """Whole credits as decimal text; None where no such job's figure is known."""
    return lambda figures: _credits(read(figures)) if is_known(figures) else None


_JOBS: Mapping[str, Callable[[Figures], Figure]] = {
    "jobs": lambda one: one.jobs,
    "completed_jobs": lambda one: one.completed_jobs,
    "failed_jobs": lambda one: one.failed_jobs,
    "unresolved_jobs": lambda one: one.unresolved_jobs,
}
_CREDITS: Mapping[str, Callable[[Figures], int]] = {
    "credits_gross": lambda one: one.gross,
    "credits_refunded": lambda one: one.refunded,
    "credits_net": lambda one: one.net,
    "credits_on_completed": lambda one: one.on_completed,
    "credits_on_failed": lambda one: one.on_failed,
}
_KNOWN: Mapping[str, Callable[[Figures], object]] = {
    **dict.fromkeys(_CREDITS, lambda one: one.known),
    "credits_on_completed": lambda one: one.knows_completed,
    "credits_on_failed": lambda one: one.knows_failed,
}
_BESIDE: Mapping[str, Callable[[Figures], Figure]] = {
    "jobs_with_credits": lambda one: one.known,
    "jobs_with_documented_credits": lambda one: one.documented,
    "jobs_left_out": lambda one: one.left_out,
    "jobs_without_credits": lambda one: one.unknown,
}
_FROZEN = {**_JOBS, **{name: _known(read, _KNOWN[name]) for name, read in _CREDITS.items()}, **_BESIDE}


def _difference(read: Callable[[Figures], int]) -> Callable[[Figures], Figure]:
    """A difference is known even of none."""
    return lambda figures: _credits(read(figures))


_DIFFERENCES = {**_JOBS, **{name: _difference(read) for name, read in _CREDITS.items()}, **_BESIDE}
CLOSED_COLUMNS = tuple(f"{kind}_{name}" for kind in ("closed", "adjustment", "today") for name in _FROZEN)


def _figures(line: Compared) -> dict[str, Figure]:
    said = {f"closed_{name}": read(line.closed) for name, read in _FROZEN.items()}
    said |= {f"adjustment_{name}": read(line.adjustments) for name, read in _DIFFERENCES.items()}
    said |= {
        f"today_{name}": None if line.today is None else read(line.today) for name, read in _FROZEN.items()
    }
    return said


def _head(report: ClosedReport, what: str, asked_by: str) -> list[tuple[str, str]]:
    closed, seal = report.closed, report.seal
    return [
        ("report", what),
        ("team", closed.team.slug),
        ("month", f"{closed.month:%Y-%m}"),
        ("time_zone", closed.zone),
        ("closed_at", iso_utc(closed.closed_at) or ""),
        ("closed_by", closed.closed_by.username),
        ("whose", "all of the team" if seal else f"what {asked_by} may see"),
        ("jobs_sealed", str(seal.jobs) if seal else ""),
        ("digest", report.digest),
        ("documented_credits", "counted" if report.asked.documented else "left out"),
        ("undated_jobs", f"{report.undated} (in no month)"),
        ("as_of", iso_utc(report.as_of) or ""),
        ("asked_by", asked_by),
    ]


def closed_sheet(report: ClosedReport, asked_by: str) -> Sheet:
    """What was frozen, what became known since, and what it comes to today, by group; credits are decimal
    text, exact to the digit."""
    return Sheet(
        name="Closed month",
        head=_head(report, "closed month", asked_by),
        groups=[group_words(one) for one in report.asked.group_by],
        columns=CLOSED_COLUMNS,
        lines=[(line.names, _figures(line)) for line in report.lines],
        total=_figures(report.total),
        beside={},
        in_text=("closed_jobs", "closed_credits_net", "adjustment_credits_net", "today_credits_net"),
    )


def adjustments_sheet(report: ClosedReport, adjustments: Iterable[Told], asked_by: str) -> Sheet:
    """Each adjustment with its evidence, the newest first, and what all of them come to."""
    lines, sums = [], [0, 0, 0]
    for told in adjustments:
        changes = told.changes
        names = (
            iso_utc(told.known_at) or "",
            told.provider,
            told.external_id,
            told.words,
            "; ".join(f"{one.what}: {one.before}" for one in changes),
            "; ".join(f"{one.what}: {one.after}" for one in changes),
        )
        lines.append((names, _sums(told.jobs, told.gross, told.net)))
        sums = [sums[0] + told.jobs, sums[1] + told.gross, sums[2] + told.net]
    return Sheet(
        name="Adjustments",
        head=_head(report, "adjustments of a closed month", asked_by),
        groups=["known_at", "provider", "external_id", "what", "before", "after"],
        columns=("jobs", "credits_gross", "credits_net"),
        lines=lines,
        total=_sums(*sums),
        beside={},
        in_text=("jobs", "credits_gross", "credits_net"),
    )


def _sums(jobs: int, gross: int, net: int) -> dict[str, Figure]:
    return {"jobs": jobs, "credits_gross": _credits(gross), "credits_net": _credits(net)}
