"""Reports as tables: what a report is, and its figures by the names of columns, for whatever writes files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from auditing.currencies import exact
from auditing.records import decimal_of_thousandths, iso_utc
from auditing.reports.asked import group_words
from auditing.reports.credit_report import CreditReport
from auditing.reports.freshness import Freshness
from auditing.reports.hours import HOURS, Hours
from auditing.reports.lines import Line
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


def _head(report: CreditReport | TimingReport, fresh: Freshness, asked_by: str) -> list[tuple[str, str]]:
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
        *((name, "" if said is None else str(said)) for name, said in _fresh(fresh).items()),
    ]


def _fresh(found: Freshness) -> Figures:
    """How fresh the total is; None is not known. A count that was stopped says so: 10,000+."""
    share = found.looked_up_share
    return {
        "jobs_unresolved": found.unresolved,
        "jobs_not_looked_up_since": None if found.stale is None else str(found.stale).replace(",", ""),
        "looked_up_since_percent": None if share is None else f"{share / 10:.1f}",
        "oldest_lookup_of_unresolved": iso_utc(found.oldest),
    }


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


def _money_columns(report: CreditReport) -> dict[str, Callable[[Line], Figure]]:
    """The columns of each currency, exact and never added up, and what has no price; none without a price."""
    if not report.has_prices:
        return {}
    columns: dict[str, Callable[[Line], Figure]] = {}
    for place, currency in enumerate(report.currencies):
        for name in ("gross", "refunded", "net", "on_completed", "on_failed"):
            columns[f"{currency.lower()}_{name}"] = _money(place, name)
    columns["jobs_without_price"] = lambda line: line.unpriced_jobs
    columns["credits_without_price"] = lambda line: _credits(line.unpriced_credits)
    return columns


def _money_in_text(report: CreditReport) -> list[str]:
    nets = [f"{currency.lower()}_net" for currency in report.currencies]
    return [*nets, "jobs_without_price"] if report.has_prices else []


def _money(place: int, name: str) -> Callable[[Line], Figure]:
    def read(line: Line) -> Figure:
        found = line.money[place]
        return None if found is None else exact(getattr(found, name))

    return read


def credit_sheet(report: CreditReport, fresh: Freshness, asked_by: str) -> Sheet:
    """The credit report and how fresh its total is. Credits are decimal text, since readers take JSON's
    numbers for inexact ones."""

    columns = {**CREDIT_COLUMNS, **_money_columns(report)}

    def figures(line: Line) -> Figures:
        return {name: read(line) for name, read in columns.items()}

    head = _head(report, fresh, asked_by)
    head.append(("documented_credits", "counted" if report.asked.documented else "left out"))
    beside = {"undated": figures(report.undated), "freshness": _fresh(fresh)}
    if report.before and report.before_period and report.before_period.first and report.before_period.last:
        ends = {"period_from": report.before_period.first, "period_to": report.before_period.last}
        dates: Figures = {name: day.isoformat() for name, day in ends.items()}
        beside["period_before"] = {**dates, **figures(report.before)}
    return Sheet(
        name="Credits",
        head=head,
        groups=[group_words(one) for one in report.asked.group_by],
        columns=tuple(columns),
        lines=[(line.names, figures(line)) for line in report.lines],
        total=figures(report.total),
        beside=beside,
        in_text=(*_CREDITS_IN_TEXT, *_money_in_text(report)),
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


def _by_hour(hours: Hours) -> dict[str, Figures]:
    """Jobs by hour of the week: `monday_00` is Monday from midnight to one."""
    return {
        f"{name}_by_hour_of_week": {
            f"{day.name.lower()}_{hour:02}": day.hours[hour].jobs
            for day in found.weekdays
            for hour in range(HOURS)
        }
        for name, found in hours.maps
    }


def timing_sheet(report: TimingReport, fresh: Freshness, asked_by: str) -> Sheet:
    """The timing report and how fresh its total is; percentiles are within 2 % of the exact ones."""

    def figures(line: Times) -> Figures:
        return {name: read(line) for name, read in TIMING_COLUMNS.items()}

    return Sheet(
        name="Timing",
        head=_head(report, fresh, asked_by),
        groups=[group_words(one) for one in report.asked.group_by],
        columns=tuple(TIMING_COLUMNS),
        lines=[(line.names, figures(line)) for line in report.lines],
        total=figures(report.total),
        beside={"freshness": _fresh(fresh), **_by_hour(report.hours)},
        in_text=_TIMES_IN_TEXT,
    )
