"""The demo's statement differs from the sample jobs in every way that one sees at once."""

from datetime import UTC, datetime

import pytest

from auditing.access import acting_as
from auditing.demo.stating import state_last_month
from auditing.statements import Figure, reconciled
from tests.views.cast import assemble, completed

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_the_sample_statement_has_what_is_missing_different_and_matched() -> None:
    cast = assemble()
    assert state_last_month(NOW) is None
    for number in range(9):
        charged = {"credits_thousandths": 7000, "credits_basis": "reported", "credits_most_thousandths": 7000}
        completed(
            cast.nano, f"vid_{number}", None, created_at=datetime(2026, 10, 1 + number, tzinfo=UTC), **charged
        )
    statement = state_last_month(NOW)
    assert statement is not None
    with acting_as(cast.max):
        found = reconciled(statement, Figure.NET)
    assert {one.kind.value: (one.ids, one.difference) for one in found.kinds if one.ids} == {
        "different": (3, 3000),
        "missing-here": (2, 14000),
        "missing-there": (2, -14000),
        "matched": (4, 0),
    }
