"""Fixtures of the API's tests: the people, their tokens, and the queries that a request takes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.asking import Said, a_token
from tests.views.cast import Cast, assemble
from tests.views.conftest import HOUSEKEEPING

type Token = Callable[..., str]
type Queries = Callable[..., list[str]]


@pytest.fixture
def people(db: None) -> Cast:  # noqa: ARG001 - the fixture opens the database
    """The teams, people and accounts."""
    return assemble()


@pytest.fixture
def token() -> Token:
    """Makes a token of this person for this team, and gives its text."""
    return a_token


@pytest.fixture
def queries() -> Queries:
    """The statements that a token's second request takes, the test's own savepoints left out.

    Its first one is written down in the trail. The request's number, which a statement tells the database, is
    replaced.
    """

    def taken(ask: Callable[..., Said], *arguments: Any, **headers: str) -> list[str]:
        assert ask(*arguments, **headers).status < 500
        with CaptureQueriesContext(connection) as captured:
            said = ask(*arguments, **headers)
        number = said.headers["X-Request-ID"]
        statements = [query["sql"] for query in captured if not query["sql"].startswith(HOUSEKEEPING)]
        return [statement.replace(number, "the request") for statement in statements]

    return taken
