"""Questions in, plain dataclasses out: what reports, the overview and commands say about many rows at once.

`totals` (jobs and credits) and `timings` (waiting and running) answer a `Question` for a person, from the
rollups: they count what `access.visible_to` shows, no row more and none less. Days are the report zone's.
"""

from auditing.reports.asked import PERIOD_WORDS, Asked, group_words, report_on
from auditing.reports.credit_report import CreditReport, Line, credit_report
from auditing.reports.periods import UNDATED, Period, month_of
from auditing.reports.questions import Dimension, Question, times_offered
from auditing.reports.timings import Timings, timings
from auditing.reports.totals import Cell, Credits, Output, Sums, totals

__all__ = [
    "PERIOD_WORDS",
    "UNDATED",
    "Asked",
    "Cell",
    "CreditReport",
    "Credits",
    "Dimension",
    "Line",
    "Output",
    "Period",
    "Question",
    "Sums",
    "Timings",
    "credit_report",
    "group_words",
    "month_of",
    "report_on",
    "times_offered",
    "timings",
    "totals",
]
