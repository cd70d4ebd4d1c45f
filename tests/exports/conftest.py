"""Exports are tested on the population that filters are tested on."""

from tests.filters.conftest import population

__all__ = ["population"]
