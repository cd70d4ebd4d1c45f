"""`/tokens/`: a person's own tokens; a new one is shown once, on the answer to its making."""

import logging
import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from auditing.access import Bearer
from auditing.models import Membership, PersonalToken, Role, Scope, User
from auditing.tokens import MadeToken, bearer_of, is_well_formed, make_token
from tests.views.cast import Cast
from tests.views.conftest import Queries, SignedIn, text

WANTED = {"name": "nightly export", "team": "north", "scopes": ["read", "export"], "days": "90"}


def shown(page: bytes) -> list[str]:
    """The whole tokens on a page, each once."""
    return sorted({found for found in re.findall(r"clip_\w{49}", page.decode()) if is_well_formed(found)})


def a_token(people: Cast, person: User, name: str = "nightly") -> MadeToken:
    return make_token(person, people.team, name, [Scope.READ], timedelta(days=30), timezone.now())


def test_a_new_token_is_shown_once_and_works(
    people: Cast, signed_in: SignedIn, caplog: pytest.LogCaptureFixture
) -> None:
    """In that answer and nowhere else: no address, session, cookie, log or later page has it."""
    caplog.set_level(logging.DEBUG)
    client = signed_in(people.alice)
    answer = client.post("/tokens/", WANTED)
    assert answer.status_code == 200
    (token,) = shown(answer.content)
    assert answer.headers["Cache-Control"] == "no-store"
    assert shown(client.get("/tokens/").content) == []
    assert token not in str(answer.headers) + str(client.cookies) + caplog.text
    assert all(token not in str(session.get_decoded()) for session in Session.objects.all())
    bearer = bearer_of(token, Scope.EXPORT, timezone.now())
    assert isinstance(bearer, Bearer)
    assert (bearer.user, bearer.team_id) == (people.alice, people.team.pk)
    assert bearer.scopes == {Scope.READ, Scope.EXPORT}
    stored = PersonalToken.objects.get()
    assert stored.expires_at - stored.created_at == timedelta(days=90)


def test_the_page_is_never_stored(people: Cast, signed_in: SignedIn) -> None:
    """By no cache and no browser."""
    assert signed_in(people.alice).get("/tokens/").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "  "}, "This field is required."),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
        ({"team": "south"}, "south is not one of the available choices."),
        ({"scopes": []}, "Choose at least one."),
        ({"scopes": ["read", "admin"]}, "admin is not one of the available choices."),
        ({"days": "366"}, "366 is not one of the available choices."),
        ({"days": ""}, "This field is required."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    people: Cast, signed_in: SignedIn, wrong: dict[str, object], said: str
) -> None:
    """And no token is made."""
    page = signed_in(people.alice).post("/tokens/", WANTED | wrong).content.decode()
    (field,) = wrong
    assert re.search(rf'id="id_{field}_error">[^<]*{re.escape(said)}', page)
    assert "No token was made" in page
    if field != "name":
        assert 'value="nightly export"' in page
    if field != "scopes":
        assert re.search(r'value="export"[^>]* checked', page)
    assert not PersonalToken.objects.exists()


def test_sending_the_form_again_makes_no_second_token(people: Cast, signed_in: SignedIn) -> None:
    """A reload of the answer does that: the name is taken."""
    client = signed_in(people.alice)
    client.post("/tokens/", WANTED)
    again = client.post("/tokens/", WANTED)
    assert shown(again.content) == []
    assert "One of your tokens has this name" in again.content.decode()
    assert PersonalToken.objects.count() == 1


def test_everybody_sees_their_own_tokens_only(people: Cast, signed_in: SignedIn) -> None:
    """Managers, site auditors and superusers, too."""
    a_token(people, people.alice, "of alice")
    assert "of alice" in text(signed_in(people.alice), "/tokens/")
    for other in (people.bob, people.max, people.sid, people.rita):
        page = text(signed_in(other), "/tokens/")
        assert "of alice" not in page
        assert "No tokens yet" in page


