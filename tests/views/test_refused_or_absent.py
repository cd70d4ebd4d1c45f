"""ReelBot's refused and absent ids can't be told apart: not by bytes, headers, queries, nor by the clock."""

import math
import random
import re
from time import perf_counter
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from auditing.models import Generation, Lookup, User
from tests.views.cast import Cast, completed
from tests.views.conftest import HOUSEKEEPING, SignedIn

HTMX = {"HX-Request": "true"}
# Every page, and part of one, that refuses: the method, the address and its headers.
ASKED = [
    (method, address, headers)
    for methods, address in (
        (("GET", "HEAD"), "/generations/{provider}/{id}/"),
        (("GET",), "/generations/{provider}/{id}/?team=north"),
        (("GET",), "/generations/{provider}/{id}/?asked=2026-11-22T00:00:00Z&shown=waiting"),
        (("POST",), "/generations/download/?provider={provider}&external_id={id}"),
        (("POST",), "/generations/refresh/?provider={provider}&external_id={id}"),
        (("GET", "HEAD"), "/generations/payload/?provider={provider}&external_id={id}"),
        (("POST",), "/generations/notes/?provider={provider}&external_id={id}"),
        (("POST",), "/generations/correct/?provider={provider}&external_id={id}"),
        (("POST",), "/generations/tags/?provider={provider}&external_id={id}"),
    )
    for method in methods
    for headers in ({}, HTMX)
] + [("GET", "/generations/download/?provider={provider}&external_id={id}", HTMX)]

# What the pages say, from the frame's end to its foot.
GOLDEN = {
    404: (
        "404 {text} There is no generation at this address that you may see. Check the id; if it was"
        " generated only lately, it may not have been registered here yet. See your generations"
    ),
    403: (
        "403 {text} This generation is not one that you may see. A manager of the team it belongs to can"
        " attribute it to you, or make you an auditor of the team. See your generations"
    ),
}
# New with every request, whatever is asked for.
OF_THE_REQUEST = (
    re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"'),
    re.compile(r'"X-CSRFToken": ?"[^"]+"'),
    re.compile(r"[0-9a-f]{32}"),
    re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d+(\+00:00|Z)?"),
)


def without_numbers(text: str, external_id: str) -> str:
    """The text without what is new with each request, and with the id's name taken out."""
    for pattern in OF_THE_REQUEST:
        text = pattern.sub("", text)
    return text.replace(external_id, "ID")


def answered(client: Client, asked: tuple[str, str, dict[str, str]], provider: str, external_id: str) -> Any:
    """Everything that can be seen of an answer: status, bytes, headers, cookies, and its queries."""
    method, address, headers = asked
    with CaptureQueriesContext(connection) as captured:
        response = client.generic(method, address.format(provider=provider, id=external_id), headers=headers)
    taken = [query["sql"] for query in captured if not query["sql"].startswith(HOUSEKEEPING)]
    return (
        response.status_code,
        without_numbers(response.content.decode(), external_id),
        {name: value for name, value in response.headers.items() if name != "X-Request-ID"},
        sorted(response.cookies),
        [without_numbers(query, external_id) for query in taken],
    )


def words(page: str) -> str:
    """What the page itself says, without its frame."""
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


