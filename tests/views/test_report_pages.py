"""Pages of reports, as their readers see them."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product

import pytest
from pytest_django.fixtures import Settings

from auditing.access import SYSTEM, acting_as
from auditing.models import Generation, Lookup
from auditing.prices import PriceWanted, set_price
from tests.rollups.rows import sql
from tests.views.cast import Cast, completed
from tests.views.conftest import SignedIn, text


def test_the_credit_report_shows_money_beside_credits_and_what_has_no_price(
    people: Cast, signed_in: SignedIn
) -> None:
    """To a member of their own jobs, too."""
    with acting_as(SYSTEM):
        set_price(people.nano, PriceWanted(date(2026, 5, 5), Decimal("1234.5678"), "EUR"), None)
        for number, (day, owner) in enumerate(((4, people.alice), (5, people.alice), (6, people.bob))):
            Generation.objects.create(
                team=people.team,
                account=people.nano,
                provider="nanobanana",
                external_id=f"vid_p{number}",
                owner=owner,
                status="completed",
                credits_thousandths=2500,
                credits_basis="reported",
                created_at=datetime(2026, 5, day, 12, tzinfo=UTC),
            )
    address = "/reports/credits/?period=2026-05&group=owner"
    said = text(signed_in(people.alice), address)
    assert "3,086.42 EUR" in said
    assert "1 job with 2.5 credits of accounts without a price" in said
    whole = text(signed_in(people.max), address)
    assert "6,172.84 EUR" in whole, "rounded once: twice 3,086.4195"
    assert "EUR" not in text(signed_in(people.otto), address)


def test_where_no_credits_count_that_is_why_nothing_is_said_of_money(
    people: Cast, signed_in: SignedIn
) -> None:
    """And not a price that is missing: one account has one, and its job's figure is only documented."""
    with acting_as(SYSTEM):
        set_price(people.nano, PriceWanted(date(2026, 5, 1), Decimal("0.5"), "EUR"), None)
        day = datetime(2026, 5, 5, 12, tzinfo=UTC)
        charged = {"credits_thousandths": 2500, "credits_basis": "documented"}
        completed(people.nano, "vid_documented", people.alice, created_at=day, **charged)
        unknown = {"credits_thousandths": None, "credits_basis": None}
        completed(people.nano, "vid_silent", people.alice, created_at=day, **unknown)
    client, address = signed_in(people.max), "/reports/credits/?period=2026-05"
    assert "1.25 EUR" in text(client, address)
    left_out = text(client, f"{address}&documented=no")
    assert "no job here has both credits and a price no credits that count are known; 1 without" in left_out


def test_the_timing_report_has_a_map_of_the_week_and_names_the_slowest_job(
    people: Cast, signed_in: SignedIn
) -> None:
    with acting_as(SYSTEM):
        job = completed(people.nano, "vid_slow", people.alice)
    address = "/reports/timing/?period=all-time&complete=jobs"
    page = signed_in(people.alice).get(address).content.decode()
    assert job.created_at is not None
    assert page.count('class="heat-5"') == 4, "created and completed: a cell and its step each"
    assert "/generations/nanobanana/vid_slow/" in page
    assert "/generations/nanobanana/vid_slow/" not in signed_in(people.bob).get(address).content.decode()


AS_PART = {"HX-Request": "true"}


@pytest.mark.parametrize("report", ["credits", "timing"])
def test_a_report_answers_with_its_totals_and_leads_to_what_takes_longer(
    people: Cast, signed_in: SignedIn, report: str
) -> None:
    """Not counted is said, and is neither all nor none; how many can still change is in the totals."""
    completed(people.nano, "vid_a", people.alice, status="processing", processing_completed_at=None)
    with acting_as(SYSTEM):
        Lookup.objects.filter(generation__external_id="vid_a").update(outcome=None, synced_at=None)
    client, address = signed_in(people.alice), f"/reports/{report}/?period=all-time&status=processing"
    said, later = text(client, address), "looked up since they could have changed is not counted yet"
    assert f"How many of these jobs were {later}" in said
    assert "1 of 1 job can still change" in said
    assert "All of these" not in said
    links = re.findall(r'id="freshness-more" href="([^"]+)"', client.get(address).content.decode())
    assert links == ["?period=all-time&amp;status=processing&amp;complete=freshness"]
    for headers in (None, AS_PART):
        whole = text(client, f"{address}&complete=freshness", headers=headers)
        assert "not counted yet" not in whole
        assert "0.0 % of these jobs were looked up since they could have changed; 1 was not." in whole
        assert ("Address of this report" in whole) == (headers is None)


