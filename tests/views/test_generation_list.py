"""`/generations/`: what is listed, for whom, and in which form."""

import json
import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client

from auditing.filters import GenerationFilter
from tests.views.cast import Cast, completed, registered
from tests.views.conftest import Queries, SignedIn

PART = {"HX-Request": "true"}


def ids_on(client: Client, address: str, headers: dict[str, str] | None = None) -> list[str]:
    """The ids in the rows of a page, in order."""
    return re.findall(r'data-copy="([^"]+)"', client.get(address, headers=headers).content.decode())


def test_a_member_sees_their_own_an_auditor_the_teams(people: Cast, signed_in: SignedIn) -> None:
    """Rows follow the rights."""
    completed(people.nano, "vid_alice", people.alice)
    completed(people.nano, "vid_bob", people.bob)
    completed(people.other_nano, "vid_otto", people.otto)
    assert ids_on(signed_in(people.alice), "/generations/") == ["vid_alice"]
    assert sorted(ids_on(signed_in(people.audrey), "/generations/")) == ["vid_alice", "vid_bob"]
    assert len(ids_on(signed_in(people.sid), "/generations/")) == 3


def test_its_form_offers_only_what_the_viewer_may_see(people: Cast, signed_in: SignedIn) -> None:
    """A teammate's name or another team's account must not show in a filter."""
    completed(people.nano, "vid_alice", people.alice)
    completed(people.reel, "rb-bob", people.bob)
    client = signed_in(people.alice)
    whole = client.get("/generations/?counts=1").content.decode()
    for page in (whole, client.get("/generations/?values=1", headers=PART).content.decode()):
        assert 'value="north-nano"' in page
        assert "north-reel" not in page
        assert 'value="bob"' not in page


def test_values_are_looked_up_for_who_opens_them(people: Cast, signed_in: SignedIn) -> None:
    """A page has the fixed words, and what its filter names; a link leads to the others."""
    completed(people.nano, "vid_4k", people.alice, resolution="4k")
    client = signed_in(people.alice)
    page = client.get("/generations/?owner=alice&sort=title").content.decode()
    values = set(re.findall(r'name="(status|owner|resolution)" value="([^"]+)"', page))
    assert {("status", "failed"), ("owner", "alice"), ("owner", "~none")} < values
    assert ("resolution", "4k") not in values
    assert '<a href="/generations/?owner=alice&amp;counts=1">List all values</a>' in page
    asked = re.search(r'id="counts"[^>]* data-hx-get="([^"]+)" data-hx-trigger="pointerenter', page)
    assert asked is not None
    assert asked[1] == "/generations/?owner=alice&amp;values=1"
    part = client.get(asked[1].replace("&amp;", "&"), headers=PART).content.decode()
    assert 'name="resolution" value="4k"' in part
    assert "List all values<" not in part
    counts = re.search(r'id="counts"[^>]* data-hx-get="([^"]+)" data-hx-trigger="load"', part)
    assert counts is not None
    assert counts[1] == "/generations/?owner=alice&amp;counts=1"


def test_it_filters_by_its_query_string(people: Cast, signed_in: SignedIn) -> None:
    """Any of several values of a column, all of several columns."""
    completed(people.nano, "vid_sea", people.alice, resolution="4k")
    completed(people.nano, "vid_hill", people.alice)
    registered(people.reel, "rb-new", people.alice, outcome=None)
    client = signed_in(people.alice)
    assert ids_on(client, "/generations/?resolution=4k&status=completed") == ["vid_sea"]
    assert ids_on(client, "/generations/?status=~none") == ["rb-new"]
    assert ids_on(client, "/generations/?q=ID_HILL") == ["vid_hill"]


def test_unknown_values_are_marked_and_never_zero(people: Cast, signed_in: SignedIn) -> None:
    """A dash with its reason; documented credits say so."""
    registered(people.nano, "vid_new", people.alice, outcome=None)
    page = signed_in(people.alice).get("/generations/").content.decode()
    assert 'title="not reported"' in page
    assert "Not yet known" in page
    completed(people.reel, "rb-done", people.alice)
    assert "documented" in signed_in(people.alice).get("/generations/?provider=reelbot").content.decode()


