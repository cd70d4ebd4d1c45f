"""The page about the API: the reader's own address, and every endpoint."""

import re

from auditing.models import Scope
from tests.api.asking import asked
from tests.views.cast import Cast
from tests.views.conftest import Queries, SignedIn, text


def test_the_examples_have_the_readers_own_address(people: Cast, signed_in: SignedIn) -> None:
    """Ready to be copied; no provider's address is among them."""
    page = signed_in(people.alice).get("/help/api/", headers={"Host": "localhost:8517"}).content.decode()
    calls = re.findall(r"curl .*", page)
    assert len(calls) == 7
    assert all("http://localhost:8517/api/v1/" in call for call in calls)


def test_every_endpoint_and_scope_is_on_the_page(people: Cast, signed_in: SignedIn) -> None:
    """As the OpenAPI document lists them."""
    page = text(signed_in(people.alice), "/help/api/")
    for path in asked("/api/v1/openapi.json").json["paths"]:
        assert path.partition("{")[0].lstrip("/") in page
    for scope in Scope:
        assert f"the scope {scope.value}" in page


def test_the_page_is_linked_from_help_and_tokens(people: Cast, signed_in: SignedIn) -> None:
    client = signed_in(people.alice)
    for page in ("/help/", "/tokens/"):
        assert b'href="/help/api/"' in client.get(page).content


def test_the_page_asks_for_nothing_but_the_session_and_whether_the_menu_has_the_trail(
    people: Cast, signed_in: SignedIn, queries: Queries
) -> None:
    assert len(queries(signed_in(people.rita), "/help/api/")) == 4
    assert len(queries(signed_in(people.max), "/help/api/")) == 5
    assert len(queries(signed_in(people.alice), "/help/api/")) == 5
