"""The records before and after one, in the list it was opened from."""

from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict

from auditing.access import acting_as, visible_to
from auditing.filters import GenerationFilter, Row
from auditing.filters.neighbours import neighbours_of
from tests.views.cast import Cast, completed
from tests.views.conftest import SignedIn, people, signed_in

__all__ = ["people", "signed_in"]

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def rows(people: Cast) -> None:
    """One to five of Alice's, made in that order, three of them 4k; one and two at the same moment."""
    for number, minute in enumerate((0, 0, 2, 3, 4), start=1):
        completed(
            people.nano,
            f"vid_{number}",
            people.alice,
            created_at=NOON + timedelta(minutes=minute),
            title=f"Beach {9 - number}",
            resolution="4k" if number % 2 else "720p",
        )
    completed(people.nano, "vid_bobs", people.bob, created_at=NOON + timedelta(minutes=2, seconds=30))


def walk(people: Cast, query: str) -> list[str]:
    """The list from its beginning, from each record to the one after it; and back again."""
    found = []
    with acting_as(people.alice):
        visible = visible_to(people.alice)
        wanted = GenerationFilter.from_query(QueryDict(query))
        row: Row | None = wanted.page(visible).rows[0]
        while row is not None:
            found.append(row)
            row = neighbours_of(row, wanted, visible).next
        back = [found[-1]]
        while (before := neighbours_of(back[-1], wanted, visible).previous) is not None:
            back.append(before)
        assert back == found[::-1]
    return [row.external_id.removeprefix("vid_") for row in found]


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", "54321"),
        ("sort=created_at", "12345"),
        ("resolution=4k", "531"),
        ("sort=title", "54321"),
        ("q=beach&sort=-title", "12345"),
        ("per_page=25&resolution=4k&sort=owner", "135"),
    ],
)
def test_one_goes_through_the_list_in_its_order(people: Cast, query: str, order: str) -> None:
    """Of what may be seen only; records of the same moment keep their places."""
    rows(people)
    assert "".join(walk(people, query)) == order


def test_a_record_that_no_longer_matches_keeps_its_place(people: Cast) -> None:
    """Such as one that failed while the list of those under way was gone through."""
    rows(people)
    with acting_as(people.alice):
        visible = visible_to(people.alice)
        beside = neighbours_of(
            visible.get(external_id="vid_4"), GenerationFilter.from_query(QueryDict("resolution=4k")), visible
        )
    assert beside.previous is not None
    assert beside.next is not None
    assert (beside.previous.external_id, beside.next.external_id) == ("vid_5", "vid_3")
    assert str(beside.count) == "3"


def test_the_page_leads_on_and_back(people: Cast, signed_in: SignedIn) -> None:
    """As the list's rows say; where the address names no list, none is guessed."""
    rows(people)
    client = signed_in(people.alice)
    link = "/generations/nanobanana/vid_3/?list=resolution%3D4k%26sort%3Dcreated_at"
    assert f'href="{link}"' in client.get("/generations/?sort=created_at&resolution=4k").content.decode()
    page = client.get(link).content.decode()
    assert "4k; oldest first (3)" in page
    assert f'rel="prev" href="{link.replace("vid_3", "vid_1")}"' in page
    assert f'rel="next" href="{link.replace("vid_3", "vid_5")}"' in page
    assert 'href="/generations/?resolution=4k&amp;sort=created_at#generation-' in page
    assert "Back to the list" not in client.get("/generations/nanobanana/vid_3/").content.decode()
    assert (
        "all generations; newest first (5)"
        in client.get("/generations/nanobanana/vid_3/?list=").content.decode()
    )


def test_a_list_that_cant_be_is_the_whole_list(people: Cast, signed_in: SignedIn) -> None:
    """What is not accepted does not count, as on the list's own page."""
    rows(people)
    page = (
        signed_in(people.alice).get("/generations/nanobanana/vid_3/?list=sort%3Dluck%26after%3Dx%26a").content
    )
    assert b"all generations; newest first (5)" in page