def test_a_part_is_answered_to_htmx_alone(people: Cast, signed_in: SignedIn) -> None:
    """Not to a boosted link, and not to a step back in the history."""
    completed(people.nano, "vid_alice", people.alice)
    client = signed_in(people.alice)
    part = client.get("/generations/?status=completed&q=", headers=PART)
    assert b"<html" not in part.content
    assert part.content.lstrip().startswith(b'<section class="card results-card" id="results"')
    assert b'data-hx-swap-oob="innerHTML"' in part.content
    assert part.headers["HX-Push-Url"] == "/generations/?status=completed"
    for more in ({"HX-Boosted": "true"}, {"HX-History-Restore-Request": "true"}):
        whole = client.get("/generations/?status=completed", headers=PART | more)
        assert b"<html" in whole.content
        assert "HX-Push-Url" not in whole.headers


def test_pages_and_parts_are_kept_apart_in_caches(people: Cast, signed_in: SignedIn) -> None:
    """`Vary: HX-Request` on both."""
    client = signed_in(people.alice)
    for headers in ({}, PART):
        assert "HX-Request" in client.get("/generations/", headers=headers).headers["Vary"]


def test_a_removed_chip_brings_the_form_along(people: Cast, signed_in: SignedIn) -> None:
    """What htmx swaps is the server's choice, by where the answer goes."""
    part = signed_in(people.alice).get("/generations/", headers=PART | {"HX-Target": "browse"})
    assert b'<form class="card filters"' in part.content
    assert part.headers["HX-Retarget"] == "#browse"
    assert part.headers["HX-Push-Url"] == "/generations/"


@pytest.mark.parametrize("headers", [{}, PART])
def test_bad_values_are_said_at_their_fields(
    people: Cast, signed_in: SignedIn, headers: dict[str, str]
) -> None:
    """A page like any other, with the messages, in a part too."""
    address = "/generations/?created_from=soon&status=late&sort=luck&after=nowhere"
    response = signed_in(people.alice).get(address, headers=headers)
    page = response.content.decode()
    assert response.status_code == 200
    assert 'id="filter-from-error"' in page
    assert 'id="filter-status-error"' in page
    assert "is no place in this list" in page
    assert page.count('aria-invalid="true"') == 2


def test_more_filters_open_themselves_where_one_is_active_or_wrong(people: Cast, signed_in: SignedIn) -> None:
    """And stay closed otherwise."""
    client = signed_in(people.alice)

    def shown(query: str) -> str:
        page = client.get(f"/generations/?{query}").content.decode()
        found = re.search(r'<details class="more-filters"[^>]*>', page)
        assert found is not None
        return found[0]

    for query in ("credits_min=10", "credits_max=much", "updated=today", "waiting=~none", "synced_to=soon"):
        assert shown(query).endswith(" open>"), query
    for query in ("", "status=failed", "status_not=failed", "created=today", "flag=stuck"):
        assert not shown(query).endswith(" open>"), query


def test_the_form_shows_what_is_wanted_and_what_is_not(people: Cast, signed_in: SignedIn) -> None:
    """Sent again, it is the same filter: also what has no field goes along."""
    query = (
        "status_not=failed&mode=~none&flag=stuck&tag_not=~none&credits_min=2.5&duration=~none"
        "&waiting_not=~none&created=last-30-days&updated_from=2026-10-01&q=sea"
    )
    page = signed_in(people.alice).get(f"/generations/?{query}").content.decode()
    form = page[page.index('<form class="card filters"') : page.index("</form>", page.index('id="filters"'))]
    sent = QueryDict(mutable=True)
    for field in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', field), re.search(r'value="([^"]*)"', field)
        if name and value and ("checkbox" not in field or " checked" in field):
            sent.appendlist(name[1], value[1])
    for name, options in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        sent.appendlist(name, chosen[1] if chosen else "")
    asked = GenerationFilter.from_query(QueryDict(query))
    assert GenerationFilter.from_query(sent) == asked
    assert len(asked.chips()) == 10


