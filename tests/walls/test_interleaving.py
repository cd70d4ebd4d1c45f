"""Many people's requests over one pooled connection: nobody is shown what another one may see."""

import json
import threading
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from auditing.models import Membership, Role, User
from config.postgres.base import close_everything
from tests.filters.population import Population

THREADS = 6


@pytest.fixture
def one_connection(committed_db: str) -> Iterator[None]:  # noqa: ARG001 - the fixture opens the database
    """The dashboard's own sign-in, and a pool of one connection, which all threads share."""
    settings: dict[str, Any] = connection.settings_dict
    usual = {"USER": settings["USER"], "OPTIONS": settings["OPTIONS"]}
    close_everything()
    options = {name: value for name, value in settings["OPTIONS"].items() if name != "assume_role"}
    pool = {"min_size": 1, "max_size": 1, "timeout": 60}
    settings.update({"USER": "clipledger_web", "OPTIONS": {**options, "pool": pool}})
    try:
        yield
    finally:
        close_everything()
        settings.update(usual)


def may_see(population: Population, person: User) -> set[tuple[str, str, str]]:
    """By the rules of the design, told from who is in which team."""
    everything = person.username in ("erin", "root")
    roles = dict(Membership.objects.filter(user=person).values_list("team_id", "role"))
    return {
        (row.team.slug, row.provider, row.external_id)
        for row in population.generations
        if everything
        or roles.get(row.team_id) in (Role.AUDITOR, Role.MANAGER)
        or (roles.get(row.team_id) == Role.MEMBER and row.owner_id == person.pk)
    }


def is_shown(client: Client) -> set[tuple[str, str, str]]:
    """What a download of the whole list holds."""
    response = client.get("/generations/?format=ndjson")
    lines = response.getvalue().splitlines()
    connection.close()  # back into the pool, for whoever asks next
    rows = map(json.loads, lines)
    return {(row["team"], row["provider"], row["external_id"]) for row in rows}


def next_of(left: SimpleQueue[str]) -> str | None:
    """The next one whose turn it is; None when all have had theirs."""
    try:
        return left.get_nowait()
    except Empty:
        return None


def test_interleaved_requests_never_see_each_others_rows(
    population: Population, request: pytest.FixtureRequest
) -> None:
    expected = {name: may_see(population, person) for name, person in population.people.items()}
    clients = {name: Client() for name in population.people}
    for name, person in population.people.items():
        clients[name].force_login(person)
    request.getfixturevalue("one_connection")
    left: SimpleQueue[str] = SimpleQueue()
    for number in range(request.config.getoption("--interleaved")):
        left.put(list(population.people)[number % len(population.people)])
    wrong: list[str] = []
    done: list[str] = []

    def ask() -> None:
        while (name := next_of(left)) and not wrong:
            browser = Client()
            browser.cookies = clients[name].cookies
            if is_shown(browser) != expected[name]:
                wrong.append(name)
            done.append(name)

    threads = [threading.Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(done) == request.config.getoption("--interleaved")
    assert len(set(map(len, expected.values()))) > 3
