"""Budgets: set by managers, held against the credits that rollups add up, told of when they run out.

What a budget's use counts is what the credit report counts of its subject in a month, for whoever looks.
"""

from auditing.budgets.crossings import Told, note_crossings
from auditing.budgets.dismissing import dismiss, open_notices
from auditing.budgets.months import first_of, later, month_name, month_now, months_up_to
from auditing.budgets.setting import (
    NotSet,
    Subject,
    TermWanted,
    add_budget,
    change_budget,
    end_budget,
    months_offered,
    subjects_of,
)
from auditing.budgets.standing import Standing, standings
from auditing.budgets.subjects import subject_of
from auditing.budgets.use import Use, term_in

__all__ = [
    "NotSet",
    "Standing",
    "Subject",
    "TermWanted",
    "Told",
    "Use",
    "add_budget",
    "change_budget",
    "dismiss",
    "end_budget",
    "first_of",
    "later",
    "month_name",
    "month_now",
    "months_offered",
    "months_up_to",
    "note_crossings",
    "open_notices",
    "standings",
    "subject_of",
    "subjects_of",
    "term_in",
]
