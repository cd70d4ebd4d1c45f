"""What a refusal costs, and ids of every form; `test_refused_or_absent.py` compares refusals to the byte."""

import re

import pytest

from tests.views.cast import Cast, completed
from tests.views.conftest import Queries, SignedIn

REQUEST = re.compile(r"[0-9a-f]{32}")


def test_reelbots_refused_and_absent_ids_take_the_same_queries(
    people: Cast, signed_in: SignedIn, queries: Queries
) -> None:
    """The work is the same, too: nothing asks whether the id exists."""
    completed(people.reel, "rb-alice", people.alice)
    client = signed_in(people.bob)
    refused = queries(client, "/generations/reelbot/rb-alice/")
    absent = queries(client, "/generations/reelbot/rb-never/")
    assert len(refused) == len(absent) == 7
    # The first is the session's, whose condition holds the time; the trail's holds the request's number.
    same = [REQUEST.sub("", query.replace("rb-alice", "rb-never")) for query in refused[1:]]
    assert same == [REQUEST.sub("", query) for query in absent[1:]]


@pytest.mark.parametrize("external_id", ["a/b", "a/../b", "ü?#&", "100%", "%2e", "a//b/", "x" * 255, "<b>"])
def test_any_id_has_a_page(people: Cast, signed_in: SignedIn, external_id: str) -> None:
    """Ids are opaque: slashes, dots and percent signs in them are theirs."""
    completed(people.reel, external_id, people.alice)
    client = signed_in(people.alice)
    listed = client.get("/generations/").content.decode()
    link = re.search(r'class="row-title" href="([^"]+)"', listed)
    assert link is not None
    assert client.get(link[1]).status_code == 200