@pytest.mark.parametrize("name", ["bob", "otto"])
@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: f"{asked[0]} {asked[1]}{' part' * bool(asked[2])}")
def test_reelbots_refusals_are_the_same_to_the_byte(
    people: Cast, signed_in: SignedIn, asked: tuple[str, str, dict[str, str]], name: str
) -> None:
    """For a teammate and for a stranger: the page, the headers, and each query in turn."""
    completed(people.reel, "rb-alice", people.alice)
    client = signed_in(getattr(people, name))
    client.get("/help/")  # cookies are settled
    refused = answered(client, asked, "reelbot", "rb-alice")
    assert refused == answered(client, asked, "reelbot", "rb-never")
    assert refused[0] == 404
    if asked[0] != "HEAD":
        assert words(refused[1]) == GOLDEN[404].format(text="Project not found")


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: f"{asked[0]} {asked[1]}{' part' * bool(asked[2])}")
def test_nanobananas_refusals_say_which_it_is(
    people: Cast, signed_in: SignedIn, asked: tuple[str, str, dict[str, str]]
) -> None:
    """403 for what exists, 404 for what does not; the headers and the queries are the same."""
    completed(people.nano, "vid_alice", people.alice)
    client = signed_in(people.bob)
    client.get("/help/")
    refused = answered(client, asked, "nanobanana", "vid_alice")
    absent = answered(client, asked, "nanobanana", "vid_never")
    assert (refused[0], absent[0]) == (403, 404)
    assert refused[2].keys() == absent[2].keys()
    assert refused[4] == absent[4]
    if asked[0] != "HEAD":
        assert words(refused[1]) == GOLDEN[403].format(text="Access denied")
        assert words(absent[1]) == GOLDEN[404].format(text="Video not found")


def test_the_clock_does_not_tell_refused_from_absent(
    people: Cast, signed_in: SignedIn, request: pytest.FixtureRequest
) -> None:
    """A rank test over two samples of one run, taken by turns in random order; nothing is said of how long
    anything takes. Where there is no difference, |z| reaches 5 in one run of 1.7 million."""
    each = request.config.getoption("--rank-requests") // 2
    populate(people, 5000)
    chance = random.Random(4)  # noqa: S311 - the order of requests
    kinds = ["refused"] * each + ["absent"] * each
    chance.shuffle(kinds)
    client = signed_in(people.bob)
    for warm in range(20):
        client.get(f"/generations/reelbot/{'rb' if warm % 2 else 'no'}-{warm:06}/")
    took: dict[str, list[float]] = {"refused": [], "absent": []}
    for kind in kinds:
        mark = "rb" if kind == "refused" else "no"
        address = f"/generations/reelbot/{mark}-{chance.randrange(5000):06}/"
        began = perf_counter()
        response = client.get(address)
        took[kind].append(perf_counter() - began)
        assert response.status_code == 404
    assert abs(z_of(took["refused"], took["absent"])) < 5


def test_the_rank_test_finds_a_difference() -> None:
    """A twentieth of a millisecond more in ten, in a thousand requests each, with noise of a tenth."""
    chance = random.Random(1)  # noqa: S311 - sample data
    one, other = ([chance.gauss(mean, 0.1) for _ in range(1000)] for mean in (10, 10.05))
    assert abs(z_of(one, other)) > 5
    assert abs(z_of(one, [chance.gauss(10, 0.1) for _ in range(1000)])) < 5
    assert z_of([1, 2], [1, 2]) == 0


def z_of(one: list[float], other: list[float]) -> float:
    """Mann and Whitney's U in its standard deviations (normal approximation, equal values share a rank)."""
    both = sorted(one + other)
    ranks: dict[float, float] = {}
    for place, value in enumerate(both, start=1):
        first = ranks.setdefault(value, place)
        ranks[value] = first if both[place - 2] != value or place == 1 else first + 0.5
    u = sum(ranks[value] for value in one) - len(one) * (len(one) + 1) / 2
    spread = math.sqrt(len(one) * len(other) * (len(one) + len(other) + 1) / 12)
    return (u - len(one) * len(other) / 2) / spread


def populate(people: Cast, count: int) -> None:
    """So many records of Alice's."""
    owner: User = people.alice
    made = Generation.objects.bulk_create(
        Generation(
            team=people.team, account=people.reel, provider="reelbot", external_id=f"rb-{n:06}", owner=owner
        )
        for n in range(count)
    )
    Lookup.objects.bulk_create(
        Lookup(generation=row, account=people.reel, team=people.team, owner=owner, outcome="ok")
        for row in made
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE auditing_generation, auditing_lookup")
