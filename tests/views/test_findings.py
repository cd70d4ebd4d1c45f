"""`/findings/`: what gave nothing and cost credits, what was run twice, and what was charged oddly."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from auditing.models import TrailEntry
from tests.views.cast import Cast, completed, registered
from tests.views.conftest import SignedIn

ALL = "/findings/?period=all-time"
FAILED = {"status": "failed", "error": "Timed out", "credits_thousandths": 4000, "credits_basis": "reported"}


@pytest.fixture
def found(people: Cast) -> Cast:
    """Three of Alice's gave nothing and cost credits; ten of Bob's are alike, one is dear; one is foreign."""
    long_ago = timezone.now() - timedelta(days=60)
    completed(people.nano, "vid_new", people.alice, **FAILED)
    completed(people.nano, "vid_old", people.alice, **{**FAILED, "created_at": long_ago})
    completed(people.reel, "rb-gone", people.alice, outcome="missing", description="=1+1")
    completed(people.nano, "vid_free", people.alice, **{**FAILED, "credits_thousandths": 0})
    completed(
        people.nano,
        "vid_unknown",
        people.alice,
        **{**FAILED, "credits_thousandths": None, "credits_basis": None},
    )
    for number in range(10):
        completed(people.nano, f"vid_{number}", people.bob, description="The same prompt")
    completed(people.nano, "vid_dear", people.bob, description="Another", credits_thousandths=90_000)
    completed(people.other_nano, "vid_foreign", people.otto, **FAILED)
    registered(people.nano, "vid_waiting", people.alice, outcome=None)
    return people


def test_charged_failures_and_vanished_jobs_are_to_be_claimed(found: Cast, signed_in: SignedIn) -> None:
    page = signed_in(found.audrey).get(ALL).content.decode()
    part = page.partition('id="refunds"')[2].partition("</section>")[0]
    assert "<strong>9 credits</strong> on 3 jobs" in part
    names = ("vid_old", "vid_new", "rb-gone", "vid_free", "vid_unknown", "vid_foreign")
    assert [name for name in names if name in part] == ["vid_old", "vid_new", "rb-gone"]


def test_the_claim_names_every_job_and_adds_up(found: Cast, signed_in: SignedIn) -> None:
    client = signed_in(found.audrey)
    text = client.get(f"{ALL}&format=txt").content.decode()
    assert "To the support of NanoBanana Video, about our account north-nano" in text
    assert "2 jobs gave no video and still cost 8 credits together" in text
    assert "rb-gone" in text
    rows = list(csv.DictReader(io.StringIO(client.get(f"{ALL}&format=csv").content.decode())))
    assert [(row["external_id"], row["credits"], row["why"]) for row in rows] == [
        ("vid_old", "4", "failed"),
        ("vid_new", "4", "failed"),
        ("rb-gone", "1", "vanished"),
    ]
    assert TrailEntry.objects.filter(asked__startswith="claim as csv", team=found.team).exists()


def test_a_reason_says_how_many_have_no_figure(found: Cast, signed_in: SignedIn) -> None:
    page = signed_in(found.audrey).get(ALL).content.decode()
    part = page.partition('id="reasons"')[2].partition("</section>")[0]
    cells = re.search(r"Timed out</a></th>(.*?)</tr>", part, re.DOTALL)
    assert cells is not None
    assert re.findall(r">([^<]+)</td>", cells[1]) == ["4", "8", "1"]


def test_repeats_and_odd_charges_lead_to_their_rows(found: Cast, signed_in: SignedIn) -> None:
    client = signed_in(found.audrey)
    page = client.get(ALL).content.decode()
    for name, rows in (("repeats", 10), ("odd", 1)):
        part = page.partition(f'id="{name}"')[2].partition("</section>")[0]
        links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/generations/\?[^"]+)"', part)]
        assert f"{rows} generation" in client.get(links[0]).content.decode()  # the dearest first


@pytest.mark.parametrize(
    ("zone", "moment", "age", "day"),
    [
        ("America/New_York", datetime(1, 1, 1, tzinfo=UTC), "older", "1 Jan 0001"),
        ("Pacific/Auckland", datetime(9999, 12, 31, 23, tzinfo=UTC), "0-7", "31 Dec 9999"),
    ],
)
def test_jobs_at_the_ends_of_the_calendar_are_of_a_day_that_exists(
    people: Cast, signed_in: SignedIn, settings: Settings, zone: str, moment: datetime, age: str, day: str
) -> None:
    """Programs write the year 1 for a time that was never set; what is of the future is of today."""
    settings.REPORT_TIME_ZONE = zone
    for name in ("vid_a", "vid_b"):
        completed(people.nano, name, people.alice, **{**FAILED, "created_at": moment})
    client = signed_in(people.max)
    page = client.get(ALL).content.decode()
    part = page.partition('id="repeats"')[2].partition("</section>")[0]
    assert day in part
    for key, jobs in (("0-7", 2 * (age == "0-7")), ("8-30", 0), ("older", 2 * (age == "older"))):
        listed = list(csv.DictReader(io.StringIO(client.get(f"{ALL}&age={key}&format=csv").content.decode())))
        assert len(listed) == jobs
        assert (f"age={key}" in page) == bool(jobs)


def test_a_member_is_told_of_their_own_alone(found: Cast, signed_in: SignedIn) -> None:
    page = signed_in(found.bob).get(ALL).content.decode()
    assert "Nothing to claim" in page
    for name in ("vid_old", "vid_foreign", "rb-gone"):
        assert name not in page


def test_the_rows_of_others_change_no_byte(found: Cast, signed_in: SignedIn) -> None:
    client = signed_in(found.bob)
    before = client.get(f"{ALL}&format=csv").content, client.get(f"{ALL}&format=txt").content
    completed(found.nano, "vid_more", found.alice, **FAILED)
    assert (client.get(f"{ALL}&format=csv").content, client.get(f"{ALL}&format=txt").content) == before


def test_a_filter_narrows_what_is_looked_at(found: Cast, signed_in: SignedIn) -> None:
    page = signed_in(found.audrey).get(f"{ALL}&provider=reelbot").content.decode()
    part = page.partition('id="refunds"')[2].partition("</section>")[0]
    assert "<strong>1 credits</strong> on 1 job" in part


def test_changed_credits_are_listed_with_what_they_were(found: Cast, signed_in: SignedIn) -> None:
    completed(
        found.nano, "vid_changed", found.alice, credits_most_thousandths=9000, flags=["credits_changed"]
    )
    page = signed_in(found.audrey).get(ALL).content.decode()
    part = page.partition('id="changed"')[2].partition("</section>")[0]
    row = re.search(r"vid_changed</a>(.*?)</tr>", part, re.DOTALL)
    assert row is not None
    assert re.findall(r'class="number">([^<]+)</td>', row[1]) == ["9", "7.5"]
    assert "vid_changed" not in signed_in(found.bob).get(ALL).content.decode()
