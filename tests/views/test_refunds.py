"""Refunds on the page of findings and on a record's: marking them, their totals, and the claim's files."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from auditing.access import acting_as
from auditing.models import Generation, Membership, Refund, RefundState, RefundStep, Role, User
from auditing.refunding import mark
from tests.views.cast import Cast, completed
from tests.views.conftest import Queries, SignedIn

ALL = "/findings/?period=all-time"
MARK = "/findings/refunds/?period=all-time"
FAILED = {"status": "failed", "error": "Timed out", "credits_thousandths": 4000, "credits_basis": "reported"}


@pytest.fixture
def jobs(people: Cast) -> Cast:
    """Three of Alice's failed and cost 4 credits each, an old one too; one of Otto's in another team."""
    for number in range(3):
        completed(people.nano, f"vid_{number}", people.alice, **FAILED)
    long_ago = timezone.now() - timedelta(days=40)
    completed(people.nano, "vid_old", people.alice, **{**FAILED, "created_at": long_ago})
    completed(people.other_nano, "vid_foreign", people.otto, **FAILED)
    return people


def pk(name: str) -> int:
    return Generation.objects.get(external_id=name).pk


def mark_as(who: User, state: RefundState, *names: str, note: str = "") -> None:
    with acting_as(who):
        seen = {
            pk(name): getattr(Refund.objects.filter(generation=pk(name)).first(), "version", 0)
            for name in names
        }
        mark(who, seen, state, note)


def section(page: str) -> str:
    return page.partition('id="refunds"')[2].partition("</section>")[0]


def lines(page: str) -> dict[str, list[str]]:
    """The cells of the table of states, as words, by state."""
    table = section(page).partition("<tbody>")[2].partition("</tbody>")[0]
    found = {}
    for row in table.split("</tr>")[:-1]:
        cells = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.split(r"</t[hd]>", row)[:-1]]
        found[cells[0].partition(":")[0]] = cells[1:]
    return found


def names(page: str) -> list[str]:
    """The listed jobs, without those that were left."""
    table = section(page).rpartition("<tbody>")[2].partition("</tbody>")[0]
    return re.findall(r'<th scope="row"><a[^>]*>([^<]+)</a>', table)


def test_chosen_rows_are_marked_and_leave_the_open_ones(jobs: Cast, signed_in: SignedIn) -> None:
    client = signed_in(jobs.max)
    page = client.get(ALL).content.decode()
    assert names(page) == ["vid_old", "vid_0", "vid_1", "vid_2"]
    assert f'value="{pk("vid_0")}:0"' in page
    sent = {"row": [f"{pk('vid_0')}:0", f"{pk('vid_old')}:0"], "state": "claimed", "note": "Case 12"}
    answer = client.post(MARK, sent, follow=True)
    assert answer.redirect_chain == [(ALL, 302)]
    page = answer.content.decode()
    assert "Marked 2 jobs as claimed; 8 credits are charged for them now." in page
    assert names(page) == ["vid_1", "vid_2"]
    assert lines(page)["Open"] == ["8 2 jobs", "8 2 jobs", "none", "none", "none"]
    assert lines(page)["Claimed"] == ["8 2 jobs", "4 1 job", "none", "4 1 job", "none"]
    claimed = client.get(f"{ALL}&refund=claimed&age=31-90").content.decode()
    assert names(claimed) == ["vid_old"]
    assert "The only one here, chosen above or not" in section(claimed)
    assert "Case 12" in section(claimed)


def test_every_number_leads_to_as_many_rows(jobs: Cast, signed_in: SignedIn) -> None:
    completed(
        jobs.nano, "vid_unsaid", jobs.alice, **{**FAILED, "credits_thousandths": None, "credits_basis": None}
    )
    completed(jobs.nano, "vid_undated", jobs.alice, **{**FAILED, "created_at": None})
    completed(jobs.reel, "rb-gone", jobs.bob, outcome="missing")
    mark_as(jobs.max, RefundState.REFUSED, "vid_1", "vid_unsaid")
    client = signed_in(jobs.max)
    page = client.get(ALL).content.decode()
    assert lines(page)["Refused"] == ["4 2 jobs, 1 without a figure", *lines(page)["Refused"][1:]]
    links = re.findall(
        r'<td class="number"><a href="([^"#]+)#refunds"[^>]*>.*?</td>', section(page), re.DOTALL
    )
    jobs_said = re.findall(r"<small>(\d+) job", section(page))
    assert len(links) == len(jobs_said) == 6
    for link, said in zip(links, jobs_said, strict=True):
        assert len(names(client.get(link.replace("&amp;", "&")).content.decode())) == int(said)


def test_all_that_are_meant_are_marked_if_they_are_no_more_than_was_said(
    jobs: Cast, signed_in: SignedIn
) -> None:
    client = signed_in(jobs.max)
    wanted = {"every": "4", "state": "claimed", "note": ""}
    completed(jobs.nano, "vid_new", jobs.alice, **FAILED)
    page = client.post(MARK, wanted).content.decode()
    assert "There are more of them by now: nothing was marked yet." in page
    assert not Refund.objects.exists()
    client.post(f"{MARK}&age=0-7", wanted)
    assert Refund.objects.count() == 4
    assert not Refund.objects.filter(generation__external_id__in=("vid_old", "vid_foreign")).exists()


def test_what_can_not_be_marked_loses_nothing(jobs: Cast, signed_in: SignedIn) -> None:
    """The note and the choice stay; the later of two is told what stands, and the other rows are marked."""
    client, rows = signed_in(jobs.max), [f"{pk('vid_0')}:0", f"{pk('vid_1')}:0"]
    for sent, said in (
        ({"row": rows, "note": "Case 12"}, "Choose what to mark them as."),
        ({"state": "claimed", "note": "Case 12"}, "Choose rows first."),
        ({"row": rows, "state": "claimed", "note": "Case 12" + "x" * 2000}, "a note has at most 2,000"),
    ):
        page = client.post(MARK, sent).content.decode()
        assert said in page
        assert "Case 12" in page
        assert section(page).count("checked>") == len(sent.get("row", []))
    mark_as(jobs.rita, RefundState.REFUSED, "vid_1")
    page = client.post(MARK, {"row": rows, "state": "claimed", "note": "Case 12"}).content.decode()
    left = page.partition("Left as they stand")[2].partition("</ul>")[0]
    assert re.sub(r"<[^>]+>", "", left).strip().startswith("vid_1: refused")
    assert "by Rita" in left
    assert "Marked 1 job as claimed" in page
    assert "Case 12" in page
    states = dict(Refund.objects.values_list("generation__external_id", "state"))
    assert states == {"vid_0": "claimed", "vid_1": "refused"}


def test_the_same_form_sent_twice_marks_once(jobs: Cast, signed_in: SignedIn) -> None:
    client, sent = signed_in(jobs.max), {"row": f"{pk('vid_0')}:0", "state": "claimed", "note": "Case 12"}
    client.post(MARK, sent)
    assert "1 job stood so already." in client.post(MARK, sent, follow=True).content.decode()
    assert RefundStep.objects.count() == 1


def test_rows_of_teams_one_does_not_manage_are_passed_over(jobs: Cast, signed_in: SignedIn) -> None:
    """An auditor there sees them, and can't choose them; who manages nothing has no form, and is refused."""
    Membership.objects.create(team=jobs.other_team, user=jobs.max, role=Role.AUDITOR)
    client = signed_in(jobs.max)
    page = client.get(ALL).content.decode()
    assert "vid_foreign" in names(page)
    assert f'value="{pk("vid_foreign")}:0"' not in page
    sent = {"row": [f"{pk('vid_foreign')}:0", f"{pk('vid_0')}:0", "x:1", "1"], "state": "claimed"}
    assert "You may not mark 1 job: left as before." in client.post(MARK, sent, follow=True).content.decode()
    assert Refund.objects.get().generation_id == pk("vid_0")
    for who in (jobs.audrey, jobs.alice, jobs.sid):
        assert MARK not in signed_in(who).get(ALL).content.decode()
        assert signed_in(who).post(MARK, sent).status_code == 403


