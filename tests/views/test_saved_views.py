"""Saved views: whose they are, what sharing shows and to whom, and that they never widen what anyone sees."""

import re
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from auditing.access import acting_as, visible_saved_views
from auditing.filters.fields import FIELDS
from auditing.models import (
    Account,
    ListPreference,
    Membership,
    Project,
    Role,
    SavedView,
    Tag,
    TrailEntry,
    User,
)
from auditing.saved_views import CHECKED
from tests.views.cast import Cast, completed
from tests.views.conftest import Queries, SignedIn

NEW, ALL, EDIT = "/views/save/", "/views/", "/views/edit/"
PART = {"HX-Request": "true"}


def saved(client: Client, query: str = "status=failed", **form: str) -> Any:
    """The answer to a view that is saved by the form; `Failed` and private unless told."""
    return client.post(NEW, {"query": query, "name": "Failed", **form})


def names_on(client: Client, address: str = ALL) -> list[str]:
    return re.findall(r'class="row-title" href="[^"]*">([^<]+)<', client.get(address).content.decode())


def pinned_on(client: Client, address: str) -> list[tuple[str, bool]]:
    """The views in the sidebar, and whether each is the page that is shown."""
    sidebar = re.search(r'id="pinned".*?</ul>', client.get(address).content.decode(), re.DOTALL)
    links = re.findall(r'<a href="[^"]*"([^>]*) title="([^"]+)">', sidebar[0]) if sidebar else []
    return [(name, "aria-current" in marks) for marks, name in links]


def test_a_list_is_saved_under_a_name_and_opened_by_it(people: Cast, signed_in: SignedIn) -> None:
    """Without its page and page size; pinned, it stands in the sidebar of every page."""
    client = signed_in(people.alice)
    answer = saved(client, "sort=title&per_page=25&status=failed&after=x", name="  Failed   ones ", pin="on")
    assert answer.headers["Location"] == "/generations/?status=failed&sort=title"
    assert SavedView.objects.get().query == "status=failed&sort=title"
    assert pinned_on(client, "/generations/?status=failed&sort=title") == [("Failed ones", True)]
    assert pinned_on(client, "/generations/?status=failed&sort=title&per_page=100") == [("Failed ones", True)]
    assert pinned_on(client, "/help/") == [("Failed ones", False)]
    assert pinned_on(signed_in(people.bob), "/help/") == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "This field is required"),
        ("   ", "This field is required"),
        ("x" * 61, "at most 60"),
        ("FAILED", "has this name"),
    ],
)
def test_a_bad_name_is_said_at_its_field(people: Cast, signed_in: SignedIn, name: str, said: str) -> None:
    """And nothing that was chosen is lost."""
    client = signed_in(people.alice)
    saved(client)
    page = saved(client, "q=sea&sort=title", name=name, team="north").content.decode()
    assert said in page
    assert 'id="id_name_error"' in page
    assert 'name="query" value="q=sea&amp;sort=title"' in page
    assert '<option value="north" selected>' in page
    assert SavedView.objects.count() == 1


def test_a_private_view_is_its_persons_alone(people: Cast, signed_in: SignedIn) -> None:
    """Also for managers, site auditors, superusers, and in the database."""
    saved(signed_in(people.alice))
    for person in (people.bob, people.max, people.sid, people.rita, people.otto):
        assert names_on(signed_in(person)) == []
        with acting_as(person):
            assert SavedView.objects.count() == 0
    assert names_on(signed_in(people.alice)) == ["Failed"]


def test_a_shared_view_is_the_teams(people: Cast, signed_in: SignedIn) -> None:
    """And shows each of them their own rows; other teams do not learn of it."""
    completed(people.nano, "vid_alice", people.alice, status="failed")
    completed(people.nano, "vid_bob", people.bob, status="failed")
    saved(signed_in(people.audrey), team="north")
    for person in (people.alice, people.bob, people.max, people.audrey):
        assert names_on(signed_in(person)) == ["Failed"]
    assert names_on(signed_in(people.otto)) == []
    rows = signed_in(people.bob).get("/generations/?status=failed").content
    assert b"vid_bob" in rows
    assert b"vid_alice" not in rows


