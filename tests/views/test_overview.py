"""`/`: every number is right, and leads to its rows."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.utils import timezone

from auditing.access import acting_as, visible_to
from auditing.filters import GenerationFilter
from auditing.models import Lookup, User
from auditing.overview import Overview, overview_of
from tests.views.cast import Cast, completed, ran, registered
from tests.views.conftest import Queries, SignedIn

NOW = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


def seen_by(person: User, zone: ZoneInfo = PARIS) -> Overview:
    with acting_as(person):
        return overview_of(person, zone, NOW)


def listed(person: User, query: str) -> int:
    """How many rows the list shows for a query string."""
    with acting_as(person):
        return GenerationFilter.from_query(QueryDict(query), zone=PARIS).apply(visible_to(person)).count()


@pytest.fixture
def rows(people: Cast) -> None:
    """Alice's jobs around the edges of the periods, and one of Bob's."""
    for number, created in enumerate(
        (
            NOW - timedelta(minutes=5),
            datetime(2026, 2, 8, 22, 59, tzinfo=UTC),  # the day before the 30 days, in Paris
            datetime(2026, 2, 8, 23, 1, tzinfo=UTC),  # their first day, in Paris
        )
    ):
        completed(people.nano, f"vid_{number}", people.alice, created_at=created)
    failed = {"status": "failed", "provider_status": "failed", "credits_thousandths": 2000}
    completed(people.nano, "vid_f1", people.alice, created_at=NOW - timedelta(days=1), **failed)
    completed(people.nano, "vid_f2", people.alice, created_at=NOW - timedelta(days=9), **failed)
    completed(people.reel, "rb-1", people.alice, created_at=NOW - timedelta(days=2))
    unknown = {"credits_thousandths": None, "credits_basis": None, "status": "processing"}
    completed(people.nano, "vid_p", people.alice, created_at=NOW - timedelta(days=2), **unknown)
    registered(people.reel, "rb-new", people.alice, outcome=None)
    registered(people.reel, "rb-lost", people.alice, outcome="missing")
    completed(people.nano, "vid_bob", people.bob, created_at=NOW - timedelta(days=1), **failed)


@pytest.mark.usefixtures("rows")
def test_unknown_credits_are_counted_beside_the_sum_and_never_in_it(people: Cast) -> None:
    """7.5 twice, 2 twice (failed), 1 documented; one job has no figure yet."""
    seen = seen_by(people.alice)
    used = seen.credits
    assert (used.thousandths, used.documented, used.known, used.unknown) == (20_000, 1000, 5, 1)
    assert (seen.credits_on_failures.thousandths, seen.credits_on_failures.known) == (4000, 2)


@pytest.mark.usefixtures("rows")
def test_every_number_is_the_number_of_rows_behind_its_link(people: Cast) -> None:
    """The list, opened with the query string, has as many."""
    for person in (people.alice, people.audrey, people.otto):
        seen = seen_by(person)
        numbers = [seen.under_way, seen.failures, seen.freshness.never_looked_up, seen.freshness.not_answered]
        numbers += [share.number for share in seen.statuses]
        assert [number.value for number in numbers] == [listed(person, number.query) for number in numbers]
        for used in (seen.credits, seen.credits_on_failures):
            assert used.known + used.unknown == listed(person, used.query)
        assert [day.total for day in seen.days] == [listed(person, day.query) for day in seen.days]
        assert sum(share.number.value for share in seen.statuses) == seen.total == listed(person, "")


@pytest.mark.usefixtures("rows")
def test_its_days_are_those_of_the_viewers_zone(people: Cast) -> None:
    """Thirty of them, the empty ones too; half past one UTC is the same day in Paris."""
    days = seen_by(people.alice).days
    assert (days[0].day, days[-1].day, len(days)) == (date(2026, 2, 9), date(2026, 3, 10), 30)
    assert (days[0].completed, days[-1].completed, days[-2].failed) == (1, 1, 1)
    assert sum(day.total for day in days) == 6


@pytest.mark.usefixtures("rows")
def test_it_says_how_fresh_it_is(people: Cast) -> None:
    """The last good lookup of any row, and the longest ago of a job under way."""
    Lookup.objects.filter(generation__external_id="vid_p").update(synced_at=NOW - timedelta(hours=3))
    freshness = seen_by(people.alice).freshness
    assert freshness.oldest_under_way == NOW - timedelta(hours=3)
    assert freshness.newest is not None
    assert freshness.newest > NOW
    assert (freshness.never_looked_up.value, freshness.not_answered.value) == (1, 1)


def test_the_chart_has_the_tables_numbers(people: Cast, signed_in: SignedIn) -> None:
    """As data, not as script; beside it the table."""
    completed(people.nano, "vid_a", people.alice, created_at=timezone.now())
    page = signed_in(people.alice).get("/").content.decode()
    data = re.search(r'<script id="days-data" type="application/json">(.*?)</script>', page)
    assert data is not None
    chart = json.loads(data[1])
    assert len(chart["labels"]) == 30
    assert chart["series"][0] == {"key": "completed", "label": "Completed", "values": [0] * 29 + [1]}
    assert page.count('<tr><th scope="row"><a href="/generations/?created_from=') == 30


def test_with_nothing_registered_it_says_what_to_run(people: Cast, signed_in: SignedIn) -> None:
    """Instead of a page of zeros."""
    page = signed_in(people.alice).get("/").content
    assert b"manage.py import_ids" in page
    assert b"days-chart" not in page


def test_runs_are_shown_to_those_who_may_see_them(people: Cast, signed_in: SignedIn) -> None:
    """Not to a member."""
    completed(people.nano, "vid_a", people.alice)
    ran(people.nano, requested=3, ok=3)
    assert b"Last runs" in signed_in(people.audrey).get("/").content
    assert b"Last runs" not in signed_in(people.alice).get("/").content


@pytest.mark.parametrize(("person", "pinned"), [("alice", 12), ("sid", 10), ("rita", 8)])
def test_it_takes_as_many_queries_with_many_rows_as_with_one(
    people: Cast, signed_in: SignedIn, queries: Queries, person: str, pinned: int
) -> None:
    """Whatever is in them."""
    client = signed_in(getattr(people, person))
    completed(people.nano, "vid_first", people.alice)
    assert len(queries(client, "/")) == pinned
    for number in range(20):
        completed(people.nano, f"vid_{number}", None if number % 2 else people.alice)
        ran(people.nano, requested=1, ok=1)
    assert len(queries(client, "/")) == pinned
