"""A population in the database of one test."""

import pytest

from tests.filters.population import Population, populate


@pytest.fixture
def population(db: None) -> Population:  # noqa: ARG001 - the database has to be there first
    """Two hundred generations of two teams, and the people who may see some of them."""
    return populate()
