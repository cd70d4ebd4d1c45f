"""Proves that history is as it was written: from its own rows, and against earlier checkpoints."""

from auditing.verification.findings import Anchor, Chain, Finding, Kind, Verified
from auditing.verification.verify import UnknownAccounts, verify

__all__ = ["Anchor", "Chain", "Finding", "Kind", "UnknownAccounts", "Verified", "verify"]