def test_values_have_counts_where_the_address_asks_for_them(people: Cast, signed_in: SignedIn) -> None:
    """A link on the page; of what the viewer may see; the counts of a column leave its own choice aside."""
    completed(people.nano, "vid_alice", people.alice)
    completed(people.nano, "vid_failed", people.alice, status="failed", resolution="4k")
    completed(people.reel, "rb-bob", people.bob)
    client = signed_in(people.alice)
    page = client.get("/generations/?status=failed&sort=title").content.decode()
    link = re.search(r'id="counts" href="([^"]+)"', page)
    assert link is not None
    assert link[1] == "/generations/?status=failed&amp;counts=1"
    assert "data-count" not in page
    counted = client.get(link[1].replace("&amp;", "&")).content.decode()
    part = client.get(link[1].replace("&amp;", "&"), headers=PART)
    assert part.content.decode().startswith('<div class="picks" id="picks">')
    assert "HX-Push-Url" not in part.headers
    for shown in (counted, part.content.decode()):
        values = re.findall(r'data-count="([^"]+)"><input [^>]*name="([^"]+)" value="([^"]+)"', shown)
        found = {(key, value): count for count, key, value in values}
        assert found["status", "completed"] == "1"
        assert found["status", "failed"] == "1"
        assert found["provider", "nanobanana"] == "1"
        assert found["provider", "reelbot"] == "0"
        assert found["resolution", "4k"] == "1"
        assert found["owner", "alice"] == "1"
        assert ("owner", "bob") not in found


def test_counts_are_asked_for_anew_when_the_form_narrows_the_list(people: Cast, signed_in: SignedIn) -> None:
    """Not when another page of it is turned to."""
    client = signed_in(people.alice)
    for headers, anew in (
        ({"HX-Trigger": "filters"}, True),
        ({"HX-Trigger": "next-page"}, False),
        ({}, False),
    ):
        part = client.get("/generations/?mode=x", headers=PART | {"HX-Target": "results"} | headers)
        assert (b'id="counts"' in part.content) is anew, headers


def test_it_walks_every_row_once_by_its_links(people: Cast, signed_in: SignedIn) -> None:
    """Next leads through all pages, previous back to the first."""
    for number in range(60):
        completed(people.nano, f"vid_{number:03}", people.alice)
    client = signed_in(people.alice)
    seen, address, pages = [], "/generations/?per_page=25", []
    while address:
        pages.append(address)
        seen += ids_on(client, address)
        page = client.get(address).content.decode()
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = f"/generations/{following[1].replace('&amp;', '&')}" if following else ""
    assert len(pages) == 3
    assert sorted(seen) == [f"vid_{number:03}" for number in range(60)]
    back = re.search(r'rel="prev" href="([^"]+)"', page)
    assert back is not None
    assert len(ids_on(client, f"/generations/{back[1].replace('&amp;', '&')}")) == 25


def test_its_empty_states_say_what_to_do(people: Cast, signed_in: SignedIn) -> None:
    """Nothing registered; nothing matches."""
    client = signed_in(people.alice)
    assert b"manage.py import_ids" in client.get("/generations/").content
    completed(people.nano, "vid_alice", people.alice)
    page = client.get("/generations/?q=nothing+like+it").content
    assert b"No generation matches" in page
    assert b"clear all filters" in page


def test_it_shows_times_in_the_viewers_zone(people: Cast, signed_in: SignedIn) -> None:
    """And says which it is."""
    people.alice.time_zone = "Europe/Paris"
    people.alice.save()
    completed(people.nano, "vid_a", people.alice, created_at=datetime(2026, 1, 2, 23, 30, tzinfo=UTC))
    page = signed_in(people.alice).get("/generations/?created_from=2026-01-03").content.decode()
    assert "Times and days in Europe/Paris" in page
    assert 'datetime="2026-01-02T23:30:00Z" title="2026-01-03 00:30:00 +01:00"' in page


def test_only_web_addresses_become_pictures(people: Cast, signed_in: SignedIn) -> None:
    """A payload can say anything."""
    completed(people.nano, "vid_a", people.alice, thumbnail_url="javascript:alert(1)")
    completed(people.nano, "vid_b", people.alice, thumbnail_url="https://cdn.nanobananavideo.com/b.png")
    page = signed_in(people.alice).get("/generations/").content.decode()
    assert "javascript:" not in page
    assert page.count("<img ") == 1
    assert 'loading="lazy"' in page
    assert 'referrerpolicy="no-referrer"' in page


