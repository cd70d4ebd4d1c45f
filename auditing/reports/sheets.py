"""Reports as tables: what a report is, and its figures by the names of columns, for whatever writes files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from auditing.records import decimal_of_thousandths, iso_utc
from auditing.reports.asked import group_words
from auditing.reports.credit_report import CreditReport, Line
from auditing.reports.timing_report import Times, TimingReport
from auditing.rollups import Histogram

type Figure = int | str | None
type Figures = dict[str, Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A report as a table: `head` says what it is, `lines` have a word for each of `groups` and a figure for
    each of `columns` (None: not known, which is never 0); `total` is what they come to, `beside` what else
    JSON has. `in_text` are the columns that a terminal has room for."""

    name: str
    head: Sequence[tuple[str, str]]
    groups: Sequence[str]
    columns: Sequence[str]
    lines: Sequence[tuple[tuple[str, ...], Figures]]
    total: Figures
    beside: Mapping[str, Figures]
    in_text: Sequence[str]


def _head(report: CreditReport | TimingReport, asked_by: str) -> list[tuple[str, str]]:
    period = report.asked.period
    undated = f"{report.undated_jobs} ({'counted' if report.has_undated else 'in no period'})"
    return [
        ("report", report.asked.kind.name),
        ("what", report.asked.words()),
        ("period_from", period.first.isoformat() if period.first else ""),
        ("period_to", period.last.isoformat() if period.last else ""),
        ("query", report.asked.canonical()),
        ("time_zone", report.zone.key),
        ("as_of", iso_utc(report.as_of) or ""),
        ("asked_by", asked_by),
        ("undated_jobs", undated),
    ]


def _credits(thousandths: int | None) -> str | None:
    """Whole credits as decimal text; None where nobody knows."""
    return None if thousandths is None else f"{decimal_of_thousandths(thousandths):f}"


CREDIT_COLUMNS: Mapping[str, Callable[[Line], Figure]] = {
    "jobs": lambda line: line.jobs,
    "completed_jobs": lambda line: line.completed_jobs,
    "failed_jobs": lambda line: line.failed_jobs,
    "unresolved_jobs": lambda line: line.unresolved,
    "credits_gross": lambda line: _credits(line.credits.gross),
    "credits_refunded": lambda line: _credits(line.credits.refunded),
    "credits_net": lambda line: _credits(line.credits.net),
    "credits_on_completed": lambda line: _credits(line.completed.net),
    "credits_on_failed": lambda line: _credits(line.failed.net),
    "jobs_with_credits": lambda line: line.credits.known,
    "jobs_with_documented_credits": lambda line: line.credits.documented,
    "jobs_left_out": lambda line: line.credits.left_out,
    "jobs_without_credits": lambda line: line.credits.unknown,
    "credits_per_completed_video": lambda line: _credits(line.per_video),
    "credits_per_completed_second": lambda line: _credits(line.per_second),
}
_CREDITS_IN_TEXT = (
    "jobs", "credits_gross", "credits_refunded", "credits_net", "credits_on_failed", "jobs_without_credits",
)  # fmt: skip


def credit_sheet(report: CreditReport, asked_by: str) -> Sheet:
    """The credit report; credits are decimal text, since readers take JSON's numbers for inexact ones."""

    def figures(line: Line) -> Figures:
        return {name: read(line) for name, read in CREDIT_COLUMNS.items()}

    head = _head(report, asked_by)
    head.append(("documented_credits", "counted" if report.asked.documented else "left out"))
    beside = {"undated": figures(report.undated)}
    if report.before and report.before_period and report.before_period.first and report.before_period.last:
        ends = {"period_from": report.before_period.first, "period_to": report.before_period.last}
        dates: Figures = {name: day.isoformat() for name, day in ends.items()}
        beside["period_before"] = {**dates, **figures(report.before)}
    return Sheet(
        name="Credits",
        head=head,
        groups=[group_words(one) for one in report.asked.group_by],
        columns=tuple(CREDIT_COLUMNS),
        lines=[(line.names, figures(line)) for line in report.lines],
        total=figures(report.total),
        beside=beside,
        in_text=_CREDITS_IN_TEXT,
    )


def _seconds(histogram: Histogram, percent: int) -> str | None:
    """Seconds as decimal text, within 2 % of the exact time; None where no time is known."""
    found = histogram.percentile(percent)
    return None if found is None else f"{decimal_of_thousandths(round(found)):f}"


def _percentile(of: str, percent: int) -> Callable[[Times], Figure]:
    return lambda line: _seconds(getattr(line.timings, of), percent)


TIMING_COLUMNS: Mapping[str, Callable[[Times], Figure]] = {
    "jobs": lambda line: line.timings.jobs,
    "completed_jobs": lambda line: line.completed_jobs,
    "failed_jobs": lambda line: line.failed_jobs,
    **{f"waiting_p{percent}_seconds": _percentile("waiting", percent) for percent in (50, 90, 95, 99)},
    "jobs_waiting_unknown": lambda line: line.timings.waiting_unknown,
    **{f"running_p{percent}_seconds": _percentile("running", percent) for percent in (50, 90, 95, 99)},
    "jobs_running_unknown": lambda line: line.timings.running_unknown,
    "jobs_with_impossible_times": lambda line: line.timings.impossible,
}
_TIMES_IN_TEXT = (
    "jobs", "failed_jobs", "waiting_p50_seconds", "waiting_p95_seconds", "running_p50_seconds",
    "running_p95_seconds", "jobs_running_unknown",
)  # fmt: skip


def timing_sheet(report: TimingReport, asked_by: str) -> Sheet:
    """The timing report; percentiles are within 2 % of the exact ones."""

    def figures(line: Times) -> Figures:
        return {name: read(line) for name, read in TIMING_COLUMNS.items()}

    return Sheet(
        name="Timing",
        head=_head(report, asked_by),
        groups=[group_words(one) for one in report.asked.group_by],
        columns=tuple(TIMING_COLUMNS),
        lines=[(line.names, figures(line)) for line in report.lines],
        total=figures(report.total),
        beside={},
        in_text=_TIMES_IN_TEXT,
    )
