"""Thresholds: noted once each, whoever and how many look, and told to those whom they concern."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connection, connections

from auditing.access import acting_as
from auditing.budgets import TermWanted, Told, change_budget, dismiss, note_crossings, open_notices
from auditing.models import BudgetNotice, BudgetTerm, Generation, Mailing, Membership, Role, User
from tests.budgets.stage import MIDDLE, NOVEMBER, a_budget, a_job
from tests.views.cast import Cast, assemble

AT_ONCE = 8


def noted() -> list[tuple[int, int, int]]:
    """Threshold, what was used, and how many jobs had no figure."""
    return list(BudgetNotice.objects.order_by("pk").values_list("threshold", "used", "unknown"))


def give_addresses() -> None:
    for name in ("alice", "bob", "audrey", "max", "otto", "sid", "rita"):
        User.objects.filter(username=name).update(email=f"{name}@example.com")


def letters() -> list[tuple[str, int]]:
    """To whom, and of which threshold."""
    rows = Mailing.objects.order_by("notice__threshold", "person__username")
    return [(one.person.username, one.notice.threshold) for one in rows if one.notice]


def shown_to(person: User) -> list[tuple[str, int]]:
    with acting_as(person):
        return [(one.subject, one.notice.threshold) for one in open_notices(person, MIDDLE)]


def test_each_threshold_is_noted_once_as_it_is_reached(people: Cast) -> None:
    """What nobody knows is said beside it; a cent below is not reached."""
    a_budget(people.max, people.team)
    a_job(people.nano, people.alice, None)
    job = a_job(people.nano, people.alice, 49, credits_thousandths=49_999)
    assert note_crossings(MIDDLE) == Told()
    for amount in (50, 79, 80, 99, 100, 500):
        Generation.objects.filter(pk=job.pk).update(credits_thousandths=amount * 1000)
        note_crossings(MIDDLE)
        assert note_crossings(MIDDLE) == Told()
    assert noted() == [(50, 50_000, 1), (80, 80_000, 1), (100, 100_000, 1)]


def test_a_refund_or_another_amount_tells_nothing_again(people: Cast) -> None:
    """Neither when the use falls below the threshold nor when it reaches it once more."""
    budget = a_budget(people.max, people.team)
    job = a_job(people.nano, people.alice, 90)
    assert note_crossings(MIDDLE).thresholds == 2
    for amount in (10, 95):
        Generation.objects.filter(pk=job.pk).update(credits_thousandths=amount * 1000)
        assert note_crossings(MIDDLE) == Told()
    with acting_as(people.max):
        change_budget(people.max, budget, TermWanted(NOVEMBER, 115_000), NOVEMBER)
    assert note_crossings(MIDDLE) == Told()
    a_job(people.nano, people.alice, 20)
    assert note_crossings(MIDDLE).thresholds == 1
    assert [threshold for threshold, _, _ in noted()] == [50, 80, 100]


def test_a_letter_goes_to_those_whom_it_concerns(people: Cast) -> None:
    """The team's managers, and whose budget it is; not to auditors, superusers, or other teams' managers.
    Thresholds that are reached together are one letter."""
    give_addresses()
    a_budget(people.max, people.team)
    a_budget(people.max, people.team, owner=people.alice)
    a_budget(people.otto, people.other_team)
    a_job(people.nano, people.alice, 85)
    assert note_crossings(MIDDLE) == Told(thresholds=4, letters=3)
    assert letters() == [("alice", 80), ("max", 80), ("max", 80)]
    assert shown_to(people.alice) == [("Alice in North", 80)]
    assert sorted(shown_to(people.max)) == [("Alice in North", 80), ("North", 80)]
    for name in ("bob", "audrey", "otto", "sid", "rita"):
        assert shown_to(getattr(people, name)) == []


def test_nobody_without_an_address_or_switched_off_is_written_to(people: Cast) -> None:
    """The page tells them."""
    give_addresses()
    Membership.objects.create(team=people.team, user=people.otto, role=Role.MANAGER)
    User.objects.filter(username="max").update(email="")
    User.objects.filter(username="otto").update(is_active=False)
    a_budget(people.rita, people.team)
    a_job(people.nano, people.alice, 85)
    assert note_crossings(MIDDLE) == Told(thresholds=2, letters=0)
    assert shown_to(people.max) == [("North", 80)]


def test_each_puts_a_notice_away_for_themselves(people: Cast) -> None:
    """Lower ones go with it; a higher one is shown when it comes. Nobody puts away what is not theirs."""
    a_budget(people.max, people.team, owner=people.alice)
    a_job(people.nano, people.alice, 85)
    note_crossings(MIDDLE)
    number = BudgetNotice.objects.get(threshold=80).pk
    for stranger in (people.bob, people.audrey, people.otto):
        with acting_as(stranger):
            assert not dismiss(stranger, number)
    with acting_as(people.alice):
        assert dismiss(people.alice, number)
        assert dismiss(people.alice, number)
    assert (shown_to(people.alice), shown_to(people.max)) == ([], [("Alice in North", 80)])
    a_job(people.nano, people.alice, 20)
    note_crossings(MIDDLE)
    assert shown_to(people.alice) == [("Alice in North", 100)]


def test_the_last_hours_of_a_month_are_told_in_the_first_days_of_the_next(people: Cast) -> None:
    """Not later, and not where the amount was set when the month was over."""
    budget = a_budget(people.max, people.team)
    a_job(people.nano, people.alice, 60, created_at=datetime(2126, 11, 30, 23, tzinfo=UTC))
    assert note_crossings(datetime(2126, 12, 4, tzinfo=UTC)) == Told()
    BudgetTerm.objects.filter(budget=budget).update(set_at=datetime(2126, 12, 1, 1, tzinfo=UTC))
    assert note_crossings(datetime(2126, 12, 3, 23, tzinfo=UTC)) == Told()
    BudgetTerm.objects.filter(budget=budget).update(set_at=datetime(2126, 11, 30, 23, tzinfo=UTC))
    assert note_crossings(datetime(2126, 12, 3, 23, tzinfo=UTC)).thresholds == 1
    assert BudgetNotice.objects.get().month == NOVEMBER


@pytest.mark.usefixtures("committed_db")
def test_of_many_who_look_at_once_one_tells() -> None:
    """Each on a connection of its own, all at the same moment, again and again."""
    people = assemble()
    give_addresses()
    a_budget(people.max, people.team)
    a_budget(people.max, people.team, owner=people.alice)
    barrier = Barrier(AT_ONCE)

    def look(_: int) -> Told:
        barrier.wait()
        try:
            return note_crossings(MIDDLE)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        for amount in (55, 30, 20):
            a_job(people.nano, people.alice, amount)
            connection.close()
            told = list(threads.map(look, range(AT_ONCE)))
            assert sum(one.thresholds for one in told) == 2
            assert sum(one.letters for one in told) == 3
    assert BudgetNotice.objects.count() == 6
    assert Mailing.objects.count() == 9
