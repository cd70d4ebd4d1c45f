"""The overview's figures for one person: plain values, each with the list's query string for its rows.

What can be added up comes from rollups, exact and as of one moment; the rest is counted up to a cap along an
index. Nothing here reads all rows that somebody may see.
"""

from auditing.overview.at_a_glance import Overview, overview_of
from auditing.overview.days import Day, Failures, Month, Spent

__all__ = ["Day", "Failures", "Month", "Overview", "Spent", "overview_of"]
