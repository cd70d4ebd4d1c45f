"""Clipledger's own names: pages of records, all of them as NDJSON, and one; by the list page's filters."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from auditing.access import acting_as, visible_to
from auditing.exports import GENERATIONS, export_ndjson
from auditing.filters import COUNT_CAP, GenerationFilter
from auditing.models import Generation, Scope, User
from tests.api.asking import a_token, asked
from tests.api.conftest import Queries
from tests.views.cast import Cast, completed, registered

PATH = "/api/v1/generations"
NDJSON = "application/x-ndjson"


def exported(person: User) -> dict[str, Any]:
    """What an export has of the records that this person may see, by id."""
    with acting_as(person):
        lines = b"".join(export_ndjson(GenerationFilter().ordered(visible_to(person)))).splitlines()
    return {row["external_id"]: row for row in map(json.loads, lines)}


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["external_id"] for row in rows]


def test_a_page_has_the_records_that_the_tokens_person_may_see(people: Cast) -> None:
    """In the columns, values and order of an export."""
    completed(people.nano, "vid_alice", people.alice, description="Strand ☀️\n“x”", credits_thousandths=2500)
    registered(people.reel, "rb-alice", people.alice, outcome=None)
    completed(people.nano, "vid_bob", people.bob)
    completed(people.other_nano, "vid_otto", people.otto)
    answer = asked(PATH, a_token(people.alice, people.team))
    assert answer.as_said == (
        200,
        {
            "generations": list(exported(people.alice).values()),
            "count": {"number": 2, "more": False},
            "previous": None,
            "next": None,
        },
    )
    assert list(answer.json["generations"][0]) == list(GENERATIONS.names)
    assert ids(answer.json["generations"]) == ["vid_alice", "rb-alice"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_pages_follow_one_another_by_their_addresses(people: Cast) -> None:
    """Every record once, there and back, and the filter with them."""
    for number in range(60):
        completed(people.nano, f"vid_{number:02}", people.alice, resolution=("4k", "720p")[number % 2])
    text = a_token(people.alice, people.team)
    address = f"{PATH}?resolution=4k&per_page=25&sort=created_at"
    first = asked(address, text).json
    assert first["next"].startswith(
        f"http://testserver{PATH}?resolution=4k&sort=created_at&per_page=25&after="
    )
    second = asked(first["next"], text).json
    assert (len(first["generations"]), len(second["generations"]), second["next"]) == (25, 5, None)
    assert len({*ids(first["generations"]), *ids(second["generations"])}) == 30
    assert first["count"] == second["count"] == {"number": 30, "more": False}
    assert asked(second["previous"], text).json["generations"] == first["generations"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=failed", ["vid_failed"]),
        ("status=failed&status=pending&provider=reelbot", ["rb-new"]),
        ("owner=~none", ["vid_nobody"]),
        ("outcome=~none", ["rb-new"]),
        ("q=MODEL+timed", ["vid_failed"]),
        ("created_to=1999-01-01", []),
        ("created=last-7-days&flag=unassigned", ["vid_nobody"]),
        ("status_not=completed&status_not=pending", ["vid_failed"]),
        ("credits_min=7.5&owner_not=~none", ["vid_failed"]),
        ("waiting=~none&flag_not=stuck", ["rb-new"]),
        ("format=json&status=failed", ["vid_failed"]),
    ],
)
def test_the_list_pages_filters_select(people: Cast, query: str, found: list[str]) -> None:
    completed(people.nano, "vid_failed", people.alice, status="failed", error="Model timed out")
    completed(people.nano, "vid_nobody", None)
    registered(people.reel, "rb-new", people.bob, outcome=None, status="pending")
    answer = asked(f"{PATH}?{query}", a_token(people.max, people.team))
    assert ids(answer.json["generations"]) == found


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("status=broken", {"status"}),
        ("statuss=failed", {"statuss"}),
        ("created_from=soon&created_to=1492-01-01&per_page=7", {"created_from", "created_to", "per_page"}),
        ("sort=prompt&provider=sora", {"sort", "provider"}),
        ("after=nowhere", {"after"}),
        ("credits_min=much&created=now&flag=red", {"credits_min", "created", "flag"}),
        ("format=xlsx", {"format"}),
        ("format=", {"format"}),
        ("q=%00", {"q"}),
        ("format=ndjson&per_page=25&after=x", {"per_page", "after"}),
    ],
)
def test_what_is_not_accepted_is_named(people: Cast, query: str, fields: set[str]) -> None:
    """Nothing is left out in silence: it would select more than was meant."""
    text = a_token(people.alice, people.team, Scope.READ, Scope.EXPORT)
    answer = asked(f"{PATH}?{query}", text)
    assert (answer.status, answer.json["code"]) == (400, "invalid_query")
    assert set(answer.json) == {"success", "code", "error", "fields"}
    assert set(answer.json["fields"]) >= fields
    assert all(answer.json["fields"].values())


def test_a_sort_that_nothing_serves_is_refused_where_there_are_too_many(people: Cast) -> None:
    """The page would give way to another order; a program must not take one for the other."""
    many = (
        Generation(team=people.team, account=people.nano, provider="nanobanana", external_id=str(number))
        for number in range(COUNT_CAP + 1)
    )
    Generation.objects.bulk_create(many, batch_size=2000)
    answer = asked(f"{PATH}?sort=title", a_token(people.max, people.team))
    assert (answer.status, set(answer.json["fields"])) == (400, {"sort"})


@pytest.mark.parametrize("headers", [{"Accept": NDJSON}, {"Accept": f"{NDJSON}, application/json;q=0.5"}, {}])
def test_ndjson_is_every_record_that_the_filter_selects(people: Cast, headers: dict[str, str]) -> None:
    """Streamed, for tokens that may take files out."""
    for number in range(120):
        completed(people.nano, f"vid_{number:03}", people.alice, resolution=("4k", "720p")[number % 2])
    query = "" if headers else "&format=ndjson"
    answer = asked(
        f"{PATH}?resolution=4k{query}", a_token(people.alice, people.team, Scope.EXPORT), **headers
    )
    assert (answer.status, answer.headers["Content-Type"]) == (200, NDJSON)
    expected = [row for row in exported(people.alice).values() if row["resolution"] == "4k"]
    assert [json.loads(line) for line in answer.body.splitlines()] == expected
    assert len(expected) == 60
    assert answer.headers["Cache-Control"] == "no-store"


def test_each_form_asks_for_its_own_scope(people: Cast) -> None:
    """A token to read with takes no files out, and one to take files out reads no pages."""
    reads, exports = (a_token(people.alice, people.team, scope) for scope in (Scope.READ, Scope.EXPORT))
    for text, accept, status in (
        (reads, "*/*", 200),
        (reads, NDJSON, 403),
        (exports, "*/*", 403),
        (exports, NDJSON, 200),
    ):
        assert asked(PATH, text, Accept=accept).status == status
    assert (
        asked(f"{PATH}?format=ndjson", exports, Accept="application/json").headers["Content-Type"] == NDJSON
    )


@pytest.mark.parametrize("external_id", ["vid_a", "a/b", "a//../b", "/", "ü?#&", "100%", "%2e", "<b>"])
def test_one_record_is_what_an_export_has_of_it(people: Cast, external_id: str) -> None:
    completed(people.nano, external_id, people.alice)
    address = f"{PATH}/nanobanana/{quote(external_id, safe='')}"
    answer = asked(address, a_token(people.alice, people.team))
    assert answer.as_said == (200, exported(people.alice)[external_id])
    assert (answer.headers["Age"], answer.headers["Cache-Control"]) == ("0", "no-store")


def test_a_refused_record_is_refused_as_its_provider_does_it(people: Cast) -> None:
    """In our own shape: NanoBanana's 403, ReelBot's 404."""
    completed(people.nano, "vid_alice", people.alice)
    completed(people.reel, "rb-alice", people.alice)
    text = a_token(people.bob, people.team)
    for record, status, code, error in (
        ("nanobanana/vid_alice", 403, "access_denied", "Access denied"),
        ("nanobanana/vid_never", 404, "not_found", "Video not found"),
        ("nanobanana/%00", 404, "not_found", "Video not found"),
        ("reelbot/rb-alice", 404, "not_found", "Project not found"),
        ("reelbot/rb-never", 404, "not_found", "Project not found"),
        ("sora/vid_alice", 404, "not_found", "There is no such provider"),
        ("sora/%00", 404, "not_found", "There is no such provider"),
    ):
        answer = asked(f"{PATH}/{record}", text)
        assert answer.as_said == (status, {"success": False, "code": code, "error": error})


def test_reelbots_refused_and_absent_records_are_the_same_answer(people: Cast, queries: Queries) -> None:
    """The same bytes, headers and queries."""
    completed(people.reel, "rb-alice", people.alice)
    text = a_token(people.bob, people.team)
    addresses = [f"{PATH}/reelbot/{name}" for name in ("rb-alice", "rb-never")]
    refused, absent = (asked(address, text) for address in addresses)
    assert refused.headers.pop("X-Request-ID") != absent.headers.pop("X-Request-ID")
    assert refused == absent
    taken = [queries(asked, address, text) for address in addresses]
    assert len(taken[0]) == len(taken[1]) == 8
    # The first three are about the token; the third holds the time.
    assert [query.replace("rb-alice", "rb-never") for query in taken[0][3:]] == taken[1][3:]


@pytest.mark.parametrize("address", ["/api/v1/", "/api/v1/generation", "/api/v1/generations/", "/api/v1/x/y"])
@pytest.mark.usefixtures("db")
def test_what_is_at_no_endpoints_address_is_said_in_json(address: str) -> None:
    answer = asked(address)
    assert (answer.status, answer.json["code"]) == (404, "no_such_address")


def test_requests_take_few_queries_however_many_records_there_are(people: Cast, queries: Queries) -> None:
    """Token (3), who acts, what they may see, count, page and its lines."""
    text = a_token(people.max, people.team)
    for number in range(3):
        completed(people.nano, f"vid_{number}", people.alice)
        assert len(queries(asked, PATH, text)) == 8
        assert len(queries(asked, f"{PATH}/nanobanana/vid_0", text)) == 9
    assert Generation.objects.count() == 3
