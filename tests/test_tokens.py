"""Personal tokens: their form, how they are stored, and whom they let in."""

import hmac
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from auditing.access import Bearer, acting_as, visible_to
from auditing.models import LONGEST_LIFE, Membership, PersonalToken, Role, Scope, Team, User
from auditing.tokens import (
    ALPHABET,
    MadeToken,
    NotMade,
    Standing,
    TokenRefused,
    Why,
    bearer_of,
    is_well_formed,
    make_token,
    revoke,
    tokens_of,
)
from tests.views.cast import Cast, assemble, completed

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
MONTH = timedelta(days=30)
FIXED = "clip_" + "a" * 43 + "0aEME9"


@pytest.fixture
def people(db: None) -> Cast:  # noqa: ARG001 - the fixture opens the database
    return assemble()


def made(
    person: User, team: Team, *scopes: Scope, name: str = "nightly", lifetime: timedelta = MONTH
) -> MadeToken:
    return make_token(person, team, name, scopes or (Scope.READ,), lifetime, NOW)


def used(token: MadeToken) -> datetime | None:
    return PersonalToken.objects.get(pk=token.token.pk).last_used_at


def refused(token: MadeToken, at: datetime = NOW, scope: Scope = Scope.READ) -> str | None:
    """Why this token lets nobody in; None when it does."""
    answer = bearer_of(token.text, scope, at)
    return answer.why.value if isinstance(answer, TokenRefused) else None


# Its form.


def test_a_token_has_the_documented_form(people: Cast) -> None:
    """And at least 190 bits that nobody can guess."""
    text = made(people.alice, people.team).text
    assert re.fullmatch(r"clip_[0-9A-Za-z]{49}", text)
    assert is_well_formed(text)
    assert len(set(ALPHABET)) ** 43 > 2**190


def test_the_checksum_never_changes(people: Cast) -> None:
    """Scanners know it: what was a token stays one."""
    token = make_token(people.alice, people.team, "a", [Scope.READ], MONTH, NOW, draw=lambda _: "a")
    assert token.text == FIXED


@given(place=st.integers(5, 53), letter=st.sampled_from(ALPHABET))
def test_any_one_mistyped_character_is_noticed_offline(place: int, letter: str) -> None:
    """A CRC finds every change of one byte."""
    mistyped = FIXED[:place] + letter + FIXED[place + 1 :]
    assert is_well_formed(mistyped) is (mistyped == FIXED)


@given(st.text())
def test_any_other_text_is_no_token(text: str) -> None:
    """Whatever it holds."""
    assert not is_well_formed(text)
    assert not is_well_formed(FIXED + text[:1]) or not text


def test_two_tokens_have_nothing_in_common(people: Cast) -> None:
    """The secret is drawn anew each time, from what is given to draw with."""
    chance = random.Random(5)  # noqa: S311 - to see that it is asked
    first = make_token(people.alice, people.team, "a", [Scope.READ], MONTH, NOW, draw=chance.choice)
    second = make_token(people.alice, people.team, "b", [Scope.READ], MONTH, NOW, draw=chance.choice)
    assert first.text[5:48] != second.text[5:48]


# How it is stored.


def test_the_database_has_the_keyed_hash_alone(people: Cast) -> None:
    """And the nine characters by which its person knows it again."""
    token = made(people.alice, people.team)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(t)::text FROM auditing_personaltoken t")
        (row,) = cursor.fetchone()
    assert token.text[:9] in row
    assert token.text[:10] not in row
    assert token.text[9:] not in row
    stored = bytes(PersonalToken.objects.get().digest)
    assert stored == hmac.digest(settings.TOKEN_PEPPER, token.text.encode(), "sha256")


def test_the_text_is_not_in_what_a_log_would_show(people: Cast) -> None:
    """A traceback prints values."""
    token = made(people.alice, people.team)
    assert token.text not in repr(token)
    assert token.text not in repr(bearer_of(token.text, Scope.READ, NOW))