def test_markup_in_a_title_stays_text(people: Cast, signed_in: SignedIn) -> None:
    """Titles are the provider's."""
    completed(people.nano, "vid_a", people.alice, title="<script>alert(1)</script>")
    assert b"<script>alert" not in signed_in(people.alice).get("/generations/").content


@pytest.mark.parametrize(("written", "kind"), [("csv", "text/csv"), ("ndjson", "application/x-ndjson")])
def test_an_export_holds_what_the_list_shows(
    people: Cast, signed_in: SignedIn, written: str, kind: str
) -> None:
    """The same rights, the same filter, all pages."""
    completed(people.nano, "vid_sea", people.alice, resolution="4k")
    completed(people.nano, "vid_hill", people.alice)
    completed(people.nano, "vid_bob", people.bob, resolution="4k")
    response = signed_in(people.alice).get(f"/generations/?resolution=4k&format={written}")
    assert response.headers["Content-Type"].startswith(kind)
    assert response.headers["Content-Disposition"].endswith(f'.{written}"')
    text = response.getvalue().decode()
    assert "vid_sea" in text
    assert "vid_hill" not in text
    assert "vid_bob" not in text
    if written == "ndjson":
        assert [json.loads(line)["external_id"] for line in text.splitlines()] == ["vid_sea"]


def test_a_file_has_the_columns_that_are_named(people: Cast, signed_in: SignedIn) -> None:
    completed(people.nano, "vid_a", people.alice)
    response = signed_in(people.alice).get("/generations/?format=csv&columns=credits_used,external_id")
    assert response.getvalue() == b'credits_used,external_id\n7.5,"vid_a"\n'


@pytest.mark.parametrize(
    "query",
    ["format=pdf", "format=csv&created_from=soon", "format=csv&columns=titel", "format=csv&columns=,"],
)
def test_what_would_export_something_else_is_a_page(people: Cast, signed_in: SignedIn, query: str) -> None:
    """A bad value would make a file hold more than was asked for."""
    response = signed_in(people.alice).get(f"/generations/?{query}")
    assert not response.streaming
    assert response.headers["Content-Type"].startswith("text/html")


def test_export_links_keep_the_filter_and_drop_the_page(people: Cast, signed_in: SignedIn) -> None:
    """All rows, not the page's."""
    for number in range(30):
        completed(people.nano, f"vid_{number}", people.alice)
    client = signed_in(people.alice)
    page = client.get("/generations/?mode=text-to-video&per_page=25").content.decode()
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following is not None
    page = client.get(f"/generations/{following[1].replace('&amp;', '&')}").content.decode()
    link = re.search(r'href="([^"]+format=csv)"', page)
    assert link is not None
    asked = parse_qs(urlsplit(link[1].replace("&amp;", "&")).query)
    assert asked == {"mode": ["text-to-video"], "per_page": ["25"], "format": ["csv"]}


@pytest.mark.parametrize(("person", "pinned"), [("alice", 7), ("audrey", 7), ("sid", 7), ("rita", 6)])
def test_a_page_takes_as_many_queries_with_fifty_rows_as_with_one(
    people: Cast, signed_in: SignedIn, queries: Queries, person: str, pinned: int
) -> None:
    """Whoever looks, whatever is in the rows."""
    client = signed_in(getattr(people, person))
    completed(people.nano, "vid_first", people.alice)
    one = queries(client, "/generations/")
    for number in range(30):
        completed(people.nano, f"vid_{number}", people.alice, flags=["impossible_times"])
        registered(people.reel, f"rb-{number}", None if person != "alice" else people.alice, outcome="denied")
    many = queries(client, "/generations/")
    assert len(one) == len(many) == pinned
    # A text takes one more: to find its rows, or whether the list is short enough for it.
    for text in ("x", "vid"):
        searched = f"/generations/?status=failed&q={text}&sort=-duration_seconds"
        assert len(queries(client, searched)) == pinned + 1


def test_a_part_takes_fewer_queries(people: Cast, signed_in: SignedIn) -> None:
    """The form's choices are not looked up for the results alone."""
    client = signed_in(people.alice)
    part = client.get("/generations/", headers=PART)
    assert b'<form class="card filters"' not in part.content
