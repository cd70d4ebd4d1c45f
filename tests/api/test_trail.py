"""What programs do with a token is told to the trail of people, as what its person does by hand."""

from auditing.models import Scope, TrailEntry
from tests.api.conftest import Token
from tests.views.cast import Cast, completed


def told() -> list[tuple[str, str, str | None, str]]:
    rows = TrailEntry.objects.order_by("pk")
    return [
        (row.act, row.asked, row.owner.username if row.owner else None, row.token)
        for row in rows.select_related("owner")
    ]


def test_uses_refusals_and_exports_by_token_are_told(people: Cast, token: Token, client: object) -> None:
    completed(people.reel, "rb-alice", people.alice)
    text = token(people.bob, people.team, Scope.READ, Scope.EXPORT)
    headers = {"Authorization": f"Bearer {text}"}
    for address in (
        "/api/v1/generations/reelbot/rb-alice",
        "/api/v1/generations/reelbot/rb-nowhere",
        "/api/v1/generations?status=failed&format=ndjson",
    ):
        client.get(address, headers=headers)  # type: ignore[attr-defined]
    prefix = text[:9]
    assert told() == [
        ("token_used", "", "bob", prefix),
        ("refused", "reelbot/rb-alice", "bob", prefix),
        ("refused", "reelbot/rb-nowhere", "bob", prefix),
        ("exported", "ndjson?status=failed", "bob", ""),
    ]
