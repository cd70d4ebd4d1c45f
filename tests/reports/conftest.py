"""The people and rows that reports are about."""

from datetime import timedelta

import pytest

from auditing.models import Generation
from auditing.rollups import fold
from tests.filters.population import Population, populate


@pytest.fixture
def population(db: None) -> Population:  # noqa: ARG001 - the database has to be there first
    """The filters' people and rows, spread over a year, some with times that belong together; half folded."""
    made = populate()
    for number, row in enumerate(made.generations):
        if row.created_at is not None and row.created_at.year > 1:
            row.created_at -= timedelta(days=number * 37 % 400)
            if number % 3:
                row.processing_started_at = row.created_at + timedelta(milliseconds=number * number * 7)
                row.processing_completed_at = row.processing_started_at + timedelta(milliseconds=number**3)
        else:
            row.created_at = None
        row.credits_most_thousandths = (row.credits_thousandths or 0) + number % 2 * 500
        row.status = row.status or None
    columns = ["created_at", "processing_started_at", "processing_completed_at", "credits_most_thousandths"]
    Generation.objects.bulk_update(made.generations[:120], columns)
    fold()
    Generation.objects.bulk_update(made.generations[120:], columns)
    return made
