"""The trail of people: what is told, to which team, and that nobody changes it afterwards."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from auditing import trail
from auditing.access import SYSTEM, acting_as
from auditing.accounts import AccountWanted, keep_account
from auditing.models import Act, Membership, Role, TrailEntry, User
from auditing.origin import Origin, coming_from
from auditing.teams import add_member, set_site_auditor
from auditing.views import words
from tests.views.cast import Cast, assemble, completed
from tests.views.conftest import people, signed_in

__all__ = ["people", "signed_in"]

PASSWORD = "correct horse battery"
type SignedIn = Callable[[User | None], Client]


def told(*columns: str) -> list[Any]:
    """These columns of every entry, in the order in which they were told."""
    rows = TrailEntry.objects.order_by("pk")
    return list(rows.values_list(*columns, flat=len(columns) == 1))


@pytest.fixture
def cast(db: None) -> Cast:  # noqa: ARG001 - the fixture opens the database
    """The people, with a password."""
    return assemble(PASSWORD)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE auditing_trailentry SET owner_id = NULL",
        "DELETE FROM auditing_trailentry",
        "TRUNCATE auditing_trailentry",
    ],
)
def test_the_database_lets_nobody_change_it(cast: Cast, statement: str) -> None:
    """Neither a row nor all of them."""
    trail.signed_in(cast.alice)
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)
    assert told("act") == ["signed_in"]


@pytest.mark.parametrize("act", ["", "Danced", "danced twice", "_", "danced_"])
def test_the_database_holds_acts_to_their_form(cast: Cast, act: str) -> None:
    """One word, or several joined."""
    with pytest.raises(IntegrityError, match="trail_act_is_a_word"), transaction.atomic():
        TrailEntry.objects.create(act=act, owner=cast.alice)


def test_every_act_has_a_look() -> None:
    """A new one is a line among the acts, and a line here."""
    assert set(words.ACT_LOOKS) == set(Act)


def test_a_change_of_a_record_tells_from_what_to_what(cast: Cast) -> None:
    """As much of it as an entry holds, to the record's team."""
    generation = completed(cast.nano, "vid_a", cast.alice)
    trail.record_changed(
        Act.VIEWED,
        cast.max,
        generation,
        trail.Change("owner", "alice", None),
        trail.Change("project", None, "Spring 26"),
        trail.Change("note"),
    )
    trail.record_changed(Act.VIEWED, None, generation, trail.Change("tag", "", "x\0" * 400))
    assert told("team", "asked", "result")[0] == (
        cast.team.pk,
        "nanobanana/vid_a",
        "owner: alice → none; project: none → “Spring 26”; note",
    )
    assert told("owner") == [cast.max.pk, None]
    cut = told("result")[1]
    assert (cut[:12], cut[-1], len(cut)) == ("tag: “” → x\ufffd", "…", 300)


def test_a_change_of_ones_own_is_told_to_ones_teams(cast: Cast) -> None:
    """Or to the teams that it concerns, or to none."""
    trail.changed(Act.VIEWED, cast.alice, "my view", trail.Change("name", "a", "b"))
    trail.changed(Act.VIEWED, cast.alice, "our view", teams=[cast.other_team.pk])
    trail.changed(Act.VIEWED, cast.rita, "everybody's", teams=[])
    assert told("team", "asked", "result") == [
        (cast.team.pk, "my view", "name: a → b"),
        (cast.other_team.pk, "our view", ""),
        (None, "everybody's", ""),
    ]


def test_coming_and_going_is_told(cast: Cast) -> None:
    """With the team whose managers are shown it, and the address."""
    client = Client()
    assert client.post("/accounts/login/", {"login": "alice", "password": PASSWORD}).status_code == 302
    client.post("/accounts/logout/")
    expected = [(act, cast.team.pk, cast.alice.pk, "127.0.0.1") for act in ("signed_in", "signed_out")]
    assert told("act", "team", "owner", "address") == expected
    assert all(len(number) == 32 for number in told("request_id"))


def test_leaving_by_the_administration_is_told_too(cast: Cast) -> None:
    """It has a button of its own."""
    client = Client()
    client.force_login(cast.rita)
    assert client.post("/admin/logout/").headers["Location"] == "/"
    assert client.get("/").status_code == 302
    assert told("act", "owner") == [("signed_out", cast.rita.pk)]


@pytest.mark.parametrize(("name", "whose"), [("ALICE", "alice"), ("nobody", None), ("hunter2!", None)])
def test_a_failed_sign_in_is_told_without_what_was_typed(cast: Cast, name: str, whose: str | None) -> None:
    """People type passwords into the wrong field; a known name is told as the person."""
    assert Client().post("/accounts/login/", {"login": name, "password": "wrong"}).status_code == 200
    owner = cast.alice.pk if whose else None
    team = cast.team.pk if whose else None
    assert told("act", "owner", "team", "asked", "result") == [
        ("sign_in_failed", owner, team, "", "refused"),
    ]


