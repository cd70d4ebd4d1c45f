"""A record that is not theirs looks to a stranger as it looks at its provider."""

import re

import pytest

from tests.views.cast import Cast, completed
from tests.views.conftest import Queries, SignedIn

REQUEST = re.compile(r"[0-9a-f]{32}")
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')


def test_reelbots_refused_and_absent_ids_give_the_same_answer(people: Cast, signed_in: SignedIn) -> None:
    """The same bytes, tokens aside, the same headers and status."""
    completed(people.reel, "rb-alice", people.alice)
    client = signed_in(people.bob)
    refused, absent = (client.get(f"/generations/reelbot/{name}/") for name in ("rb-alice", "rb-never"))
    assert refused.status_code == absent.status_code == 404
    assert TOKEN.sub(b"", refused.content) == TOKEN.sub(b"", absent.content)
    numbers = {response.headers.pop("X-Request-ID") for response in (refused, absent)}
    assert len(numbers) == 2
    assert dict(refused.headers) == dict(absent.headers)
    assert b"Project not found" in refused.content


def test_reelbots_refused_and_absent_ids_take_the_same_queries(
    people: Cast, signed_in: SignedIn, queries: Queries
) -> None:
    """The work is the same, too: nothing asks whether the id exists."""
    completed(people.reel, "rb-alice", people.alice)
    client = signed_in(people.bob)
    refused = queries(client, "/generations/reelbot/rb-alice/")
    absent = queries(client, "/generations/reelbot/rb-never/")
    assert len(refused) == len(absent) == 8
    # The first is the session's, whose condition holds the time; the trail's holds the request's number.
    same = [REQUEST.sub("", query.replace("rb-alice", "rb-never")) for query in refused[1:]]
    assert same == [REQUEST.sub("", query) for query in absent[1:]]


def test_nanobanana_refuses_with_403_what_exists_and_with_404_what_does_not(
    people: Cast, signed_in: SignedIn
) -> None:
    """As the provider tells them apart."""
    completed(people.nano, "vid_alice", people.alice)
    client = signed_in(people.bob)
    refused = client.get("/generations/nanobanana/vid_alice/")
    assert (refused.status_code, b"Access denied" in refused.content) == (403, True)
    absent = client.get("/generations/nanobanana/vid_never/")
    assert (absent.status_code, b"Video not found" in absent.content) == (404, True)


@pytest.mark.parametrize("external_id", ["a/b", "a/../b", "ü?#&", "100%", "%2e", "a//b/", "x" * 255, "<b>"])
def test_any_id_has_a_page(people: Cast, signed_in: SignedIn, external_id: str) -> None:
    """Ids are opaque: slashes, dots and percent signs in them are theirs."""
    completed(people.reel, external_id, people.alice)
    client = signed_in(people.alice)
    listed = client.get("/generations/").content.decode()
    link = re.search(r'class="row-title" href="([^"]+)"', listed)
    assert link is not None
    assert client.get(link[1]).status_code == 200


def test_a_refusal_of_a_download_is_the_same_page(people: Cast, signed_in: SignedIn) -> None:
    """Asking for a link tells no more than asking for the record."""
    completed(people.reel, "rb-alice", people.alice)
    client = signed_in(people.bob)
    address = "/generations/download/?provider=reelbot&external_id="
    refused, absent = client.post(f"{address}rb-alice"), client.post(f"{address}rb-never")
    assert refused.status_code == absent.status_code == 404
    assert TOKEN.sub(b"", refused.content) == TOKEN.sub(b"", absent.content)
