"""Whatever lookups bring and managers mark, in whichever order: refunds stand as counted by hand."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from auditing.access import acting_as, visible_to
from auditing.findings.refunds import AGES, Choice, Stands, Tally, chosen_ids, refunds_of
from auditing.models import Generation, RefundState, Role, User
from auditing.records import Answer, CreditsBasis, Outcome, Record, Status
from auditing.refunding import mark
from auditing.sync.fetch import Fetched
from auditing.sync.store import Chance, Looked, store_batch
from tests.rollups.rows import Scene, a_scene, register
from tests.stage import a_person

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
TODAY, ZONE = date(2026, 6, 30), ZoneInfo("UTC")
DAYS_AGO = (None, -1, 0, 7, 8, 30, 31, 90, 91, 400)


@dataclass
class Job:
    """A job as it should stand: what was said of it last, and its refund, if there is one."""

    team: int
    owner: int | None
    status: Status | None = None
    credits: int | None = None
    most: int | None = None
    days_ago: int | None = None
    is_missing: bool = False
    state: RefundState | None = None
    stake: int | None = None
    back: int = 0
    version: int = 0
    said: tuple[str, str] | None = None

    def answer(self, status: Status, credits_: int | None, days_ago: int | None) -> None:
        """A good answer: what is less than before is a refund, as much as at most is none any more."""
        before, had = self.credits, self.most
        self.status, self.credits, self.days_ago, self.is_missing = status, credits_, days_ago, False
        if credits_ is None:
            return
        self.most = credits_ if had is None else max(had, credits_)
        back = self.most - credits_
        if had is None or before == credits_ or back == self.back:
            return
        if self.state is None:
            self.state, self.stake = RefundState.REFUNDED, self.most
        elif back > self.back:
            self.state = RefundState.REFUNDED
        elif back == 0 and self.state is RefundState.REFUNDED:
            self.state = RefundState.OPEN
        self.back, self.version, self.said = back, self.version + 1, None

    def mark(self, who: str, seen: int, state: RefundState, note: str) -> None:
        """A manager's mark."""
        stood = self.state or RefundState.OPEN
        is_over = self.status in (Status.COMPLETED, Status.FAILED) or self.is_missing
        if stood is state and self.said in ((who, note), None) and (self.version == 0 or self.said):
            return
        if seen != self.version or not (self.state or (is_over and self.credits != 0)):
            return
        keeps = (RefundState.CLAIMED, RefundState.REFUSED), (RefundState.REFUNDED, RefundState.REFUSED)
        if not (self.state in keeps[0] and state in keeps[1]):
            self.stake = self.credits
        self.state, self.version, self.said = state, self.version + 1, (who, note)

    @property
    def stands(self) -> Stands | None:
        """Where it is counted."""
        if self.state and self.state is not RefundState.OPEN:
            return Stands(self.state.value)
        if self.status is not Status.FAILED and not (self.is_missing and self.status):
            return None
        return None if self.credits == 0 else Stands.OPEN if self.credits else Stands.UNKNOWN

    @property
    def amount(self) -> int | None:
        """What it counts with."""
        if self.stands in (Stands.OPEN, Stands.UNKNOWN):
            return self.credits
        return self.back or self.stake if self.stands is Stands.REFUNDED else self.stake


