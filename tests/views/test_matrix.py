"""Every route and method, for nine kinds of people and four relations to the record, also as parts; and
that tokens open none of the pages."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

from auditing.models import Account, Membership, Role, Scope, User
from tests.api.asking import a_token
from tests.views.cast import Cast, completed
from tests.views.conftest import SignedIn
from tests.views.matrix import KINDS, METHODS, ROUTES, Answer, Kind, Relation, Route, record_of

PARTS: tuple[dict[str, str], ...] = ({}, {"HX-Request": "true"})
PROVIDERS = {"nanobanana": "vid", "reelbot": "rb"}


@pytest.fixture
def world(people: Cast) -> Cast:
    """At each provider a record of everybody, and an account that is their own key."""
    olga = User.objects.create(username="olga")
    Membership.objects.create(team=people.other_team, user=olga, role=Role.MEMBER)
    owners = {name: getattr(people, name) for name in ("alice", "bob", "audrey", "max", "sid", "rita")}
    for name, owner in owners.items():
        completed(people.nano, f"vid-{name}-secret", owner, payload={})
        completed(people.reel, f"rb-{name}-secret", owner, payload={})
        own_key(people.nano, name, owner)
    for name, owner in {"otto": people.otto, "olga": olga}.items():
        completed(people.other_nano, f"vid-{name}-secret", owner, payload={})
        completed(people.other_reel, f"rb-{name}-secret", owner, payload={})
        own_key(people.other_nano, name, owner)
    return people


def own_key(beside: Account, name: str, owner: User) -> None:
    """An account of the same team with this person's own key."""
    Account.objects.create(
        provider=beside.provider, label=f"key-{name}", team=beside.team, owner=owner, base_url=beside.base_url
    )


def browser_of(kind: Kind, world: Cast, signed_in: SignedIn) -> Client:
    """Signed in as such a person, who may have been switched off since."""
    client = signed_in(getattr(world, kind.name) if kind.name else None)
    if not kind.is_in:
        User.objects.filter(username=kind.name).update(is_active=False)
    return client


def requests(route: Route) -> Iterator[tuple[str, Relation, str]]:
    """Every method, for each relation and provider that makes a difference."""
    relations = list(Relation) if route.is_of_records else [Relation.ABSENT]
    providers = list(PROVIDERS) if "{provider}" in route.address else ["nanobanana"]
    yield from itertools.product(METHODS, relations, providers)


def address(route: Route, kind: Kind, relation: Relation, provider: str) -> str:
    """The route's address for the record, or the account, of this relation."""
    mark = record_of(kind, relation)
    return route.address.format(
        provider=provider, id=f"{PROVIDERS[provider]}-{mark}-secret", account=f"key-{mark}"
    )


def ask(client: Client, method: str, asked: str, headers: dict[str, str]) -> Any:
    """The response; for a GET that leads to another page of ours, that page's."""
    response: Any = client.generic(method, asked, headers=headers)
    if method == "GET" and response.status_code == 302 and "/login/" not in response.headers["Location"]:
        return client.get(response.headers["Location"], headers=headers)
    return response


def answer_of(response: Any) -> Answer:
    """What a response amounts to. Fails for one that is none of the answers."""
    if isinstance(response, StreamingHttpResponse):
        response.getvalue()
    leads_to = response.headers.get("HX-Redirect") or response.headers.get("Location") or ""
    if leads_to.startswith(("/accounts/login/", "/admin/login/")):
        return Answer.SIGN_IN
    if response.status_code in (401, 403, 404, 405):
        return Answer(str(response.status_code))
    assert response.status_code in (200, 204, 302), response.status_code
    return Answer.GIVEN


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_person_gets_what_the_table_says(world: Cast, signed_in: SignedIn, name: str) -> None:
    """Also as a part: HTMX opens no door and closes none."""
    kind = KINDS[name]
    client = browser_of(kind, world, signed_in)
    wrong = []
    for route in itertools.chain(*ROUTES.values()):
        for method, relation, provider in requests(route):
            asked = address(route, kind, relation, provider)
            expected = route.answer(kind, method, relation, provider)
            for headers in PARTS:
                got = answer_of(ask(client, method, asked, headers))
                if got is not expected:
                    wrong.append(f"{method} {asked} {headers} ({relation}): {got}, not {expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.is_in])
def test_a_token_opens_no_page(world: Cast, name: str) -> None:
    """Of every scope, sent as programs send it, with every method: where the door is, it stays shut. What
    tokens get of the API is in tests/api/test_matrix.py."""
    kind = KINDS[name]
    person = getattr(world, kind.name or "")
    text = a_token(person, world.other_team if person == world.otto else world.team, *Scope)
    program = Client(headers={"Authorization": f"Bearer {text}", "X-API-Key": text})
    wrong = []
    for route in itertools.chain(*ROUTES.values()):
        for method, relation, provider in requests(route) if not route.open else ():
            asked = address(route, kind, relation, provider)
            got = answer_of(program.generic(method, asked))
            if got is not Answer.SIGN_IN:
                wrong.append(f"{method} {asked} ({relation}): {got}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.is_in])
def test_each_kinds_lists_hold_what_they_see(world: Cast, signed_in: SignedIn, name: str) -> None:
    """The export of the list, with and without a search, holds the records that the table lets them see."""
    kind = KINDS[name]
    seen = {record_of(kind, relation) for relation in kind.sees}
    hidden = {record_of(kind, relation) for relation in Relation} - seen
    client = browser_of(kind, world, signed_in)
    for query in ("", "&q=secret"):
        lines = client.get(f"/generations/?format=ndjson{query}").getvalue().splitlines()
        ids = {json.loads(line)["external_id"].split("-")[1] for line in lines}
        assert seen <= ids
        assert not hidden & ids
    page = client.get("/generations/").content.decode()
    assert not [mark for mark in hidden if f"-{mark}-secret" in page]