def test_an_act_that_is_rolled_back_is_not_told(cast: Cast) -> None:
    """It was not done."""
    with acting_as(cast.max):
        trail.key_stored(cast.max, cast.nano, replaced=True)
        transaction.set_rollback(True)
    assert told("act") == []


def test_a_persons_own_acts_are_told_to_each_of_their_teams(cast: Cast) -> None:
    """Of those they are in at that moment, and to none for who is in none."""
    Membership.objects.create(team=cast.other_team, user=cast.alice, role=Role.MEMBER)
    trail.signed_in(cast.alice)
    trail.signed_in(cast.sid)
    assert sorted(told("team"), key=str) == sorted([cast.team.pk, cast.other_team.pk, None], key=str)


def test_viewing_and_asking_is_told_to_the_records_team(cast: Cast, signed_in: SignedIn) -> None:
    """A site auditor is in no team; the record is."""
    completed(cast.nano, "vid_a", cast.alice)
    address = "/generations/nanobanana/vid_a/"
    signed_in(cast.sid).get(address)
    signed_in(cast.max).post("/generations/refresh/?provider=nanobanana&external_id=vid_a")
    signed_in(cast.max).post("/sync/refresh/?account=north-nano")
    assert told("act", "team", "owner", "asked") == [
        ("viewed", cast.team.pk, cast.sid.pk, "nanobanana/vid_a"),
        ("refresh_asked", cast.team.pk, cast.max.pk, "nanobanana/vid_a"),
        ("refresh_asked", cast.team.pk, cast.max.pk, "north-nano"),
    ]


def test_a_part_of_a_records_page_is_told_when_it_holds_the_record(cast: Cast, signed_in: SignedIn) -> None:
    """Following a wish is not viewing anew, until the page shows the record anew."""
    completed(cast.nano, "vid_a", cast.alice)
    client = signed_in(cast.alice)
    page = client.post("/generations/refresh/?provider=nanobanana&external_id=vid_a").headers["Location"]
    client.get(page, headers={"HX-Request": "true"})
    assert told("act") == ["refresh_asked"]
    done = "/generations/nanobanana/vid_a/?asked=" + page.partition("asked=")[2]
    from auditing.models import Lookup

    Lookup.objects.update(looked_up_at=TrailEntry.objects.get().acted_at.replace(year=2999))
    assert b"vid_a" in client.get(done, headers={"HX-Request": "true"}).content
    assert told("act") == ["refresh_asked", "viewed"]


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("/generations/reelbot/rb-max/", "reelbot/rb-max"),
        ("/generations/reelbot/rb-nowhere/", "reelbot/rb-nowhere"),
        ("/generations/nanobanana/vid_max/", "nanobanana/vid_max"),
        ("/generations/nanobanana/vid_nowhere/", "nanobanana/vid_nowhere"),
        ("/generations/nanobanana/a/b%2Fc/", "nanobanana/a/b/c"),
        ("/nothing/here/?a=1", "/nothing/here/?a=1"),
        ("/audit/", "/audit/"),
    ],
)
def test_a_refusal_tells_what_was_asked_and_nothing_of_what_there_is(
    cast: Cast, signed_in: SignedIn, address: str, asked: str
) -> None:
    """The same entry for another team's record and for one that is nowhere."""
    completed(cast.other_reel, "rb-max", cast.otto)
    completed(cast.other_nano, "vid_max", cast.otto)
    assert signed_in(cast.alice).get(address).status_code in (403, 404)
    entry = TrailEntry.objects.values("act", "team", "owner", "asked", "result", "account").get()
    assert entry == {
        "act": "refused",
        "team": cast.team.pk,
        "owner": cast.alice.pk,
        "asked": asked,
        "result": "refused",
        "account": None,
    }


def test_a_wish_that_is_refused_is_told_with_its_record(cast: Cast, signed_in: SignedIn) -> None:
    """Whether it is refused as a record or as an act; a download's view opens its own transactions."""
    completed(cast.reel, "rb-a", cast.alice)
    signed_in(cast.audrey).post("/generations/refresh/?provider=reelbot&external_id=rb-a")
    signed_in(cast.otto).post("/generations/download/?provider=reelbot&external_id=rb-a")
    assert told("act", "owner", "asked") == [
        ("refused", cast.audrey.pk, "reelbot/rb-a"),
        ("refused", cast.otto.pk, "reelbot/rb-a"),
    ]


def test_a_visitors_wrong_address_is_not_told(cast: Cast) -> None:  # noqa: ARG001
    """Whoever passes by must not be able to fill the trail."""
    assert Client().get("/nothing/here/").status_code == 404
    assert told("act") == []


def test_an_export_is_told_before_its_first_byte(cast: Cast, signed_in: SignedIn) -> None:
    """With the file and the filter, to the team whose rows are in it."""
    signed_in(cast.audrey).get("/generations/?format=csv&status=failed&nonsense=1")
    assert told("act", "team", "asked", "result") == [
        ("exported", cast.team.pk, "csv?status=failed", ""),
    ]


