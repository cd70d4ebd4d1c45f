"""A population in the database of one test."""

import pytest

from auditing.access import Person
from tests.filters.population import Population, live_on, populate


@pytest.fixture
def population(db: None) -> Population:  # noqa: ARG001 - the database has to be there first
    """Two hundred generations of two teams, and the people who may see some of them."""
    return populate()


@pytest.fixture
def viewers(population: Population) -> dict[str, Person]:
    """All who may look at it when years have passed, by name."""
    return live_on(population)