def test_a_shared_view_that_names_people_is_for_those_who_see_them(people: Cast, signed_in: SignedIn) -> None:
    """A member is not told whose rows there are, nor whose key: by neither wall."""
    Account.objects.create(
        provider="reelbot", label="bobs-own", team=people.team, owner=people.bob, base_url="http://x"
    )
    client = signed_in(people.max)
    saved(client, "owner=bob", name="Bob", team="north")
    saved(client, "owner_not=bob", name="Not Bob", team="north")
    saved(client, "account=bobs-own", name="Bob's key", team="north")
    saved(client, "account=north-nano&owner=~none", name="Nobody's", team="north")
    assert names_on(signed_in(people.alice)) == ["Nobody&#x27;s"]
    assert len(names_on(signed_in(people.audrey))) == 4
    with acting_as(people.alice):
        assert [view.name for view in SavedView.objects.all()] == ["Nobody's"]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("team=south", "team south"),
        ("account=south-nano&account=north-nano", "account south-nano"),
        ("owner=otto", "owner otto"),
        ("owner_not=otto&tag=theirs&tag_not=ours", "owner otto, tag theirs"),
        ("project=Autumn", "project Autumn"),
        ("project=Nowhere", "project Nowhere"),
        ("owner=otto&team=north&team=south", "team south, owner otto"),
    ],
)
def test_a_shared_view_names_nothing_of_another_team(
    people: Cast, signed_in: SignedIn, query: str, named: str
) -> None:
    """Who is in two teams is told what it would give away; keeping it private is no matter."""
    Membership.objects.create(team=people.other_team, user=people.max, role=Role.MANAGER)
    Project.objects.create(team=people.other_team, name="Autumn")
    Project.objects.create(team=people.team, name="Spring")
    Tag.objects.create(team=people.team, name="ours")
    Tag.objects.create(team=people.other_team, name="theirs")
    client = signed_in(people.max)
    page = saved(client, f"{query}&project=Spring", team="north").content.decode()
    assert f"It names what is not of North: {named}." in page
    assert 'id="id_team_error"' in page
    assert SavedView.objects.count() == 0
    assert saved(client, query).status_code == 302
    view = SavedView.objects.get()
    page = client.post(f"{EDIT}?view={view.pk}", {"name": "Failed", "team": "north"}).content.decode()
    assert named in page
    assert SavedView.objects.get().team is None


def test_every_column_that_holds_names_is_checked() -> None:
    """A new one has to be settled, too: is what it names a team's own?"""
    words_of_providers = {"resolution", "mode", "provider_status"}
    assert {key for key, field in FIELDS.items() if field.accepted is None} - words_of_providers == set(
        CHECKED
    )


def test_a_view_is_changed_renamed_and_shared_by_its_owner(people: Cast, signed_in: SignedIn) -> None:
    """And by nobody else."""
    client = signed_in(people.alice)
    saved(client)
    view = SavedView.objects.get()
    client.post(NEW, {"query": "status=pending", "replaces": str(view.pk)})
    assert SavedView.objects.get().query == "status=pending"
    client.post(f"{EDIT}?view={view.pk}", {"name": "Waiting", "team": "north"})
    changed = SavedView.objects.get()
    assert (changed.name, changed.team, changed.query) == ("Waiting", people.team, "status=pending")
    for person in (people.bob, people.max, people.rita, people.otto):
        other = signed_in(person)
        assert other.post(f"{EDIT}?view={view.pk}", {"name": "Mine"}).status_code == 404
        assert other.post(NEW, {"query": "", "replaces": str(view.pk)}).status_code == 404
    client.post(NEW, {"query": "team=south", "replaces": str(view.pk)})
    assert SavedView.objects.get().query == "status=pending"


