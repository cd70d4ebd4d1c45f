"""Budgets: set, held against what was used, told of."""
