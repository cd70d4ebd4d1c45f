"""`/audit/`: who is shown which of the trail's entries, found and paged."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from auditing import trail
from auditing.models import Account, Membership, Role, TrailEntry, User
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
        ("from=2026-10-02", ["n", "t"]),
        ("to=2026-10-01", ["a"]),
        ("from=2026-10-02&to=2026-10-02", ["t"]),
        ("person=&act=&from=&to=&q=", ["n", "t", "a"]),
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
    ["act=danced", "from=yesterday", "from=2026-10-02&to=2026-10-01", "q=%00", "older=1", "newer=x-1"],
)
def test_a_bad_filter_is_said_and_does_not_count(people: Cast, signed_in: SignedIn, query: str) -> None:
    """The page stays."""
    trail.signed_in(people.alice)
    response = signed_in(people.max).get(f"/audit/?{query}")
    assert response.status_code == 200
    assert b"field-error" in response.content or b"is no place in the trail" in response.content
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
    assert before == len(queries(client, "/audit/")) == 8
    assert len(queries(signed_in(people.rita), "/audit/")) == 5


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