class Refunds(RuleBasedStateMachine):
    """Two teams' jobs are looked up, vanish, and are marked by the managers of either."""

    scenes: tuple[Scene, Scene]
    managers: tuple[User, User]
    auditor: User
    root: User
    numbers = count()
    minutes = count()

    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[str, Job] = {}

    def pks(self) -> dict[str, int]:
        return dict(Generation.objects.filter(external_id__in=self.jobs).values_list("external_id", "pk"))

    @rule(team=st.integers(0, 1), owner=st.sampled_from([None, 0, 1]), many=st.integers(1, 3))
    def come_in(self, team: int, owner: int | None, many: int) -> None:
        ids = [f"job{next(self.numbers)}" for _ in range(many)]
        register(self.scenes[team], 0, ids, owner)
        self.jobs |= {external_id: Job(team, owner) for external_id in ids}

    @rule(data=st.data())
    def are_looked_up(self, data: st.DataObject) -> None:
        for team, scene in enumerate(self.scenes):
            mine = [one for one, job in self.jobs.items() if job.team == team]
            wanted = data.draw(st.lists(st.sampled_from(mine), unique=True)) if mine else []
            self.store(scene, {one: self.answered(data, self.jobs[one]) for one in wanted})

    def answered(self, data: st.DataObject, job: Job) -> Answer:
        if data.draw(st.integers(0, 5)) == 0:
            job.is_missing = True
            return Answer(outcome=Outcome.MISSING, http_status=404, reason="not found")
        status = data.draw(
            st.sampled_from([Status.FAILED, Status.FAILED, Status.COMPLETED, Status.PROCESSING])
        )
        credits_ = data.draw(st.sampled_from([None, 0, 1, 4000, 10_000]))
        days_ago = data.draw(st.sampled_from(DAYS_AGO))
        job.answer(status, credits_, days_ago)
        record = Record(
            status=status,
            provider_status="said",
            credits_thousandths=credits_,
            credits_basis=None if credits_ is None else CreditsBasis.REPORTED,
            created_at=None if days_ago is None else NOW - timedelta(days=days_ago),
        )
        return Answer(outcome=Outcome.OK, http_status=200, record=record, payload={"said": repr(record)})

    def store(self, scene: Scene, answers: dict[str, Answer]) -> None:
        part, pks = scene.parts[scene.accounts[0].pk], self.pks()
        at = NOW + timedelta(minutes=next(self.minutes))
        batch = [Looked(pks[one], Fetched(answer, at, 10)) for one, answer in answers.items()]
        if batch:
            store_batch(replace(part), batch, Chance())

    @rule(data=st.data(), team=st.integers(0, 1), state=st.sampled_from(RefundState))
    def are_marked(self, data: st.DataObject, team: int, state: RefundState) -> None:
        """Any of all jobs: those of the other team are passed over. Some were seen as they stood before."""
        if not self.jobs:
            return
        wanted = data.draw(st.lists(st.sampled_from(sorted(self.jobs)), unique=True, min_size=1))
        note, late = data.draw(st.sampled_from(["", "case 1"])), data.draw(st.booleans())
        who, pks = self.managers[team], self.pks()
        seen = {one: max(0, self.jobs[one].version - (1 if late else 0)) for one in wanted}
        with acting_as(who):
            mark(who, {pks[one]: version for one, version in seen.items()}, state, note)
        for one in wanted:
            if self.jobs[one].team == team:
                self.jobs[one].mark(who.username, seen[one], state, note)

    @invariant()
    def stand_as_their_rows_say(self) -> None:
        names = {pk: one for one, pk in self.pks().items()}
        ben = self.scenes[0].people[1]
        sights: list[tuple[User, Any]] = [
            (ben, lambda job: job.team == 0 and job.owner == 1),
            (self.auditor, lambda job: job.team == 0),
            (self.managers[1], lambda job: job.team == 1),
            (self.root, lambda _job: True),
        ]
        for person, sees in sights:
            seen = {one: job for one, job in self.jobs.items() if sees(job)}
            with acting_as(person):
                rows = visible_to(person).filter(pk__in=names).order_by()
                found = refunds_of(rows, Choice(), TODAY, ZONE)
                listed = {one: chosen_ids(rows, Choice(one), TODAY, ZONE) for one in Stands}
            for line in found.lines:
                mine = {one: job for one, job in seen.items() if job.stands is line.stands}
                assert line.total == tally(mine.values())
                assert line.by_age == tuple(
                    tally(job for job in mine.values() if age.has(job.days_ago)) for age in AGES
                )
                assert sorted(names[pk] for pk in listed[line.stands]) == sorted(mine)


def tally(jobs: Iterable[Job]) -> Tally:
    """The jobs one by one."""
    amounts = [job.amount for job in jobs]
    known = [amount for amount in amounts if amount is not None]
    return Tally(len(amounts), sum(known), len(amounts) - len(known))


@pytest.mark.usefixtures("committed_db")
def test_refunds_stand_as_their_rows_say(request: pytest.FixtureRequest) -> None:
    scenes = a_scene("studio"), a_scene("other")

    class OnStage(Refunds):
        pass

    OnStage.scenes = scenes
    OnStage.managers = (
        a_person("mia", scenes[0].team, Role.MANAGER),
        a_person("max", scenes[1].team, Role.MANAGER),
    )
    OnStage.auditor = a_person("art", scenes[0].team, Role.AUDITOR)
    OnStage.root = User.objects.create(username="root", is_superuser=True)
    options: dict[str, Any] = {
        "max_examples": request.config.getoption("--rollup-examples"),
        "stateful_step_count": 12,
        "deadline": None,
        "suppress_health_check": list(HealthCheck),
    }
    run_state_machine_as_test(OnStage, settings=settings(**options))
