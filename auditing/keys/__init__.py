"""Accounts' keys: sealed by whoever is given one, opened by workers alone, to send."""