@pytest.mark.parametrize(
    ("scopes", "lifetime", "field"),
    [
        ((), MONTH, "scopes"),
        ((Scope.READ,), timedelta(0), "days"),
        ((Scope.READ,), LONGEST_LIFE + timedelta(seconds=1), "days"),
    ],
)
def test_what_can_not_be_made_is_said(
    people: Cast, scopes: tuple[Scope, ...], lifetime: timedelta, field: str
) -> None:
    """At the field in the way."""
    with pytest.raises(NotMade) as refused:
        make_token(people.alice, people.team, "nightly", scopes, lifetime, NOW)
    assert refused.value.field == field
    assert not PersonalToken.objects.exists()


def test_a_name_is_taken_until_its_token_is_revoked(people: Cast) -> None:
    """Whatever its case; another person's names are of no matter."""
    first = made(people.alice, people.team, name="Nightly")
    made(people.bob, people.team, name="nightly")
    with pytest.raises(NotMade, match="has this name"):
        made(people.alice, people.team, name="nightly")
    assert revoke(people.alice, first.token.pk, NOW)
    made(people.alice, people.team, name="nightly")


@pytest.mark.parametrize(
    "columns",
    [
        {"scopes": ["read", "everything"]},
        {"scopes": []},
        {"expires_at": NOW},
        {"expires_at": NOW + LONGEST_LIFE + timedelta(seconds=1)},
    ],
)
def test_the_database_refuses_what_no_token_is(people: Cast, columns: dict[str, object]) -> None:
    """Unknown scopes, none, no life, too long a life."""
    token = made(people.alice, people.team, lifetime=LONGEST_LIFE)
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonalToken.objects.filter(pk=token.token.pk).update(**columns)


# Whom it lets in.


def test_a_token_lets_its_person_in_to_its_team(people: Cast) -> None:
    """With the scopes it was made with."""
    completed(people.nano, "vid_a", people.alice)
    completed(people.nano, "vid_b", people.bob)
    token = made(people.alice, people.team, Scope.READ, Scope.EXPORT)
    bearer = bearer_of(token.text, Scope.EXPORT, NOW)
    scopes = frozenset({Scope.READ, Scope.EXPORT})
    assert bearer == Bearer(people.alice, people.team.pk, scopes, token.token.pk, token.token.prefix_shown)
    with acting_as(bearer):
        assert [row.external_id for row in visible_to(bearer)] == ["vid_a"]


def _leaves(people: Cast) -> None:
    Membership.objects.filter(user=people.alice).delete()


def _is_switched_off(people: Cast) -> None:
    User.objects.filter(pk=people.alice.pk).update(is_active=False)


def _revokes(people: Cast) -> None:
    PersonalToken.objects.filter(person=people.alice).update(revoked_at=NOW)


@pytest.mark.parametrize(
    ("happens", "why"), [(_leaves, "left team"), (_is_switched_off, "switched off"), (_revokes, "revoked")]
)
def test_a_token_ends_at_once(people: Cast, happens: Callable[[Cast], None], why: str) -> None:
    """From the moment its person has left, was switched off, or revoked it."""
    token = made(people.alice, people.team)
    assert refused(token) is None
    happens(people)
    assert refused(token) == why


def test_a_token_expires_on_the_second(people: Cast) -> None:
    """Not a moment later."""
    token = made(people.alice, people.team)
    assert refused(token, NOW + MONTH - timedelta(microseconds=1)) is None
    assert refused(token, NOW + MONTH) == "expired"


def test_a_token_gives_no_scope_it_was_not_made_for(people: Cast) -> None:
    """Reading is not exporting."""
    token = made(people.alice, people.team, Scope.READ)
    assert refused(token, scope=Scope.EXPORT) == "missing scope"
    assert refused(token, scope=Scope.INTAKE) == "missing scope"


