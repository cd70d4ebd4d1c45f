"""What was paid for nothing, or oddly: what to claim back, repeats, odd charges, each with its rows."""

from auditing.findings.claiming import claim_csv, claim_text
from auditing.findings.looking import Findings, findings_of, rows_of
from auditing.findings.refunds import AGES, MOST_ROWS, Choice, Refunds, Stands, chosen_ids, in_order

__all__ = [
    "AGES",
    "MOST_ROWS",
    "Choice",
    "Findings",
    "Refunds",
    "Stands",
    "chosen_ids",
    "claim_csv",
    "claim_text",
    "findings_of",
    "in_order",
    "rows_of",
]
