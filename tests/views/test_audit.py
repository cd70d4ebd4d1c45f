"""`/audit/`: who is shown which of the trail's entries, found and paged."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from auditing import trail
from auditing.models import Account, Export, Membership, Role, TrailEntry, User
from tests.exports.reopening import rows_of_workbook
from tests.views.cast import Cast, completed
from tests.views.conftest import Queries, SignedIn, text


def asked_on(client: Client, address: str = "/audit/") -> list[str]:
    """What was asked for, entry by entry, as the page shows it."""
    cells = re.findall(r'<td class="asked">(.*?)</td>', client.get(address).content.decode(), re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]


def test_managers_see_their_teams_entries_and_nothing_of_others(people: Cast, signed_in: SignedIn) -> None:
    """Neither another team's, nor what belongs to none; site auditors and superusers see it all."""
    trail.refused(people.alice, trail.Asked(words="north asks"))
    trail.refused(people.otto, trail.Asked(words="south asks"))
    trail.refused(people.sid, trail.Asked(words="no team asks"))
    assert asked_on(signed_in(people.max)) == ["north asks"]
    assert asked_on(signed_in(people.otto)) == ["south asks"]
    for person in (people.sid, people.rita):
        assert asked_on(signed_in(person)) == ["no team asks", "south asks", "north asks"]


def test_a_manager_can_not_learn_from_a_refusal_whether_a_record_exists(
    people: Cast, signed_in: SignedIn
) -> None:
    """Their member tried another team's record, and one that is nowhere: both look the same."""
    completed(people.other_nano, "vid_1", people.otto)
    for number in (1, 2):
        signed_in(people.alice).get(f"/generations/nanobanana/vid_{number}/")
    page = signed_in(people.max).get("/audit/").content.decode()
    rows = [
        re.sub(r"[0-9a-f]{8}</span>", "", row).replace("vid_2", "vid_1")
        for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL)
        if "vid_" in row
    ]
    assert len(rows) == 2
    same = {re.sub(r"<time.*?</time>", "", row, flags=re.DOTALL) for row in rows}
    assert len(same) == 1
    assert "403" not in "".join(same)
    assert asked_on(signed_in(people.otto)) == []


def test_who_manages_nothing_is_told_so(people: Cast, signed_in: SignedIn) -> None:
    """A page in words, for a member and for an auditor."""
    for person in (people.alice, people.audrey):
        response = signed_in(person).get("/audit/")
        assert response.status_code == 403
        assert b"The trail is for managers" in response.content


def test_who_left_the_team_stays_in_its_trail(people: Cast, signed_in: SignedIn) -> None:
    """And what they do elsewhere does not come into it."""
    trail.refused(people.alice, trail.Asked(words="before"))
    Membership.objects.filter(user=people.alice).update(team=people.other_team)
    trail.refused(people.alice, trail.Asked(words="after"))
    assert asked_on(signed_in(people.max)) == ["before"]
    assert asked_on(signed_in(people.otto)) == ["after"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("person=alice", ["a"]),
        ("person=nora", []),
        ("person=~none", ["n"]),
        ("act=token_made", ["t"]),
        ("act=token_made&act=refused", ["t", "a"]),
        ("q=A", ["a"]),
        ("q=100%25", []),
        ("done_from=2026-10-02", ["n", "t"]),
        ("done_to=2026-10-01", ["a"]),
        ("done_from=2026-10-02&done_to=2026-10-02", ["t"]),
        ("person=&act=&done=&done_from=&done_to=&q=", ["n", "t", "a"]),
        ("person_not=alice", ["n", "t"]),
        ("person_not=~none", ["t", "a"]),
        ("act_not=refused&act_not=key_stored", ["t"]),
        ("team=north&act=refused", ["a"]),
        ("team_not=north", []),
        ("done=today", []),
    ],
)
def test_entries_are_found(people: Cast, signed_in: SignedIn, query: str, found: list[str]) -> None:
    """By person, act, day and text; blanks count for nothing."""

    def told(act: str, asked: str, day: int, owner: User | None) -> None:
        moment = datetime(2026, 10, day, 12, tzinfo=UTC)
        TrailEntry.objects.create(act=act, asked=asked, acted_at=moment, owner=owner, team=people.team)

    told("refused", "a", 1, people.alice)
    told("token_made", "t", 2, people.max)
    told("key_stored", "n", 3, None)
    assert asked_on(signed_in(people.max), f"/audit/?{query}") == found


