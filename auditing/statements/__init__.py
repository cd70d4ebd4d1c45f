"""Providers' statements against our jobs: what matches, what is missing on either side, what differs.

`reading` takes a document apart, `entering` keeps it, `reconciling` compares it, `written` makes files of
that. Whoever may read a statement (`access.visible_statements`) sees all of its team's jobs.
"""

from auditing.statements.comparing import Pair
from auditing.statements.entering import (
    AlreadyThere,
    NotEntered,
    StatementWanted,
    Unreadable,
    enter,
    withdraw,
)
from auditing.statements.kinds import WORDS, Figure, Kind
from auditing.statements.reading import Charge, NoAmount, read_charges, thousandths_of
from auditing.statements.reconciling import (
    PairsPage,
    Reconciliation,
    Sums,
    Totals,
    page_of,
    pairs_of,
    reconciled,
    totals_of,
)

__all__ = [
    "WORDS",
    "AlreadyThere",
    "Charge",
    "Figure",
    "Kind",
    "NoAmount",
    "NotEntered",
    "Pair",
    "PairsPage",
    "Reconciliation",
    "StatementWanted",
    "Sums",
    "Totals",
    "Unreadable",
    "enter",
    "page_of",
    "pairs_of",
    "read_charges",
    "reconciled",
    "thousandths_of",
    "totals_of",
    "withdraw",
]