def test_the_claim_of_what_was_claimed_is_a_reminder(jobs: Cast, signed_in: SignedIn) -> None:
    mark_as(jobs.max, RefundState.CLAIMED, "vid_0", "vid_1", note="internal")
    Generation.objects.filter(external_id="vid_0").update(credits_thousandths=1000)
    client = signed_in(jobs.audrey)
    assert client.get(f"{ALL}&format=txt").content.decode().count("vid_") == 2
    letter = client.get(f"{ALL}&refund=claimed&format=txt").content.decode()
    assert "We claimed 4 credits back for 1 job and have no answer yet." in letter
    assert re.search(r"vid_1 .* 4 credits  failed  claimed \d{4}-", letter)
    rows = list(csv.DictReader(io.StringIO(client.get(f"{ALL}&refund=refunded&format=csv").content.decode())))
    assert [(row["external_id"], row["credits"], row["credits_back"]) for row in rows] == [
        ("vid_0", "4", "3")
    ]
    assert "internal" not in str(rows)
    assert "There is no such format" in client.get(f"{ALL}&refund=refunded&format=txt").content.decode()


def test_what_nobody_knows_the_charge_of_is_claimed_as_unknown(people: Cast, signed_in: SignedIn) -> None:
    """On the page and in the letter; beside others their sum is said, and how many have none."""
    unsaid = {**FAILED, "credits_thousandths": None, "credits_basis": None}
    completed(people.nano, "vid_unsaid", people.alice, **unsaid)
    mark_as(people.max, RefundState.CLAIMED, "vid_unsaid")
    client, address = signed_in(people.audrey), f"{ALL}&refund=claimed"
    page = client.get(address).content.decode()
    assert lines(page)["Claimed"][0] == "— not reported 1 job, 1 without a figure"
    assert "<strong>0 credits" not in page
    assert (
        "We claimed an unknown number of credits back for 1 job"
        in client.get(f"{address}&format=txt").content.decode()
    )
    completed(people.nano, "vid_said", people.alice, **FAILED)
    mark_as(people.max, RefundState.CLAIMED, "vid_said")
    assert lines(client.get(address).content.decode())["Claimed"][0] == "4 2 jobs, 1 without a figure"
    letter = client.get(f"{address}&format=txt").content.decode()
    assert "We claimed 4 credits (of 1 the charge is not known) back for 2 jobs" in letter