def test_who_sees_everything_needs_no_membership_until_the_right_is_taken(people: Cast) -> None:
    """Site auditors and superusers."""
    sids, ritas = made(people.sid, people.team), made(people.rita, people.team)
    assert (refused(sids), refused(ritas)) == (None, None)
    people.sid.user_permissions.clear()
    User.objects.filter(pk=people.rita.pk).update(is_superuser=False)
    assert (refused(sids), refused(ritas)) == ("left team", "left team")


def test_a_token_of_one_team_ends_with_that_team_only(people: Cast) -> None:
    """Who changes teams keeps nothing of the old one."""
    Membership.objects.create(team=people.other_team, user=people.alice, role=Role.MEMBER)
    here = made(people.alice, people.team, name="here")
    there = made(people.alice, people.other_team, name="there")
    Membership.objects.filter(team=people.team, user=people.alice).delete()
    assert (refused(here), refused(there)) == ("left team", None)


def test_whatever_the_text_the_work_is_the_same(people: Cast) -> None:
    """The same statements for a token that stands, that does not, that nobody made, and for no token."""
    good, ended = made(people.alice, people.team), made(people.bob, people.team)
    revoke(people.bob, ended.token.pk, NOW)
    bearer_of(good.text, Scope.READ, NOW)  # the first use in a minute is told to the trail of people
    texts = [good.text, ended.text, FIXED, "clip_", "", "\x00", "ü" * 5000, "\ud800"]
    shapes, answers = [], []
    for text in texts:
        with CaptureQueriesContext(connection) as captured:
            answer = bearer_of(text, Scope.READ, NOW)
        answers.append(answer.why if isinstance(answer, TokenRefused) else None)
        statements = [re.sub(r"'[^']*'(::bytea)?|\b\d+\b", "?", query["sql"]) for query in captured]
        shapes.append([s for s in statements if "SAVEPOINT" not in s])
    assert answers == [None, Why.REVOKED, Why.UNKNOWN] + [Why.MALFORMED] * 5
    assert [len(shape) for shape in shapes] == [3] * len(texts)
    assert all(shape == shapes[0] for shape in shapes)


def test_use_is_noted_once_a_minute(people: Cast) -> None:
    """And what was refused is no use."""
    token = made(people.alice, people.team)
    assert refused(token, NOW, Scope.INTAKE) == "missing scope"
    assert used(token) is None
    for seconds, noted in ((0, 0), (59, 0), (60, 60), (61, 60), (200, 200)):
        assert refused(token, NOW + timedelta(seconds=seconds)) is None
        assert used(token) == NOW + timedelta(seconds=noted)


# What its person does with it.


def test_a_person_revokes_their_own_tokens_and_no_others(people: Cast) -> None:
    """Once: the moment of it stays."""
    token = made(people.alice, people.team)
    assert not revoke(people.max, token.token.pk, NOW)
    assert not revoke(people.rita, token.token.pk, NOW)
    assert revoke(people.alice, token.token.pk, NOW)
    assert not revoke(people.alice, token.token.pk, NOW + MONTH)
    assert PersonalToken.objects.get().revoked_at == NOW


def test_a_person_sees_their_own_tokens_and_how_they_stand(people: Cast) -> None:
    """The newest first."""
    made(people.bob, people.team)
    ended = made(people.alice, people.team, name="ended")
    revoke(people.alice, ended.token.pk, NOW)
    made(people.alice, people.team, name="short", lifetime=timedelta(days=1))
    made(people.alice, people.other_team, name="elsewhere")
    made(people.alice, people.team, Scope.INTAKE, Scope.READ, name="good")
    held = tokens_of(people.alice, NOW + timedelta(days=2))
    assert [(h.token.name, h.standing) for h in held] == [
        ("good", Standing.VALID),
        ("elsewhere", Standing.LEFT_TEAM),
        ("short", Standing.EXPIRED),
        ("ended", Standing.REVOKED),
    ]
    assert held[0].scopes == [Scope.READ, Scope.INTAKE]