def test_an_export_of_several_teams_tells_no_team_the_filter(cast: Cast, signed_in: SignedIn) -> None:
    """It may name what belongs to another; site auditors read the whole."""
    Membership.objects.create(team=cast.other_team, user=cast.audrey, role=Role.AUDITOR)
    client = signed_in(cast.audrey)
    client.get("/generations/?format=csv&q=secret")
    assert sorted(told("team", "asked"), key=str) == sorted(
        [(cast.team.pk, "csv"), (cast.other_team.pk, "csv"), (None, "csv?q=secret")], key=str
    )


def test_an_export_that_names_its_teams_is_told_to_them(cast: Cast, signed_in: SignedIn) -> None:
    """As far as the person sees them: naming a team does not reach its managers' trail."""
    signed_in(cast.sid).get("/generations/?format=csv&team=south")
    signed_in(cast.sid).get("/generations/?format=csv")
    signed_in(cast.audrey).get("/generations/?format=csv&team=south")
    assert told("team", "owner") == [
        (cast.other_team.pk, cast.sid.pk),
        (None, cast.sid.pk),
        (None, cast.audrey.pk),
    ]


def test_keys_and_memberships_are_told_by_whatever_changes_them(cast: Cast) -> None:
    """Nobody is a command on the server; whether a stored key is another one, nobody there can compare."""
    with acting_as(SYSTEM):
        for key in ("nb_0123456789abcdef", "nb_another_key_than_it"):
            wanted = AccountWanted(provider="nanobanana", label="new", team=cast.team, key=key)
            keep_account(wanted, loopback_allowed=True)
        for role in (Role.MEMBER, Role.MEMBER, Role.AUDITOR):
            add_member(cast.other_team, "nora", role, by=cast.otto)
        set_site_auditor(cast.alice, may=True)
    assert told("act", "asked", "result") == [
        ("key_stored", "new", ""),
        ("key_replaced", "new", ""),
        ("membership_changed", "nora", "member"),
        ("membership_changed", "nora", "member → auditor"),
        ("right_changed", "alice", "site auditor"),
    ]
    assert [owner for owner in told("owner") if owner] == [cast.otto.pk, cast.otto.pk]
    assert "nb_" not in str(list(TrailEntry.objects.values_list()))


def test_the_administrations_changes_of_a_team_are_told(cast: Cast) -> None:
    """Added, changed and taken out, by the superuser who did it."""
    client = Client()
    client.force_login(cast.rita)
    membership = Membership.objects.get(team=cast.team, user=cast.bob)
    leaving = Membership.objects.get(team=cast.team, user=cast.alice)
    rows = [
        {"id": membership.pk, "user": cast.bob.pk, "role": "auditor"},
        {"id": leaving.pk, "user": cast.alice.pk, "role": "member", "DELETE": "on"},
        {"id": "", "user": cast.otto.pk, "role": "member"},
    ]
    form: dict[str, Any] = {"name": "North", "slug": "north"}
    form |= {f"memberships-{n}-{key}": value for n, row in enumerate(rows) for key, value in row.items()}
    form |= {f"memberships-{n}-team": cast.team.pk for n in range(3)}
    form |= {"memberships-TOTAL_FORMS": 3, "memberships-INITIAL_FORMS": 2}
    assert client.post(f"/admin/auditing/team/{cast.team.pk}/change/", form).status_code == 302
    assert sorted(told("asked", "result", "owner")) == [
        ("alice", "member → none", cast.rita.pk),
        ("bob", "member → auditor", cast.rita.pk),
        ("otto", "member", cast.rita.pk),
    ]


def test_a_tokens_use_is_told_once_a_minute(cast: Cast) -> None:
    """However many requests it makes; a refusal by it is told each time, with its prefix."""
    trail.token_made(cast.alice, "clip_ab12", cast.team.pk)
    for _ in range(5):
        trail.token_used(cast.alice, "clip_ab12", cast.team.pk)
    trail.token_used(cast.alice, "clip_cd34", cast.team.pk)
    trail.refused(cast.alice, trail.Asked.record("reelbot", "rb-x"), token="clip_ab12")
    trail.token_revoked(cast.max, "clip_ab12", cast.team.pk)
    uses = [token for act, token in told("act", "token") if act == "token_used"]
    # The minute may turn between two of the five.
    assert sorted(set(uses)) == ["clip_ab12", "clip_cd34"]
    assert len(uses) <= 3
    assert told("act")[-2:] == ["refused", "token_revoked"]


def test_what_can_not_be_stored_is_told_as_far_as_it_can(cast: Cast) -> None:
    """Long or unprintable: the words are cut and marked, and lead to no record."""
    with coming_from(Origin("r" * 32, "2001:db8::1")):
        trail.refused(cast.alice, trail.Asked.record("reelbot", "x" * 600))
        trail.refused(cast.alice, trail.Asked.record("reelbot", "a\0b\ud800"))
    first, second = TrailEntry.objects.order_by("pk")
    assert (len(first.asked), first.external_id, first.address) == (500, "", "2001:db8::1")
    assert (second.asked, second.external_id) == ("reelbot/a\ufffdb\ufffd", "")