def test_pages_of_many_rows_lead_on(jobs: Cast, signed_in: SignedIn) -> None:
    for number in range(100):
        completed(jobs.nano, f"vid_more_{number}", jobs.bob, **FAILED)
    client, seen = signed_in(jobs.audrey), []
    address = ALL
    while address:
        page = client.get(address).content.decode()
        seen += names(page)
        found = re.search(r'rel="next" href="([^"#]+)', page)
        address = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 104


def test_bad_values_are_said(jobs: Cast, signed_in: SignedIn) -> None:
    page = signed_in(jobs.audrey).get(f"{ALL}&refund=lost&age=1&page=x").content.decode()
    assert section(page).count("“lost” is no") + section(page).count("“1” is no") == 2
    assert names(page) == ["vid_old", "vid_0", "vid_1", "vid_2"]


def test_rows_of_others_change_no_byte(jobs: Cast, signed_in: SignedIn) -> None:
    """Neither their refunds nor how they are marked: of a member, and of another team's manager."""
    completed(jobs.nano, "vid_bobs", jobs.bob, **FAILED)
    clients = signed_in(jobs.bob), signed_in(jobs.otto)

    def told() -> list[bytes]:
        return [
            re.sub(
                rb"csrfmiddlewaretoken\" value=\"[^\"]*|nonce-[^'\"]+|<time.*?</time>",
                b"",
                client.get(address).content,
            )
            for client in clients
            for address in (ALL, f"{ALL}&refund=claimed", f"{ALL}&refund=claimed&format=csv")
        ]

    before = told()
    completed(jobs.nano, "vid_late", jobs.alice, **FAILED)
    mark_as(jobs.max, RefundState.CLAIMED, "vid_0", "vid_late", note="secret")
    Generation.objects.filter(external_id="vid_1").update(credits_thousandths=0)
    assert told() == before


def card(client: Client, name: str = "vid_0") -> str:
    page = client.get(f"/generations/nanobanana/{name}/").content.decode()
    return page.partition('id="refund"')[2].partition("</section>")[0]


def test_a_records_page_tells_its_refund_with_every_step(jobs: Cast, signed_in: SignedIn) -> None:
    mark_as(jobs.max, RefundState.CLAIMED, "vid_0", note="Case 12")
    Generation.objects.filter(external_id="vid_0").update(
        credits_thousandths=1000, credits_most_thousandths=4000
    )
    for who, has_form in ((jobs.alice, False), (jobs.audrey, False), (jobs.max, True), (jobs.rita, True)):
        shown = card(signed_in(who))
        assert "3 of 4 credits came back" in shown
        assert re.findall(r"</svg>(\w+)</span>", shown) == ["Refunded", "Refunded", "Claimed"]
        assert "Case 12" in shown
        assert ("<form" in shown) == has_form
    completed(jobs.nano, "vid_well", jobs.alice)
    assert not card(signed_in(jobs.alice), "vid_well")
    assert "Nothing is claimed for this job." in card(signed_in(jobs.max), "vid_well")


def test_a_manager_marks_a_record_on_its_page(jobs: Cast, signed_in: SignedIn) -> None:
    address = "/generations/refund/?provider=nanobanana&external_id=vid_0"
    client = signed_in(jobs.max)
    sent: dict[str, Any] = {"row": f"{pk('vid_0')}:0", "state": "claimed", "note": "Case 12"}
    answer = client.post(address, sent)
    assert answer.headers["Location"] == "/generations/nanobanana/vid_0/?team=north"
    late = (
        signed_in(jobs.rita).post(address, {**sent, "state": "refused", "note": "Too late"}).content.decode()
    )
    assert "changed this after you saw it" in late
    assert "Too late" in late
    assert Refund.objects.get().state == "claimed"
    wrong = client.post(address, {**sent, "state": "lost"}).content.decode()
    assert "Choose what to mark it as." in wrong


def test_the_page_asks_few_questions_whatever_there_is(
    jobs: Cast, signed_in: SignedIn, queries: Queries
) -> None:
    client = signed_in(jobs.max)
    before = len(queries(client, ALL))
    for number in range(20):
        completed(jobs.nano, f"vid_more_{number}", jobs.bob, **FAILED)
    mark_as(jobs.max, RefundState.CLAIMED, *(f"vid_more_{number}" for number in range(10)))
    assert len(queries(client, ALL)) == before
