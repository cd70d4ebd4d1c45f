"""Closing a team's month for good, and proving that closed months still say what they said.

What is frozen, and how later changes become adjustments, is said beside the SQL (`migrations/_closing.py`).
"""

from auditing.closing.closing import Busy, NotClosed, close, is_over, month_named
from auditing.closing.proving import Flaw, Proof, prove

__all__ = ["Busy", "Flaw", "NotClosed", "Proof", "close", "is_over", "month_named", "prove"]
