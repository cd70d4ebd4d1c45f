"""Requests as programs make them, with tokens of the pages' people."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from auditing.models import Scope, Team, User
from auditing.tokens import make_token


def a_token(person: User, team: Team, *scopes: Scope) -> str:
    """The text of a new token of theirs; to read with, unless told."""
    name = f"token {person.tokens.count()}"
    return make_token(person, team, name, scopes or (Scope.READ,), timedelta(days=1), timezone.now()).text


@dataclass(frozen=True)
class Said:
    """What a program was answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, which must be said to be JSON."""
        assert self.headers["Content-Type"] == "application/json"
        return json.loads(self.body)

    @property
    def as_said(self) -> tuple[int, Any]:
        """Status and body."""
        return self.status, self.json


def asked(address: str, text: str | None = None, method: str = "GET", body: str = "", **headers: str) -> Said:
    """What the API answers; the token is sent as NanoBanana's clients send their keys.

    Headers' names have underscores here: `cache_control="max-age=5"`.
    """
    if text is not None:
        headers["Authorization"] = f"Bearer {text}"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = Client().generic(method, address, body, "application/json", headers=named)
    return Said(response.status_code, dict(response.headers), response.getvalue())


def asked_reelbot(project: str, text: str | None = None, **headers: str) -> Said:
    """The same, as ReelBot's clients ask for a project; `project` as it stands in the address."""
    if text is not None:
        headers["X_API_Key"] = text
    return asked(f"/api/v1/video/status/{project}", **headers)
