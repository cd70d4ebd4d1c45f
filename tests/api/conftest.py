"""Fixtures of the API's tests: the people, and a program that asks with a token of one of them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from auditing.models import Scope, Team, User
from auditing.tokens import make_token
from tests.views.cast import Cast, assemble

type Token = Callable[..., str]


@pytest.fixture
def people(db: None) -> Cast:  # noqa: ARG001 - the fixture opens the database
    """The teams, people and accounts."""
    return assemble()


@pytest.fixture
def token() -> Token:
    """Makes a token of this person for this team, and gives its text."""

    def made(person: User, team: Team, *scopes: Scope) -> str:
        name = f"token {person.tokens.count()}"
        wanted = scopes or (Scope.READ,)
        return make_token(person, team, name, wanted, timedelta(days=1), timezone.now()).text

    return made