@pytest.mark.parametrize(
    "query",
    [
        "act=danced",
        "act_not=danced",
        "done=someday",
        "done_from=yesterday",
        "done_from=2026-10-02&done_to=2026-10-01",
        "q=%00",
        "older=1",
        "newer=x-1",
        "per_page=7",
        "format=pdf",
        "format=csv&columns=who",
    ],
)
def test_a_bad_filter_is_said_and_does_not_count(people: Cast, signed_in: SignedIn, query: str) -> None:
    """The page stays."""
    trail.signed_in(people.alice)
    response = signed_in(people.max).get(f"/audit/?{query}")
    assert response.status_code == 200
    assert b"field-error" in response.content or b"results-fault" in response.content
    assert b"Signed in" in response.content


def test_pages_follow_each_other_without_gap_or_repetition(people: Cast, signed_in: SignedIn) -> None:
    """In both directions, also where many entries have the same time."""
    moment = datetime(2026, 10, 1, tzinfo=UTC)
    TrailEntry.objects.bulk_create(
        TrailEntry(act="refused", asked=f"{n}", team=people.team, acted_at=moment + timedelta(days=n // 60))
        for n in range(120)
    )
    client, address, seen, pages = signed_in(people.max), "/audit/?act=refused", [], []
    while address:
        pages.append(address)
        seen.append(asked_on(client, address))
        address = link(client, address, "next")
    assert [int(asked) for page in seen for asked in page] == list(reversed(range(120)))
    assert asked_on(client, link(client, pages[-1], "prev")) == seen[-2]


def link(client: Client, address: str, rel: str) -> str:
    """The address of the next or previous page; empty where there is none."""
    found = re.search(rf'rel="{rel}" href="([^"]+)"', client.get(address).content.decode())
    return f"/audit/{found[1].replace('&amp;', '&')}" if found else ""


def test_entries_lead_to_what_they_are_about(people: Cast, signed_in: SignedIn) -> None:
    """A record's page (a refused one's as it was asked for), the accounts, the person's other acts."""
    generation = completed(people.nano, "vid_a", people.alice)
    trail.viewed(people.alice, generation)
    trail.refused(people.alice, trail.Asked.record("reelbot", "a/b"))
    trail.key_stored(people.max, Account.objects.get(label="north-nano"), replaced=False)
    page = signed_in(people.max).get("/audit/").content.decode()
    for href in (
        "/generations/nanobanana/vid_a/?team=north",
        "/generations/reelbot/a%2Fb/",
        "/sync/",
        "/audit/?person=alice",
    ):
        assert f'href="{href}"' in page


def test_it_takes_few_queries_whatever_is_in_it(people: Cast, signed_in: SignedIn, queries: Queries) -> None:
    """People, teams and accounts come with the entries."""
    Membership.objects.create(team=people.other_team, user=people.max, role=Role.MANAGER)
    client = signed_in(people.max)
    before = len(queries(client, "/audit/"))
    for person in (people.alice, people.bob, people.otto) * 5:
        trail.signed_in(person)
        trail.refresh_of_account_asked(person, people.nano)
    assert before == len(queries(client, "/audit/")) == 9
    assert len(queries(signed_in(people.rita), "/audit/")) == 8


def test_its_text_is_shown_not_obeyed(people: Cast, signed_in: SignedIn) -> None:
    """An address asked for is a stranger's text."""
    signed_in(people.alice).get("/generations/nanobanana/%3Cscript%3E/")
    page = signed_in(people.max).get("/audit/").content.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "Trail of people" in text(signed_in(people.max), "/audit/")


@pytest.mark.parametrize(
    ("person", "led_there"),
    [("alice", False), ("audrey", False), ("max", True), ("sid", True), ("rita", True)],
)
def test_the_menu_leads_only_those_there_who_may_read_it(
    people: Cast, signed_in: SignedIn, person: str, led_there: bool
) -> None:
    for address in ("/", "/help/", "/audit/"):
        page = signed_in(getattr(people, person)).get(address).content.decode()
        assert (">Trail of people</a>" in page) is led_there, address


def test_an_act_of_another_version_is_shown_as_it_is(people: Cast, signed_in: SignedIn) -> None:
    """Entries outlive the versions that wrote them."""
    TrailEntry.objects.create(act="danced_twice", owner=people.alice, team=people.team)
    assert "Danced twice" in text(signed_in(people.max), "/audit/")


def exported(client: Client, query: str) -> list[dict[str, object]]:
    """The entries of an export."""
    response: Any = client.get(f"/audit/?format=ndjson{query}")
    return [json.loads(line) for line in response.getvalue().splitlines()]


def test_it_is_exported_as_it_is_read(people: Cast, signed_in: SignedIn) -> None:
    """Exactly the entries that the filter and the reader's rights select, in order; and that is told."""
    for number in range(60):
        trail.refused(people.alice, trail.Asked.record("reelbot", f"rb-{number}"))
    trail.refused(people.otto, trail.Asked.record("reelbot", "rb-south"))
    trail.signed_in(people.alice)
    client = signed_in(people.max)
    read = [*asked_on(client, "/audit/?act=refused")]
    read += asked_on(client, link(client, "/audit/?act=refused", "next"))
    found = exported(client, "&act=refused")
    assert [row["asked"] for row in found] == read
    assert len(read) == 60
    assert found[0] | {"acted_at": "", "request_id": ""} == {
        "acted_at": "",
        "act": "refused",
        "person": "alice",
        "team": "north",
        "asked": "reelbot/rb-59",
        "result": "refused",
        "provider": "reelbot",
        "external_id": "rb-59",
        "account": None,
        "token": "",
        "address": None,
        "request_id": "",
    }
    told = TrailEntry.objects.filter(act="exported").values_list("team", "owner", "asked")
    assert list(told) == [(people.team.pk, people.max.pk, "ndjson of the trail?act=refused")]
    export = Export.objects.get()
    assert (export.words, export.rows, export.credits_known) == ("Refused; newest first", 60, None)
    assert json.loads(client.get(f"/exports/{export.pk}/manifest/").content)["credits"] is None
    assert "/audit/?act=refused" in client.get("/exports/").content.decode()


@pytest.mark.parametrize("written", ["csv", "xlsx"])
def test_it_is_exported_to_spreadsheets(people: Cast, signed_in: SignedIn, written: str) -> None:
    """With nothing in it that becomes a formula."""
    trail.refused(people.alice, trail.Asked(words="=HYPERLINK(1)"))
    response: Any = signed_in(people.max).get(f"/audit/?format={written}&columns=asked,address&act=refused")
    content = response.getvalue()
    if written == "csv":
        assert content == b'asked,address\n"\'=HYPERLINK(1)",\n'
    else:
        assert list(rows_of_workbook(content)) == [("asked", "address"), ("=HYPERLINK(1)", None)]


@pytest.mark.parametrize(
    ("person", "query", "teams"),
    [("max", "", ["north"]), ("sid", "", [None]), ("sid", "&team=south", ["south"]), ("rita", "", [None])],
)
def test_its_export_is_told_to_whose_entries_are_in_it(
    people: Cast, signed_in: SignedIn, person: str, query: str, teams: list[str | None]
) -> None:
    """An auditor's team is not concerned by what its auditor manages elsewhere."""
    Membership.objects.create(team=people.other_team, user=people.max, role=Role.AUDITOR)
    exported(signed_in(getattr(people, person)), query)
    assert list(TrailEntry.objects.values_list("team__slug", flat=True)) == teams


def test_a_part_of_it_is_answered_with_its_address(people: Cast, signed_in: SignedIn) -> None:
    """The form and the entries, and how many there are."""
    trail.signed_in(people.alice)
    answer = signed_in(people.max).get(
        "/audit/?act=signed_in&done=&q=", headers={"HX-Request": "true", "HX-Target": "browse"}
    )
    assert answer.headers["HX-Push-Url"] == "/audit/?act=signed_in"
    content = answer.content.decode()
    assert content.startswith('<div class="browse"')
    assert '<p id="count" data-hx-swap-oob="innerHTML">1 entry: Signed in; newest first</p>' in content


def test_every_part_of_its_filter_can_be_removed(people: Cast, signed_in: SignedIn) -> None:
    """By a chip; the page's size stays."""
    query = "person=alice&act_not=viewed&done=last-7-days&q=x&per_page=25"
    page = signed_in(people.max).get(f"/audit/?{query}").content.decode()
    left = {unescape(found) for found in re.findall(r'class="chip" href="\?([^"]+)"', page)}
    parts = query.split("&")
    assert left == {"&".join(part for part in parts if part != gone) for gone in parts[:-1]}
    assert 'href="?per_page=25" data-hx-get="?per_page=25"' in page
