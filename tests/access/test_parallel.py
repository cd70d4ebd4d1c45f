"""How a person's questions are answered: by one process of the database."""

import pytest
from django.db import connection

from auditing.access import SYSTEM, acting_as
from tests.views.cast import assemble

USUAL = 3


def workers() -> int:
    """How many more processes may help with one question, in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('max_parallel_workers_per_gather')::int")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_a_persons_questions_are_answered_by_one_process() -> None:
    """Scheduled work has as many as the database is set to, whatever was asked before it."""
    audrey = assemble().audrey
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL max_parallel_workers_per_gather = {USUAL}")
    with acting_as(SYSTEM):
        assert workers() == USUAL
    with acting_as(audrey):
        assert workers() == 0
