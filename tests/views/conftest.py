"""Fixtures of the pages' tests: the people, browsers signed in as them, and the queries that a page takes."""

import re
from collections.abc import Callable, Mapping

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from auditing.models import User
from tests.views.cast import Cast, assemble

type SignedIn = Callable[[User | None], Client]
type Queries = Callable[[Client, str], list[str]]

HOUSEKEEPING = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


@pytest.fixture
def people(db: None) -> Cast:  # noqa: ARG001 - the fixture opens the database
    """The teams, people and accounts."""
    return assemble()


@pytest.fixture
def signed_in() -> SignedIn:
    """A browser in which this person (None: nobody) has signed in."""

    def browser(person: User | None) -> Client:
        client = Client()
        if person is not None:
            client.force_login(person)
        return client

    return browser


@pytest.fixture
def queries() -> Queries:
    """The queries that a GET takes, the test's own savepoints left out."""

    def taken(client: Client, address: str) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address)
        assert response.status_code < 500
        return [query["sql"] for query in captured if not query["sql"].startswith(HOUSEKEEPING)]

    return taken


def text(client: Client, address: str = "/sync/", *, headers: Mapping[str, str] | None = None) -> str:
    """A page's words, without its tags; or those of a part, with the headers that ask for one."""
    page = client.get(address, headers=headers).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
