"""Every route of the URL configuration has a line in the matrix; and what posted wishes set off."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from auditing.models import Credential
from tests.views.cast import Cast, completed
from tests.views.conftest import SignedIn
from tests.views.matrix import ROUTES

PEOPLE = ("alice", "bob", "audrey", "max", "otto", "sid", "rita")

EVERYBODY = dict.fromkeys(PEOPLE, 200)
THOSE_WHO_SEE_ALICES = {"alice": 200, "audrey": 200, "max": 200, "sid": 200, "rita": 200}
NOBODY_404 = dict.fromkeys(PEOPLE, 404)


@dataclass(frozen=True)
class Rule:
    """What each person gets at an address; `signed_out` is what everybody else does."""

    address: str
    allowed: dict[str, int]
    signed_out: int = 302


# allauth's pages that people come to from ours.
OF_ACCOUNTS: tuple[Rule, ...] = (
    Rule("/accounts/login/", dict.fromkeys(PEOPLE, 302), signed_out=200),
    Rule("/accounts/logout/", EVERYBODY),
    Rule("/accounts/password/change/", EVERYBODY),
    Rule("/accounts/password/reset/", EVERYBODY, signed_out=200),
    Rule("/accounts/signup/", dict.fromkeys(PEOPLE, 302), signed_out=200),
)

MAY_REFRESH_ALICES = {"alice": 302, "max": 302, "rita": 302, "audrey": 403, "sid": 403}
THOSE_WHO_SEE_ALICES_ASK = dict.fromkeys(THOSE_WHO_SEE_ALICES, 302)
WISHES: tuple[Rule, ...] = (
    Rule(
        "/generations/refresh/?provider=nanobanana&external_id=vid_alice",
        MAY_REFRESH_ALICES | {"bob": 403, "otto": 403},
    ),
    Rule(
        "/generations/refresh/?provider=reelbot&external_id=rb-alice",
        MAY_REFRESH_ALICES | {"bob": 404, "otto": 404},
    ),
    Rule("/generations/refresh/?provider=reelbot&external_id=rb-nowhere", NOBODY_404),
    Rule("/generations/refresh/", NOBODY_404),
    Rule(
        "/sync/refresh/?account=north-nano",
        NOBODY_404 | {"max": 302, "rita": 302, "audrey": 403, "sid": 403},
    ),
    Rule("/sync/refresh/?account=nowhere", NOBODY_404),
    Rule(
        "/sync/accounts/test/?account=north-nano",
        NOBODY_404 | {"max": 302, "rita": 302, "audrey": 403, "sid": 403},
    ),
    Rule("/sync/accounts/test/?account=nowhere", NOBODY_404),
    Rule(
        "/generations/download/?provider=reelbot&external_id=rb-alice",
        THOSE_WHO_SEE_ALICES_ASK | {"bob": 404, "otto": 404},
    ),
)
KEYS: tuple[Rule, ...] = (
    Rule(
        "/sync/accounts/key/?account=north-nano",
        NOBODY_404 | {"max": 302, "rita": 302, "audrey": 403, "sid": 403},
    ),
    Rule("/sync/accounts/key/?account=nowhere", NOBODY_404),
    Rule("/sync/accounts/add/", dict.fromkeys(PEOPLE, 403) | {"max": 302, "rita": 302, "otto": 200}),
)

# allauth's other pages and Django's administration keep their own rules; nothing of the audit is on them.
# (`admin:index` in the matrix shows who gets into the administration at all.)
OF_OTHERS = ("account_", "admin:", "mfa_", "usersessions_", "socialaccount_")


def _routes(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            within = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _routes(pattern.url_patterns, within)
        else:
            yield f"{namespace}{pattern.name or pattern.pattern}"


def test_every_route_has_a_rule() -> None:
    """A new route without a rule fails here."""
    without = [
        route
        for route in _routes(get_resolver().url_patterns)
        if route not in ROUTES and not route.startswith(OF_OTHERS)
    ]
    assert without == []


@pytest.mark.parametrize("person", [*PEOPLE, None])
def test_the_sign_in_pages_are_for_who_the_rules_say(
    people: Cast, signed_in: SignedIn, person: str | None
) -> None:
    """Those beside ours that every person meets."""
    client = signed_in(getattr(people, person) if person else None)
    for rule in OF_ACCOUNTS:
        expected = rule.allowed[person] if person else rule.signed_out
        assert client.get(rule.address).status_code == expected, rule.address


@pytest.mark.parametrize("person", [*PEOPLE, None])
def test_each_person_may_ask_for_what_the_rules_say(
    people: Cast, signed_in: SignedIn, person: str | None
) -> None:
    """Every wish for every person; who may not make it puts nothing into the queue."""
    completed(people.nano, "vid_alice", people.alice)
    completed(people.reel, "rb-alice", people.alice)
    Credential.objects.create(account=people.nano, last_four="", stored_at=timezone.now())
    client = signed_in(getattr(people, person) if person else None)
    expected = [rule.allowed[person] if person else rule.signed_out for rule in WISHES]
    assert [client.post(rule.address).status_code for rule in WISHES] == expected
    assert ProcrastinateJob.objects.count() == (expected.count(302) if person else 0)


@pytest.mark.parametrize("person", [*PEOPLE, None])
def test_each_person_may_keep_the_keys_that_the_rules_say(
    people: Cast, signed_in: SignedIn, person: str | None
) -> None:
    """Of their own team's accounts; who may not stores nothing."""
    client = signed_in(getattr(people, person) if person else None)
    form = {"key": "nb_0123456789abcdef", "provider": "nanobanana", "label": "new", "team": "north"}
    expected = [rule.allowed[person] if person else rule.signed_out for rule in KEYS]
    assert [client.post(rule.address, form).status_code for rule in KEYS] == expected
    assert Credential.objects.count() == (expected.count(302) if person else 0)


def test_an_auditors_own_record_is_read_by_them_too(people: Cast, signed_in: SignedIn) -> None:
    """Auditors change nothing but notes and tags, whoever made the record."""
    completed(people.nano, "vid_audrey", people.audrey)
    response = signed_in(people.audrey).post(
        "/generations/refresh/?provider=nanobanana&external_id=vid_audrey"
    )
    assert response.status_code == 403
    assert b"You may read this, not refresh it" in response.content


@pytest.mark.usefixtures("people")
def test_who_is_not_signed_in_is_sent_to_do_so_and_back(signed_in: SignedIn) -> None:
    """The redirect remembers the page with its filter."""
    response = signed_in(None).get("/generations/?status=failed")
    assert response.headers["Location"] == "/accounts/login/?next=/generations/%3Fstatus%3Dfailed"


@pytest.mark.usefixtures("people")
def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(signed_in: SignedIn) -> None:
    """An expired session must not put the sign-in page into the table."""
    response = signed_in(None).get(
        "/generations/?status=failed",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/generations/?q=sea"},
    )
    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == "/accounts/login/?next=/generations/%3Fq%3Dsea"
    assert response.content == b""


def test_a_person_who_was_switched_off_sees_nothing(people: Cast, signed_in: SignedIn) -> None:
    """Their session counts for nothing any more."""
    client = signed_in(people.alice)
    people.alice.is_active = False
    people.alice.save()
    assert client.get("/").status_code == 302