def test_a_person_revokes_their_own_token(people: Cast, signed_in: SignedIn) -> None:
    """At once, and it stays in the list."""
    token = a_token(people, people.alice)
    client = signed_in(people.alice)
    answer = client.post("/tokens/revoke/", {"token": token.token.pk})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/tokens/")
    assert not isinstance(bearer_of(token.text, Scope.READ, timezone.now()), Bearer)
    page = text(client, "/tokens/")
    assert "Revoked" in page
    assert "End it for good" not in page


def test_nobody_revokes_anothers_token(people: Cast, signed_in: SignedIn) -> None:
    """And the answer is the one for a token that does not exist."""
    token = a_token(people, people.alice)
    for other in (people.bob, people.max, people.sid, people.rita):
        answers = [
            signed_in(other).post("/tokens/revoke/", {"token": number}) for number in (token.token.pk, 0)
        ]
        assert [answer.status_code for answer in answers] == [302, 302]
    signed_in(None).post("/tokens/revoke/", {"token": token.token.pk})
    assert isinstance(bearer_of(token.text, Scope.READ, timezone.now()), Bearer)


@pytest.mark.parametrize("number", ["", "one", "9" * 40, "9" * 5000, "-1", "\x00"])
def test_a_number_that_is_none_revokes_nothing(people: Cast, signed_in: SignedIn, number: str) -> None:
    """404, or as for a token that does not exist."""
    answer = signed_in(people.alice).post("/tokens/revoke/", {"token": number})
    assert answer.status_code in (302, 404)


def test_making_and_revoking_ask_for_our_own_form(people: Cast) -> None:
    """Another site's form is refused."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.alice)
    assert client.post("/tokens/", WANTED).status_code == 403
    assert client.post("/tokens/revoke/", {"token": "1"}).status_code == 403


def test_a_team_is_chosen_among_ones_own(people: Cast, signed_in: SignedIn) -> None:
    """The only one at once; who is in none is told so."""
    page = signed_in(people.alice).get("/tokens/").content.decode()
    assert "North" in page
    assert "South" not in page
    assert "Choose a team" not in page
    Membership.objects.create(team=people.other_team, user=people.alice, role=Role.MEMBER)
    assert "Choose a team" in signed_in(people.alice).get("/tokens/").content.decode()
    stranger = User.objects.create(username="stranger")
    assert "you are in none" in text(signed_in(stranger), "/tokens/")
    assert signed_in(stranger).post("/tokens/", WANTED).status_code == 200
    assert not PersonalToken.objects.filter(person=stranger).exists()


def test_each_token_says_how_it_stands(people: Cast, signed_in: SignedIn) -> None:
    """Its name, beginning, team, scopes and last use."""
    token = a_token(people, people.alice)
    page = text(signed_in(people.alice), "/tokens/")
    assert f"nightly {token.text[:9]}… Valid North read" in page
    assert "never" in page
    bearer_of(token.text, Scope.READ, timezone.now())
    assert "never" not in text(signed_in(people.alice), "/tokens/")
    PersonalToken.objects.update(created_at=timezone.now() - timedelta(days=9), expires_at=timezone.now())
    assert "Expired" in text(signed_in(people.alice), "/tokens/")
    Membership.objects.filter(user=people.alice).delete()
    PersonalToken.objects.update(expires_at=timezone.now() + timedelta(days=9))
    assert "Not your team any more" in text(signed_in(people.alice), "/tokens/")


def test_a_name_is_shown_as_it_was_typed(people: Cast, signed_in: SignedIn) -> None:
    """Markup in it is text."""
    page = signed_in(people.alice).post("/tokens/", WANTED | {"name": "<b>x</b>"}).content
    assert b"<b>x</b>" not in page
    assert page.count(b"&lt;b&gt;x&lt;/b&gt;") >= 2


def test_the_page_takes_as_many_queries_for_one_token_as_for_thirty(
    people: Cast, signed_in: SignedIn, queries: Queries
) -> None:
    """Among them session, person, who acts, and once what they are; teams and tokens."""
    a_token(people, people.alice)
    client = signed_in(people.alice)
    before = queries(client, "/tokens/")
    for number in range(29):
        a_token(people, people.alice, f"number {number}")
    assert len(queries(client, "/tokens/")) == len(before) == 7