def test_a_shared_view_is_removed_by_its_owner_or_a_manager(people: Cast, signed_in: SignedIn) -> None:
    """Others take it out of their sidebar; its address goes on working, as it is only a list's."""
    for remover, is_removed in (
        (people.bob, False),
        (people.audrey, False),
        (people.max, True),
        (people.alice, True),
    ):
        saved(signed_in(people.alice), team="north")
        view = SavedView.objects.get()
        client = signed_in(remover)
        client.post(ALL, {"act": "pin", "view": view.pk})
        client.post(ALL, {"act": "remove", "view": view.pk})
        assert SavedView.objects.exists() is not is_removed
        SavedView.objects.all().delete()
        assert client.get("/help/").status_code == 200
    assert signed_in(people.otto).post(ALL, {"act": "remove", "view": view.pk}).status_code == 404


def test_the_database_lets_nobody_write_anothers_view(people: Cast) -> None:
    """Nor share one with a team that is not theirs."""
    with acting_as(people.alice):
        view = SavedView.objects.create(owner=people.alice, name="A", query="", team=people.team)
        assert SavedView.objects.create(owner=people.alice, name="B", query="").pk
    with acting_as(people.bob):
        assert SavedView.objects.filter(pk=view.pk).update(name="Bob's") == 0
        assert SavedView.objects.filter(pk=view.pk).delete()[0] == 0
    for owner, team in ((people.alice, None), (people.bob, people.other_team)):
        with pytest.raises(DatabaseError), transaction.atomic(), acting_as(people.bob):
            SavedView.objects.create(owner=owner, name="C", query="", team=team)


def test_who_leaves_a_team_loses_its_views(people: Cast, signed_in: SignedIn) -> None:
    """Pinned or opened first, they are gone; one's own stay, and can be removed."""
    saved(signed_in(people.audrey), team="north")
    theirs = SavedView.objects.get()
    client = signed_in(people.alice)
    saved(client, "q=sea", name="Mine", team="north", pin="on")
    for act in ("pin", "first"):
        client.post(ALL, {"act": act, "view": theirs.pk})
    assert client.get("/generations/").headers["Location"] == "/generations/?status=failed"
    Membership.objects.filter(user=people.alice).delete()
    assert client.get("/generations/").status_code == 200
    assert pinned_on(client, "/help/") == [("Mine", False)]
    mine = SavedView.objects.get(name="Mine")
    page = client.post(f"{EDIT}?view={mine.pk}", {"name": "Mine", "team": ""}).content.decode()
    assert "You are not of its team any more" in page
    assert "a team that you have left" in client.get(ALL).content.decode()
    client.post(ALL, {"act": "remove", "view": mine.pk})
    assert list(SavedView.objects.all()) == [theirs]


def test_the_list_opens_with_the_view_that_was_chosen(people: Cast, signed_in: SignedIn) -> None:
    """At its own address; “All generations” leads out, and no link of that list leads back in."""
    completed(people.nano, "vid_a", people.alice)
    client = signed_in(people.alice)
    saved(client)
    view = SavedView.objects.get()
    client.post(ALL, {"act": "first", "view": view.pk})
    assert client.get("/generations/").headers["Location"] == "/generations/?status=failed"
    page = client.get("/generations/?status=failed").content.decode()
    assert 'href="/generations/?view=all"' in page
    assert 'href="?view=all"' in page  # the chip's and "Clear all"
    everything = client.get("/generations/?view=all").content.decode()
    assert "vid_a" in everything
    assert 'href="?"' not in everything
    part = client.get("/generations/?q=", headers=PART)
    assert part.headers["HX-Push-Url"] == "/generations/?view=all"
    client.post(ALL, {"act": "not_first", "view": view.pk})
    assert client.get("/generations/").status_code == 200
    saved(client, "", name="Everything")
    client.post(ALL, {"act": "first", "view": SavedView.objects.get(name="Everything").pk})
    assert client.get("/generations/").headers["Location"] == "/generations/?view=all"


