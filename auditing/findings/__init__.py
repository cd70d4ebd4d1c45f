"""What was paid for nothing, or oddly: what to claim back, repeats, odd charges, each with its rows."""

from auditing.findings.claiming import claim_csv, claim_text
from auditing.findings.looking import Findings, findings_of

__all__ = ["Findings", "claim_csv", "claim_text", "findings_of"]
