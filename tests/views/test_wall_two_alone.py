"""Wall two alone: with every restriction of the program taken away, no page shows a row that isn't theirs."""

import pytest
from django.test import Client

from auditing.access import Sight, seeing
from tests.views.cast import Cast, completed
from tests.views.conftest import SignedIn
from tests.views.matrix import ROUTES
from tests.views.test_routes import WISHES

# Nothing but a record of alice's, or of otto's team, has these words in it.
ALICES, OTTOS = "Title of vid_alice_secret", "Title of vid_otto_secret"


@pytest.fixture
def no_wall_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's switch: the program takes everybody for somebody who sees everything."""
    monkeypatch.setattr(seeing, "sight_of", lambda _: Sight(everything=True))


def addresses() -> list[str]:
    """Every route's, for every record that there is."""
    patterns = [route.address for routes in ROUTES.values() for route in routes]
    records = (
        ("nanobanana", "vid_alice_secret"),
        ("reelbot", "rb_alice_secret"),
        ("nanobanana", "vid_otto_secret"),
    )
    filled = [
        pattern.format(provider=provider, id=external_id, account=account)
        for pattern in patterns
        for provider, external_id in records
        for account in ("north-nano", "south-nano")
    ]
    return list(dict.fromkeys(filled))


def pages(client: Client) -> str:
    """Everything that the pages of all routes say, with and without HTMX, and what wishes are answered."""
    said = []
    for address in [*addresses(), "/generations/?format=csv&q=secret"]:
        for headers in ({}, {"HX-Request": "true"}):
            response = client.get(address, headers=headers)
            said.append(response.getvalue().decode() if response.streaming else response.content.decode())
    said += [client.post(rule.address).content.decode() for rule in WISHES]
    return "\n".join(said)


@pytest.mark.usefixtures("no_wall_one")
@pytest.mark.parametrize(
    ("person", "sees_alices", "sees_ottos"),
    [
        ("alice", True, False),
        ("bob", False, False),
        ("audrey", True, False),
        ("max", True, False),
        ("otto", False, True),
        ("sid", True, True),
        ("rita", True, True),
        (None, False, False),
    ],
)
def test_no_page_leaks_a_row(
    people: Cast, signed_in: SignedIn, person: str | None, sees_alices: bool, sees_ottos: bool
) -> None:
    completed(people.nano, "vid_alice_secret", people.alice)
    completed(people.reel, "rb_alice_secret", people.alice)
    completed(people.other_nano, "vid_otto_secret", people.otto)
    said = pages(signed_in(getattr(people, person) if person else None))
    assert (ALICES in said, OTTOS in said) == (sees_alices, sees_ottos)
