"""Questions in, plain dataclasses out: what reports, the overview and commands say about many rows at once.

`totals` (jobs and credits) and `timings` (waiting and running) answer a `Question` for a person, from the
rollups: they count what `access.visible_to` shows, no row more and none less. Days are the report zone's.
"""

from auditing.reports.periods import UNDATED, Period, month_of
from auditing.reports.questions import Dimension, Question, times_offered
from auditing.reports.timings import Timings, timings
from auditing.reports.totals import Cell, Credits, Output, Sums, totals

__all__ = [
    "UNDATED",
    "Cell",
    "Credits",
    "Dimension",
    "Output",
    "Period",
    "Question",
    "Sums",
    "Timings",
    "month_of",
    "times_offered",
    "timings",
    "totals",
]
