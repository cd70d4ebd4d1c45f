"""Questions in, plain dataclasses out: what reports, the overview and commands say about many rows at once.

`totals` (jobs and credits) and `timings` (waiting and running) answer a `Question` for a person, from the
rollups: they count what `access.visible_to` shows, no row more and none less. Days are the report zone's.
"""

from auditing.reports.asked import (
    CREDITS,
    FINDINGS,
    PERIOD_WORDS,
    TIMING,
    Asked,
    Kind,
    group_words,
    report_on,
)
from auditing.reports.credit_report import CreditReport, credit_report
from auditing.reports.freshness import Freshness
from auditing.reports.lines import Line
from auditing.reports.periods import UNDATED, Period, month_of
from auditing.reports.questions import Dimension, Question, times_offered
from auditing.reports.timing_report import Times, TimingReport, timing_report
from auditing.reports.timings import Timings, timings
from auditing.reports.totals import Cell, Credits, Output, Part, Sums, totals, totals_of_each
from auditing.rollups import OtherZone

__all__ = [
    "CREDITS",
    "FINDINGS",
    "PERIOD_WORDS",
    "TIMING",
    "UNDATED",
    "Asked",
    "Cell",
    "CreditReport",
    "Credits",
    "Dimension",
    "Freshness",
    "Kind",
    "Line",
    "OtherZone",
    "Output",
    "Part",
    "Period",
    "Question",
    "Sums",
    "Times",
    "TimingReport",
    "Timings",
    "credit_report",
    "group_words",
    "month_of",
    "report_on",
    "times_offered",
    "timing_report",
    "timings",
    "totals",
    "totals_of_each",
]
