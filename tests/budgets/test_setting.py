"""Budgets are set by managers; months that are over stay as they were; the trail tells from what to what."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, connections, transaction

from auditing.access import acting_as
from auditing.budgets import NotSet, Subject, TermWanted, add_budget, change_budget, end_budget
from auditing.models import Budget, BudgetTerm, TrailEntry, User
from tests.budgets.stage import DECEMBER, MIDDLE, NOVEMBER, OCTOBER, a_budget, seen_by
from tests.views.cast import Cast, assemble
from tests.waiting import until

JANUARY = date(2127, 1, 1)


def changed(person: User, budget: Budget, month: date, amount: int, documented: bool = True) -> None:
    with acting_as(person):
        change_budget(person, budget, TermWanted(month, amount * 1000, documented), NOVEMBER)


def amounts(person: User, now: datetime = MIDDLE) -> list[tuple[str, int | None]]:
    """The last months of the only budget, and what was allowed in each."""
    (one,) = seen_by(person, now)
    return [(month.name, month.use.allowed if month.use else None) for month in one.months[:3]]


def test_another_amount_counts_from_its_month_on_and_what_was_stays(people: Cast) -> None:
    """What was planned for a later month gives way to what is set from an earlier one."""
    budget = a_budget(people.max, people.team, 100, since=OCTOBER)
    changed(people.max, budget, JANUARY, 300)
    changed(people.max, budget, DECEMBER, 200)
    assert amounts(people.max) == [
        ("November 2126", 100_000),
        ("October 2126", 100_000),
        ("September 2126", None),
    ]
    later = datetime(2127, 2, 10, tzinfo=UTC)
    assert amounts(people.max, later) == [
        ("February 2127", 200_000),
        ("January 2127", 200_000),
        ("December 2126", 200_000),
    ]


def test_a_budget_that_ended_is_none_from_then_on_and_may_go_on(people: Cast) -> None:
    """Its months stay to be seen."""
    budget = a_budget(people.max, people.team, since=OCTOBER)
    with acting_as(people.max):
        end_budget(people.max, budget, NOVEMBER, NOVEMBER)
    (one,) = seen_by(people.max)
    assert (one.use, one.has_ended) == (None, True)
    assert amounts(people.max)[:2] == [("November 2126", None), ("October 2126", 100_000)]
    assert a_budget(people.max, people.team, 70) == budget
    assert amounts(people.max)[:2] == [("November 2126", 70_000), ("October 2126", 100_000)]


def test_months_that_are_over_are_not_changed(people: Cast) -> None:
    """Not by the program, and not by the database for whoever asks it."""
    budget = a_budget(people.max, people.team, since=OCTOBER)
    with pytest.raises(NotSet, match="Months that are over stay as they were"):
        changed(people.max, budget, OCTOBER, 5)
    BudgetTerm.objects.create(budget=budget, from_month=date(2026, 1, 1), thousandths=1)
    with acting_as(people.max):
        assert BudgetTerm.objects.filter(from_month=date(2026, 1, 1)).delete()[0] == 0
        assert BudgetTerm.objects.filter(from_month=OCTOBER).delete()[0] == 1
    with pytest.raises(DatabaseError), transaction.atomic(), acting_as(people.max):
        BudgetTerm.objects.update(thousandths=1)


def test_one_subject_has_one_budget(people: Cast) -> None:
    """A team's, a person's in it and an account's stand side by side."""
    a_budget(people.max, people.team)
    a_budget(people.max, people.team, owner=people.alice)
    a_budget(people.max, people.team, account=people.nano)
    with pytest.raises(NotSet, match="There is a budget of this already"):
        a_budget(people.max, people.team, owner=people.alice)
    assert Budget.objects.count() == 3


