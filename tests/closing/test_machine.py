"""Whatever happens to rows, in whichever order: closed months and adjustments are what the rows are."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from auditing.access import SYSTEM, acting_as
from auditing.closing import close, prove
from auditing.models import Role
from tests.rollups.rows import a_scene, sql
from tests.rollups.test_machine import Rows
from tests.stage import a_person


class ClosedRows(Rows):
    """As rows are (around the end of March 2026), and March and April are closed at some time."""

    closer: Any

    @rule(month=st.sampled_from([3, 4]))
    def are_closed(self, month: int) -> None:
        with acting_as(SYSTEM):
            close(self.scene.team, date(2026, month, 1), self.closer)

    @rule(days=st.sampled_from([-3, 0, 1, 3]), third=st.integers(0, 2))
    def move(self, days: int, third: int) -> None:
        moved = "UPDATE auditing_generation SET created_at = created_at + %s * interval '1 day'"
        sql(f"{moved} WHERE id %% 3 = %s", days, third)

    @invariant()
    def are_frozen_or_told(self) -> None:
        assert [(one.month, one.flaws, one.digest) for one in prove() if not one.holds] == []


@pytest.mark.usefixtures("committed_db")
def test_closed_months_and_adjustments_are_what_their_rows_are(request: pytest.FixtureRequest) -> None:
    scene_here = a_scene()
    manager = a_person("closer", scene_here.team, Role.MANAGER)

    class OnStage(ClosedRows):
        scene = scene_here
        closer = manager

    options: dict[str, Any] = {
        "max_examples": request.config.getoption("--rollup-examples"),
        "stateful_step_count": 14,
        "deadline": None,
        "suppress_health_check": list(HealthCheck),
    }
    run_state_machine_as_test(OnStage, settings=settings(**options))
