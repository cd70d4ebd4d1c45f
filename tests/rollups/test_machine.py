"""Whatever happens to rows, in whichever order: rollups are what the rows add up to."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from auditing.access import SYSTEM, acting_as
from auditing.models import Lookup
from auditing.models.lookups import UNSETTLED
from auditing.records import CreditsBasis, Flag, Record, Status
from tests.rollups.rows import Scene, a_scene, differences, look_up, register, sql

DAY = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)
moments = st.none() | st.integers(0, 60).map(
    lambda hours: DAY + timedelta(hours=hours, milliseconds=7 * hours)
)


@st.composite
def records(draw: st.DrawFn) -> Record:
    """What a provider may say, odd times and unknown figures included."""
    basis = draw(st.sampled_from([None, CreditsBasis.REPORTED, CreditsBasis.DOCUMENTED]))
    return Record(
        status=draw(st.sampled_from(list(Status))),
        provider_status="said",
        mode=draw(st.sampled_from([None, "text-to-video"])),
        resolution=draw(st.sampled_from([None, "4k"])),
        duration_milliseconds=draw(st.sampled_from([None, 0, 5000])),
        credits_basis=basis,
        credits_thousandths=None if basis is None else draw(st.sampled_from([0, 1, 7000, 9500])),
        created_at=draw(moments),
        processing_started_at=draw(moments),
        processing_completed_at=draw(moments),
        flags=draw(st.sampled_from([frozenset(), frozenset({Flag.IMPOSSIBLE_TIMES})])),
    )


class Rows(RuleBasedStateMachine):
    """Ids come in, are looked up again and again, change hands, and some are deleted; folded or not."""

    scene: Scene
    numbers = count()
    minutes = count()

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []

    @rule(account=st.integers(0, 1), owner=st.sampled_from([None, 0, 1]), many=st.integers(1, 4))
    def come_in(self, account: int, owner: int | None, many: int) -> None:
        ids = [f"id{account}_{next(self.numbers)}" for _ in range(many)]
        register(self.scene, account, ids, owner)
        self.ids += ids

    @rule(data=st.data())
    def are_looked_up(self, data: st.DataObject) -> None:
        for account in (0, 1):
            mine = [one for one in self.ids if one.startswith(f"id{account}")]
            if mine:
                wanted = data.draw(st.lists(st.sampled_from(mine), unique=True, min_size=1, max_size=4))
                said = {external_id: data.draw(records()) for external_id in wanted}
                look_up(self.scene, account, said, DAY + timedelta(days=30, minutes=next(self.minutes)))

    @rule(owner=st.sampled_from([None, 0, 1]), labelled=st.booleans(), third=st.integers(0, 2))
    def change_hands(self, owner: int | None, labelled: bool, third: int) -> None:
        sql(
            "UPDATE auditing_generation SET owner_id = %s, project_id = %s WHERE id %% 3 = %s",
            None if owner is None else self.scene.people[owner].pk,
            self.scene.project.pk if labelled else None,
            third,
        )

    @rule()
    def are_deleted(self) -> None:
        unseen = "SELECT id FROM auditing_generation WHERE status IS NULL ORDER BY id LIMIT 2"
        for table in ("searchedid", "searchtext", "lookup"):
            sql(f"DELETE FROM auditing_{table} WHERE generation_id IN ({unseen})")  # noqa: S608
        sql(f"DELETE FROM auditing_generation WHERE id IN ({unseen})")  # noqa: S608

    @rule(most=st.sampled_from([1, 2, 3, 1000]))
    def are_folded(self, most: int) -> None:
        sql("SELECT auditing_fold_rollups(%s)", most)

    @invariant()
    def are_what_their_rows_add_up_to(self) -> None:
        assert differences() == []

    @invariant()
    def lookups_know_when_their_records_were_created(self) -> None:
        with acting_as(SYSTEM):
            rows = Lookup.objects.annotate(is_unsettled=Q(UNSETTLED)).select_related("generation")
            known = {row.pk: row.created_at for row in rows}
            expected = {row.pk: row.generation.created_at if row.is_unsettled else None for row in rows}
        assert known == expected


@pytest.mark.usefixtures("committed_db")
def test_rollups_are_what_their_rows_add_up_to(request: pytest.FixtureRequest) -> None:
    examples = request.config.getoption("--rollup-examples")

    class OnStage(Rows):
        scene = a_scene()

    options: dict[str, Any] = {
        "max_examples": examples,
        "stateful_step_count": 12,
        "deadline": None,
        "suppress_health_check": list(HealthCheck),
    }
    run_state_machine_as_test(OnStage, settings=settings(**options))