def somebody_waits_for_us() -> bool:
    """Whether another connection waits for this one's transaction to end."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT EXISTS (SELECT FROM pg_locks AS held JOIN pg_locks AS wanted USING (transactionid)
                WHERE held.pid = pg_backend_pid() AND NOT wanted.granted)"""
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.usefixtures("committed_db")
def test_who_sets_one_that_another_is_just_setting_is_told_so() -> None:
    """A form that was sent twice, too."""
    people = assemble()

    def set_again() -> None:
        try:
            a_budget(people.max, people.team, 200)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            a_budget(people.max, people.team)
            second = other.submit(set_again)
            until(somebody_waits_for_us)
        with pytest.raises(NotSet, match="There is a budget of this already"):
            second.result()
    assert amounts(people.max)[0] == ("November 2126", 100_000)


@pytest.mark.parametrize("name", ["alice", "audrey", "otto", "sid"])
def test_nobody_but_managers_sets_or_changes_one(people: Cast, name: str) -> None:
    """Neither by the program nor by the database."""
    person = getattr(people, name)
    budget = a_budget(people.max, people.team, owner=people.alice)
    with pytest.raises(NotSet, match="Only managers"):
        a_budget(person, people.team)
    with pytest.raises(NotSet, match="Only managers"):
        changed(person, budget, NOVEMBER, 5)
    with pytest.raises(DatabaseError), transaction.atomic(), acting_as(person):
        Budget.objects.create(team=people.team, account=people.nano)
    with pytest.raises(DatabaseError), transaction.atomic(), acting_as(person):
        BudgetTerm.objects.create(budget_id=budget.pk, from_month=DECEMBER, thousandths=1)
    with acting_as(person):
        assert BudgetTerm.objects.all().delete()[0] == 0
    assert BudgetTerm.objects.count() == 1


def test_an_account_of_another_team_is_no_subject(people: Cast) -> None:
    """The database holds account and team together."""
    subject = Subject(people.team, account=people.other_nano)
    with pytest.raises(DatabaseError), transaction.atomic(), acting_as(people.max):
        add_budget(people.max, subject, TermWanted(NOVEMBER, 1000), NOVEMBER)


def test_the_trail_tells_the_team_from_what_to_what(people: Cast) -> None:
    budget = a_budget(people.max, people.team, 100, owner=people.alice)
    changed(people.max, budget, DECEMBER, 200, documented=False)
    with acting_as(people.max):
        end_budget(people.max, budget, JANUARY, NOVEMBER)
    told = TrailEntry.objects.order_by("pk").values_list("act", "team", "owner", "asked", "result")
    by_max = (people.team.pk, people.max.pk, "budget of alice in north")
    assert list(told) == [
        (
            "budget_set",
            *by_max,
            "credits a month from November 2126: none → 100; documented credits: none → counted",
        ),
        (
            "budget_set",
            *by_max,
            "credits a month from December 2126: 100 → 200; documented credits: counted → “left out”",
        ),
        ("budget_ended", *by_max, "credits a month from January 2127: 200 → none"),
    ]


def test_each_sees_what_concerns_them(people: Cast) -> None:
    """A member the budget on themselves alone: others' numbers are in all others."""
    a_budget(people.max, people.team)
    a_budget(people.max, people.team, account=people.nano)
    for person in (people.alice, people.bob):
        a_budget(people.max, people.team, owner=person)
    a_budget(people.otto, people.other_team)
    whole = ["North", "Alice in North", "Bob in North", "the account north-nano of North"]
    assert [one.subject for one in seen_by(people.alice)] == ["Alice in North"]
    assert [one.subject for one in seen_by(people.audrey)] == whole
    assert [one.subject for one in seen_by(people.max)] == whole
    assert [one.subject for one in seen_by(people.otto)] == ["South"]
    assert [one.subject for one in seen_by(people.sid)] == [*whole, "South"]
    with acting_as(people.alice):
        assert Budget.objects.count() == BudgetTerm.objects.count() == 1
    people.team.memberships.filter(user=people.alice).delete()
    assert seen_by(people.alice) == []
