"""`/`: every number is right, and leads to its rows."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.utils import timezone
from pytest_django.fixtures import Settings

from auditing.access import acting_as, visible_to
from auditing.filters import GenerationFilter
from auditing.models import Lookup, User
from auditing.overview import Overview, overview_of
from auditing.rollups import fold
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
        wanted = GenerationFilter.from_query(QueryDict(query), zone=PARIS, now=NOW)
        assert wanted.errors == {}
        assert wanted.canonical() == query
        return wanted.apply(visible_to(person)).count()


def figures(seen: Overview) -> list[tuple[int, str]]:
    """Every number of the page that counts rows, with its link."""
    failures, freshness = seen.failures, seen.freshness
    numbers = [seen.under_way, seen.stuck, failures.today, failures.before, seen.refunds.marked]
    numbers += [freshness.never_looked_up, freshness.not_answered]
    numbers += [share.number for share in seen.statuses] + [wasted.charged for wasted in seen.wasted]
    months = (seen.this_month, seen.last_month)
    spent = [month.spent for month in months] + [day for month in months for day in month.days]
    spent += [wasted.spent for wasted in seen.wasted] + [seen.refunds.spent]
    assert not any(number.more for number in numbers)
    assert all(one.credits.known + one.credits.unknown == one.jobs for one in spent)
    return [
        *((number.value, number.query) for number in numbers),
        *((one.jobs, one.query) for one in spent),
        *((day.total, day.query) for day in seen.days),
    ]


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
    """In the first ten days of March: 7.5 once, 2 twice (failed), 1 documented; one job has no figure yet.
    In the first ten of February: 7.5 twice."""
    seen = seen_by(people.alice)
    this, last = seen.this_month.spent, seen.last_month.spent
    assert (this.first, this.last) == (date(2026, 3, 1), date(2026, 3, 10))
    assert (this.net, this.credits.known, this.credits.documented, this.credits.unknown) == (12_500, 4, 1, 1)
    assert (last.last, last.net, last.credits.unknown) == (date(2026, 2, 10), 15_000, 0)
    assert [(one.spent.net, one.charged.value) for one in seen.wasted] == [(4000, 2), (4000, 2)]
    assert seen.this_month.running == (2000, 2000, 2000, 2000, 2000, 2000, 2000, 3000, 5000, 12_500)


@pytest.mark.usefixtures("people")
def test_a_sum_of_nothing_but_unknown_is_unknown_and_one_of_no_job_is_0(people: Cast) -> None:
    """A dash, not a zero."""
    unknown = {"credits_thousandths": None, "credits_basis": None}
    completed(people.nano, "vid_u", people.alice, created_at=NOW, **unknown)
    seen = seen_by(people.alice)
    assert (seen.this_month.spent.net, seen.this_month.days[0].net) == (None, 0)


@pytest.mark.usefixtures("rows")
def test_every_number_is_the_number_of_rows_behind_its_link(people: Cast) -> None:
    """The list, opened with the query string, has as many; whether or not the totals were folded."""
    for person in (people.alice, people.audrey, people.otto, people.sid):
        seen = seen_by(person)
        assert [value for value, _ in figures(seen)] == [listed(person, query) for _, query in figures(seen)]
        assert sum(share.number.value for share in seen.statuses) == seen.total == listed(person, "")
        fold()
        assert figures(seen_by(person)) == figures(seen)
        completed(people.nano, f"vid_after_{person}", people.alice, created_at=NOW)
    assert seen_by(people.otto).total == 0


@pytest.mark.usefixtures("rows")
def test_its_days_are_those_of_reports_and_links_say_so(people: Cast) -> None:
    """Where the viewer's are others: eleven at night in UTC is the next day in Paris already."""
    seen = seen_by(people.alice)
    days = seen.days
    assert (days[0].day, days[-1].day, len(days)) == (date(2026, 2, 9), date(2026, 3, 10), 30)
    assert (days[0].completed, days[-1].completed, days[-2].failed) == (0, 1, 1)
    assert days[-1].query == "created_from=2026-03-10&created_to=2026-03-10&zone=UTC"
    assert seen_by(people.alice, ZoneInfo("UTC")).days[-1].query == days[-1].query.removesuffix("&zone=UTC")


def test_failures_today_are_held_against_as_many_jobs_of_the_28_days_before(people: Cast) -> None:
    """Four of eight today, of which 0.8 would be usual: one in ten failed before."""
    failed = {"status": "failed", "credits_thousandths": 0}
    for number in range(10):
        said = {} if number else failed
        completed(people.nano, f"before_{number}", people.alice, created_at=NOW - timedelta(days=5), **said)
    assert seen_by(people.alice).failures.verdict == ""
    for number in range(8):
        said = {} if number % 2 else failed
        completed(people.nano, f"today_{number}", people.alice, created_at=NOW, **said)
    failures = seen_by(people.alice).failures
    assert (failures.today.value, failures.finished_today) == (4, 8)
    assert (failures.usual_tenths, failures.expected_tenths, failures.verdict) == (100, 8, "more")
    assert seen_by(people.otto).failures.usual_tenths is None


def test_refunds_are_told_from_what_is_still_charged(people: Cast) -> None:
    """A failed job that was given back costs nothing any more; one given back in part still does."""
    for external_id, cost in (("whole", 0), ("part", 500), ("never", 3000)):
        said = {"status": "failed", "credits_thousandths": cost, "created_at": NOW - timedelta(days=40)}
        job = completed(people.nano, external_id, people.alice, **said)
        if cost < 3000:
            job.credits_most_thousandths, job.flags = 3000, ["refunded"]
            job.save()
    seen = seen_by(people.alice)
    thirty, ninety = seen.wasted
    assert (thirty.charged.value, thirty.spent.net) == (0, 0)
    assert (ninety.charged.value, ninety.spent.net, ninety.spent.credits.gross) == (2, 3500, 9000)
    assert (seen.refunds.marked.value, seen.refunds.spent.credits.refunded) == (2, 5500)


@pytest.mark.usefixtures("rows")
def test_it_says_how_fresh_it_is(people: Cast) -> None:
    """The last good lookup of any row, and the longest ago of a job under way."""
    Lookup.objects.filter(generation__external_id="vid_p").update(synced_at=NOW - timedelta(hours=3))
    seen = seen_by(people.alice)
    freshness = seen.freshness
    assert freshness.oldest_under_way == NOW - timedelta(hours=3)
    assert freshness.newest is not None
    assert freshness.newest > NOW
    assert (freshness.never_looked_up.value, freshness.not_answered.value) == (1, 1)
    assert (seen.under_way.value, seen.stuck.value) == (1, 1)


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
    assert page.count('<polyline class="') == 2
    assert "Days in UTC" in page


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


@pytest.mark.parametrize(
    "address", ["/", "/reports/credits/", "/reports/credits/?format=csv", "/reports/timing/"]
)
def test_where_totals_are_cut_by_another_zone_it_says_what_to_run(
    people: Cast, signed_in: SignedIn, settings: Settings, address: str
) -> None:
    """No figure is shown then, and nothing breaks."""
    settings.REPORT_TIME_ZONE = "Asia/Tokyo"
    answer = signed_in(people.alice).get(address)
    assert answer.status_code == 503
    assert "cut in Asia/Tokyo and are still cut in UTC" in answer.text
    assert "verify_rollups --repair" in answer.text


@pytest.mark.parametrize(("person", "pinned"), [("alice", 20), ("sid", 20), ("rita", 19)])
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