def test_the_remarkable_jobs_follow_the_page_of_times(people: Cast, signed_in: SignedIn) -> None:
    completed(people.nano, "vid_slow", people.alice)
    client, address = signed_in(people.alice), "/reports/timing/?period=all-time"
    assert "Slowest jobs Of this period, by how long they ran Not looked for yet." in text(client, address)
    part = text(client, f"{address}&complete=jobs", headers=AS_PART)
    assert part.startswith("Slowest jobs Of this period, by how long they ran Slowest jobs Job Made as")
    assert "Address of this report" not in part


def test_no_address_of_a_report_asks_for_its_parts(people: Cast, signed_in: SignedIn) -> None:
    completed(people.nano, "vid_a", people.alice)
    for report in ("credits", "timing"):
        page = signed_in(people.alice).get(
            f"/reports/{report}/?period=this-year&status=completed&complete=jobs"
        )
        assert "complete=" not in page.content.decode()


def test_rows_of_others_change_no_byte_of_a_part(people: Cast, signed_in: SignedIn) -> None:
    completed(people.nano, "vid_mine", people.alice)
    client = signed_in(people.alice)
    addresses = [
        f"/reports/{report}/?period=all-time{more}"
        for report, more in product(("credits", "timing"), ("", "&complete=freshness", "&complete=jobs"))
    ]

    def told() -> list[bytes]:
        parts = [client.get(one, headers=AS_PART).content for one in addresses]
        return [re.sub(rb'<time.*?</time>|nonce="[^"]*"|name="csrf[^>]*>', b"", part) for part in parts]

    before = told()
    made = datetime(2026, 5, 5, 12, tzinfo=UTC)
    completed(people.nano, "vid_theirs", people.bob, created_at=made, status="processing")
    with acting_as(SYSTEM):
        Lookup.objects.filter(generation__external_id="vid_theirs").update(outcome=None, synced_at=None)
    assert told() == before


@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("/reports/credits/?period=2026&group=project", "Net credits by month"),
        ("/reports/credits/?period=2026&group=none", "Net credits by week"),
        ("/reports/timing/?period=2026", "Waiting by week"),
    ],
)
def test_above_a_chart_stands_what_its_stretches_of_time_are(
    people: Cast, signed_in: SignedIn, address: str, heading: str
) -> None:
    made = datetime(2026, 5, 5, 12, tzinfo=UTC)
    completed(
        people.nano,
        "vid_a",
        people.alice,
        created_at=made,
        processing_started_at=made,
        credits_thousandths=1000,
    )
    assert heading in text(signed_in(people.max), address)


def test_one_job_is_not_spoken_of_as_many(people: Cast, signed_in: SignedIn) -> None:
    with acting_as(SYSTEM):
        completed(people.nano, "vid_a", people.alice, status="processing", processing_completed_at=None)
    page = text(signed_in(people.alice), "/reports/timing/?period=all-time")
    assert "0 failed, 0 completed, of 1 job " in page
    assert "The one job ." in page
    assert "1 of 1 job can still change: it is under way, or was not looked up well yet" in page


@pytest.mark.parametrize("report", ["credits", "timing"])
def test_jobs_at_the_ends_of_the_calendar_are_in_the_reports_of_all_time(
    people: Cast, signed_in: SignedIn, settings: Settings, report: str
) -> None:
    """One such job of a provider's would else keep everybody from them."""
    settings.REPORT_TIME_ZONE = "Pacific/Auckland"
    sql("UPDATE auditing_rollupzone SET zone = 'Pacific/Auckland'")
    for moment in (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)):
        completed(people.nano, f"vid_{moment.year}", people.alice, created_at=moment)
    client = signed_in(people.alice)
    for period in ("all-time", "dates&from=9998-12-31"):
        for by in ("month", "week"):
            page = text(client, f"/reports/{report}/?period={period}&group={by}")
            assert "December 9999" in page
