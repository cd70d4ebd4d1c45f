"""What a budget's month comes to: exactly what the credit report says, with what nobody knows beside it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from auditing.access import acting_as, visible_to
from auditing.budgets import month_now
from auditing.budgets.months import projected
from auditing.filters import GenerationFilter
from auditing.models import User
from auditing.reports import Asked, credit_report
from auditing.rollups import fold
from tests.budgets.conftest import CutBy
from tests.budgets.stage import MIDDLE, NOVEMBER, OCTOBER, a_budget, a_job, seen_by
from tests.views.cast import Cast

BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")


def listed(person: User, query: str) -> int:
    """How many rows the list shows for a query string."""
    with acting_as(person):
        return GenerationFilter.from_query(QueryDict(query)).apply(visible_to(person)).count()


def reported(person: User, query: str) -> int | None:
    """The net credits of the report at this address."""
    with acting_as(person):
        asked = Asked.from_query(QueryDict(query), MIDDLE.date(), UTC_ZONE)
        assert not asked.errors
        return credit_report(person, asked, MIDDLE).total.credits.net


def test_it_counts_what_the_report_and_the_list_behind_it_count(people: Cast) -> None:
    """A team's, a person's and an account's; folded or not; each number leads to its rows."""
    a_budget(people.max, people.team)
    a_budget(people.max, people.team, 50, owner=people.alice)
    a_budget(people.max, people.team, 40, account=people.reel)
    for owner, amount in ((people.alice, 20), (people.bob, 30), (None, 5)):
        a_job(people.nano, owner, amount)
    fold()
    a_job(people.reel, people.alice, 1, credits_basis="documented")
    a_job(people.nano, people.alice, None)
    a_job(people.other_nano, people.otto, 1000)
    for person in (people.max, people.audrey, people.sid, people.rita):
        found = seen_by(person)
        assert [one.subject for one in found] == [
            "North",
            "Alice in North",
            "the account north-reel of North",
        ]
        uses = [one.use for one in found if one.use]
        assert [(use.used, use.jobs, use.unknown) for use in uses] == [
            (56000, 5, 1),
            (21000, 3, 1),
            (1000, 1, 0),
        ]
        assert [use.share for use in uses] == [560, 420, 25]
        assert [use.remaining for use in uses] == [44000, 29000, 39000]
        for one in found:
            assert one.use is not None
            assert listed(person, one.rows) == one.use.jobs
            assert listed(person, one.unknown_rows) == one.use.unknown
            assert reported(person, one.report) == one.use.used


def test_documented_credits_count_or_not_as_the_budget_says(people: Cast) -> None:
    """A month in which all that is known is left out has used nothing, and says what is unknown."""
    a_budget(people.max, people.team, 40, account=people.reel, documented=False)
    a_job(people.reel, people.alice, 1, credits_basis="documented")
    (one,) = seen_by(people.max)
    assert one.use is not None
    assert (one.use.used, one.use.unknown) == (0, 0)
    assert "documented=no" in one.report
    a_job(people.reel, people.alice, None)
    (one,) = seen_by(people.max)
    assert one.use is not None
    assert (one.use.used, one.use.share, one.use.remaining, one.use.unknown) == (None, None, None, 1)


def test_nothing_known_is_not_nothing_used(people: Cast) -> None:
    """Jobs without a figure make the sum unknown; no job at all makes it 0. Undated jobs are in no month."""
    a_budget(people.max, people.team)
    (one,) = seen_by(people.max)
    assert one.use is not None
    assert (one.use.used, one.use.unknown, one.undated) == (0, 0, 0)
    a_job(people.nano, people.alice, None)
    a_job(people.nano, people.alice, 7, created_at=None)
    (one,) = seen_by(people.max)
    assert one.use is not None
    assert (one.use.used, one.use.projected, one.use.unknown, one.undated) == (None, None, 1, 1)
    assert listed(people.max, one.undated_rows) == 1


@pytest.mark.parametrize(
    ("zone", "used"),
    [("UTC", 3), ("Europe/Berlin", 6), ("America/New_York", 17)],
)
def test_months_end_at_midnight_of_the_report_zone(people: Cast, cut_by: CutBy, zone: str, used: int) -> None:
    """1 and 2 lie in November everywhere. In Berlin it begins an hour earlier, and ends an hour earlier."""
    cut_by(zone)
    a_budget(people.max, people.team)
    moments = {
        1: datetime(2126, 11, 1, 5, tzinfo=UTC),
        2: datetime(2126, 11, 30, 22, 30, tzinfo=UTC),
        3: datetime(2126, 10, 31, 23, 30, tzinfo=UTC),
        14: datetime(2126, 12, 1, 4, 30, tzinfo=UTC),
    }
    for amount, moment in moments.items():
        a_job(people.nano, people.alice, amount, created_at=moment)
    (one,) = seen_by(people.max)
    assert one.use is not None
    assert one.use.used == used * 1000


def test_a_month_begins_when_it_begins_in_the_report_zone(cut_by: CutBy) -> None:
    """The day before elsewhere."""
    moment = datetime(2126, 10, 31, 23, 30, tzinfo=UTC)
    assert month_now(moment) == OCTOBER
    cut_by("Europe/Berlin")
    assert month_now(moment) == NOVEMBER


def test_the_projection_goes_by_the_part_of_the_month_that_is_past() -> None:
    """Half of it: twice as much. October has 745 hours in Berlin, for the clocks go back in it."""
    assert projected(40_000, NOVEMBER, MIDDLE, UTC_ZONE) == 80_000
    after_a_tenth = datetime(2126, 10, 4, 0, 30, tzinfo=UTC)  # 74.5 hours after midnight in Berlin
    assert projected(10_000, OCTOBER, after_a_tenth, BERLIN) == 100_000
    assert projected(0, NOVEMBER, MIDDLE, UTC_ZONE) == 0


def test_nothing_is_projected_in_the_first_day_nor_afterwards() -> None:
    """One dear job in the first hours would make it a dear month."""
    first = datetime(2126, 11, 1, 23, 59, 59, tzinfo=UTC)
    assert projected(1000, NOVEMBER, first, UTC_ZONE) is None
    assert projected(1000, NOVEMBER, datetime(2126, 11, 2, tzinfo=UTC), UTC_ZONE) == 30_000
    assert projected(1000, NOVEMBER, datetime(2126, 12, 1, tzinfo=UTC), UTC_ZONE) is None