def test_pins_and_the_first_view_outlive_other_columns(people: Cast, signed_in: SignedIn) -> None:
    """Putting the columns back to the usual is about columns."""
    client = signed_in(people.alice)
    saved(client, pin="on")
    client.post("/generations/columns/", {"order": ["team"], "show": ["team"], "density": "compact"})
    client.post("/generations/columns/", {"order": ["team"], "reset": "1"})
    stored = ListPreference.objects.get()
    assert (stored.columns, stored.density) == ([], "comfortable")
    assert pinned_on(client, "/help/") == [("Failed", False)]
    client.post(ALL, {"act": "unpin", "view": SavedView.objects.get().pk})
    assert pinned_on(client, "/help/") == []


def test_what_is_pinned_and_saved_has_an_end(people: Cast, signed_in: SignedIn) -> None:
    """Said where it is reached."""
    client = signed_in(people.alice)
    for number in range(13):
        saved(client, name=f"View {number}", pin="on")
    assert len(pinned_on(client, "/help/")) == 12
    page = client.post(ALL, {"act": "pin", "view": SavedView.objects.get(name="View 12").pk}).content.decode()
    assert "12 views are pinned" in page
    SavedView.objects.bulk_create(SavedView(owner=people.alice, name=f"N{number}") for number in range(90))
    assert "You have 100 views" in saved(client, name="One more").content.decode()


def test_the_trail_tells_a_team_what_is_shared_with_it(people: Cast, signed_in: SignedIn) -> None:
    """And nothing of what somebody keeps to themselves."""
    client = signed_in(people.alice)
    saved(client, name="Secret plan")
    saved(client, name="Ours", team="north")
    view = SavedView.objects.get(name="Ours")
    client.post(f"{EDIT}?view={view.pk}", {"name": "Ours", "team": ""})
    client.post(f"{EDIT}?view={view.pk}", {"name": "Ours", "team": "north"})
    signed_in(people.max).post(ALL, {"act": "remove", "view": view.pk})
    told = TrailEntry.objects.filter(act__startswith="view_").order_by("pk")
    assert [(entry.act, entry.team_id, entry.asked, entry.result) for entry in told] == [
        ("view_saved", None, "a view of their own", ""),
        ("view_saved", people.team.pk, "Ours", "shared with: none → north"),
        ("view_changed", people.team.pk, "Ours", "shared with: north → none"),
        ("view_changed", people.team.pk, "Ours", "shared with: none → north"),
        ("view_removed", people.team.pk, "Ours", "shared with: north → none"),
    ]


def test_pages_take_as_many_queries_with_many_views_as_with_one(
    people: Cast, signed_in: SignedIn, queries: Queries
) -> None:
    """The sidebar's views come in two queries, and only where there are any."""
    client = signed_in(people.alice)
    none = queries(client, "/help/")
    saved(client, pin="on")
    one, page = queries(client, "/help/"), queries(client, ALL)
    for number in range(9):
        saved(client, f"q=text{number}", name=f"View {number}", pin="on", team="north")
    assert len(queries(client, "/help/")) == len(one) <= len(none) + 2
    assert len(queries(client, ALL)) == len(page)


def test_everybody_is_shown_the_same_views_by_both_walls(people: Cast, signed_in: SignedIn) -> None:
    """What the program asks for is what the database would give."""
    everybody: list[User] = [
        getattr(people, name) for name in ("alice", "bob", "audrey", "max", "otto", "sid", "rita")
    ]
    for person in everybody:
        client = signed_in(person)
        team = "south" if person == people.otto else "north"
        saved(client, name="Private")
        saved(client, name="Shared", team=team)
        saved(client, f"owner={person.username}", name="Mine", team=team)
    for person in everybody:
        with acting_as(person):
            shown = set(visible_saved_views(person).values_list("pk", flat=True))
            assert shown == set(SavedView.objects.values_list("pk", flat=True))
