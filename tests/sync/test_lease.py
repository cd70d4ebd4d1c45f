"""The lease: one effective writer an account, whoever sleeps, dies or comes back late."""

import threading
from dataclasses import replace

import pytest
from django.db import connection
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from auditing.access import SYSTEM, acting_as
from auditing.models import Account, Lease, Lookup, Run, RunPart
from auditing.records import Outcome
from auditing.sync import lease
from auditing.sync.run import Order, run
from auditing.sync.summary import ExitCode
from auditing.sync.turn import Limits
from tests.stage import an_account, registered
from tests.sync.scripted import scripted, video
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("committed_db")


def taken(account: Account) -> lease.Lease | None:
    with acting_as(SYSTEM):
        return next(iter(lease.take([account.pk])), None)


def confirmed(held: lease.Lease) -> bool:
    try:
        held.renew()
    except lease.LeaseLost:
        return False
    return True


def lapse() -> None:
    """As if LAPSE_SECONDS had gone by without a confirmation."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE auditing_lease SET expires_at = clock_timestamp() - interval '1 second'")


def test_an_account_is_held_by_one_and_free_when_it_is_given_back() -> None:
    account = an_account()
    first = taken(account)
    assert first is not None
    assert taken(account) is None
    with acting_as(SYSTEM):
        first.give_back()
    second = taken(account)
    assert second is not None
    assert second.fence == first.fence + 1
    assert (confirmed(first), confirmed(second)) == (False, True)


def test_a_lapsed_lease_writes_nothing_even_before_somebody_else_takes_it() -> None:
    held = taken(an_account())
    assert held is not None
    lapse()
    assert not confirmed(held)


def test_a_holder_that_died_on_this_host_is_followed_at_once() -> None:
    account = an_account()
    taken(account)
    Lease.objects.update(process="999999999 1")
    assert taken(account) is not None


def test_a_holder_on_another_host_is_waited_for_whatever_its_number() -> None:
    account = an_account()
    taken(account)
    Lease.objects.update(process="999999999 1", host="elsewhere")
    assert taken(account) is None


def test_a_number_that_was_given_to_another_process_is_not_taken_for_the_holder() -> None:
    assert lease.runs(lease.this_process())
    number = lease.this_process().partition(" ")[0]
    assert not lease.runs(f"{number} 12345")


def test_of_many_who_ask_at_once_one_gets_the_lease() -> None:
    account = an_account()
    got: list[lease.Lease] = []
    barrier = threading.Barrier(8)

    def ask() -> None:
        barrier.wait()
        if held := taken(account):
            got.append(held)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1


class Writers(RuleBasedStateMachine):
    """Three writers take, confirm, lose and give back one account's lease, in any order.

    `effective` is who may write by the rules: the last to have taken it, until it lapses or is given back.
    """

    account: Account

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[int, lease.Lease] = {}
        self.effective: int | None = None

    @initialize()
    def begin(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM auditing_lease")

    @rule(writer=st.integers(0, 2))
    def take(self, writer: int) -> None:
        got = taken(self.account)
        assert (got is None) == (self.effective is not None)
        if got is not None:
            self.held[writer] = got
            self.effective = writer

    @rule(writer=st.integers(0, 2))
    def write(self, writer: int) -> None:
        if held := self.held.get(writer):
            assert confirmed(held) == (writer == self.effective)

    @rule(writer=st.integers(0, 2))
    def give_back(self, writer: int) -> None:
        if held := self.held.get(writer):
            with acting_as(SYSTEM):
                held.give_back()
            if writer == self.effective:
                self.effective = None

    @rule()
    def sleep_too_long(self) -> None:
        lapse()
        self.effective = None

    @rule()
    def die(self) -> None:
        """The holder's process ends, on this host."""
        Lease.objects.update(process="999999999 1")
        if self.effective is not None:
            self.held.pop(self.effective)
            self.effective = None


def test_there_are_never_two_effective_writers() -> None:
    Writers.account = an_account()
    run_state_machine_as_test(
        Writers, settings=settings(max_examples=60, stateful_step_count=30, deadline=None)
    )


def test_a_run_whose_accounts_are_all_held_sends_nothing_and_says_so() -> None:
    with scripted(video) as provider:
        account = an_account(base_url=provider.url)
        registered(account, ["vid_a"])
        taken(account)
        summary = run(Order([account]))
        assert provider.asked == []
    assert (summary.exit_code, summary.run_id, summary.held) == (ExitCode.ALL_HELD, None, ["nanobanana"])
    assert summary.as_json()["held"] == ["nanobanana"]
    assert not Run.objects.exists()


def test_a_run_asks_for_the_accounts_that_it_can_have() -> None:
    with scripted(video) as provider:
        held = an_account(label="held", base_url=provider.url)
        free = an_account(label="free", base_url=provider.url)
        registered(free, ["vid_a"])
        taken(held)
        summary = run(Order([held, free]))
    assert (summary.exit_code, summary.total("ok"), summary.held) == (0, 1, ["held"])
    assert taken(free) is not None


def test_a_run_that_loses_its_lease_stores_nothing_more_and_decides_nothing() -> None:
    with scripted(video) as provider:
        account = an_account(base_url=provider.url)
        registered(account, [f"vid_{number}" for number in range(40)])

        def lose_it(key: str) -> object:
            if len(provider.asked) == 25:
                until(lambda: Lookup.objects.filter(outcome=Outcome.OK).count() == 20)
                lapse()
            return video(key)

        provider.script = lose_it  # type: ignore[assignment]
        summary = run(
            Order([account], limits=replace(Limits(), concurrency=1, batch_size=10, batch_seconds=60))
        )
    part = RunPart.objects.get()
    assert part.ok == 20
    assert part.requested == sum(getattr(part, outcome) for outcome in Outcome) + part.not_reached
    assert "Another run took over" in part.ended
    assert summary.total("not_reached") == 20


def test_a_killed_run_is_closed_as_interrupted_by_the_next() -> None:
    account = an_account()
    with acting_as(SYSTEM):
        held = lease.take([account.pk])
        killed = Run.objects.create(trigger="command", started_at="2026-01-01T00:00Z", host="?", process_id=1)
        Lease.objects.update(run=killed, process="999999999 1")
        RunPart.objects.create(
            run=killed,
            account=account,
            team=account.team,
            started_at="2026-01-01T00:00Z",
            requested=5,
            not_reached=5,
        )
    assert held
    run(Order([account]))
    killed.refresh_from_db()
    assert killed.state == Run.State.INTERRUPTED
    assert killed.parts.get().ended.startswith("Interrupted")


def test_a_budget_of_requests_is_never_exceeded() -> None:
    with scripted(video) as provider:
        account = an_account(base_url=provider.url)
        registered(account, [f"vid_{number}" for number in range(40)])
        summary = run(Order([account], max_requests=7))
        assert len(provider.asked) == summary.total("ok") == 7
    assert (summary.exit_code, summary.state) == (0, Run.State.STOPPED)
