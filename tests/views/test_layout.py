"""`/generations/columns/`: each person's list as they like it, remembered for them and for nobody else."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from auditing.access import acting_as
from auditing.columns import COLUMNS
from auditing.models import ListPreference, Lookup, Project, Tag, Tagging
from tests.views.cast import Cast, completed
from tests.views.conftest import Queries, SignedIn

ADDRESS = "/generations/columns/"
PART = {"HX-Request": "true"}
EVERY = list(COLUMNS)


def heads(client: Client, address: str = "/generations/") -> list[str]:
    """The columns of the list, in order."""
    return re.findall(r'<th scope="col" class="head-(\w+)', client.get(address).content.decode())


def order_in(page: str) -> list[str]:
    """The columns of the form, in order."""
    return re.findall(r'name="order" value="(\w+)"', page)


def test_chosen_columns_are_remembered_in_their_order(people: Cast, signed_in: SignedIn) -> None:
    """For the person who chose them; the others' list stays as it was."""
    completed(people.nano, "vid_a", people.alice)
    client = signed_in(people.alice)
    form = {"order": ["credits", "title", "team", "owner"], "show": ["team", "credits"], "density": "compact"}
    assert client.post(ADDRESS, form).headers["Location"] == "/generations/"
    assert heads(client) == ["credits", "title", "team"]
    assert b"generation-table cards compact" in client.get("/generations/").content
    assert heads(signed_in(people.audrey))[:3] == ["thumbnail", "title", "status"]


def test_every_column_shows_what_the_record_has(people: Cast, signed_in: SignedIn) -> None:
    """All of them at once, with what is unknown, too."""
    project = Project.objects.create(team=people.team, name="Spring <sale>")
    said = {"project": project, "message": "Nearly", "error": "Upstream", "processing_completed_at": None}
    generation = completed(people.nano, "vid_a", people.alice, **said)
    tag = Tag.objects.create(team=people.team, name="keep")
    Tagging.objects.create(
        generation=generation, tag=tag, team=people.team, owner=people.alice, author=people.max
    )
    client = signed_in(people.alice)
    client.post(ADDRESS, {"order": EVERY, "show": EVERY})
    assert heads(client) == EVERY
    page = client.get("/generations/").content.decode()
    for words in (
        "Spring &lt;sale&gt;",
        "Nearly",
        "Upstream",
        ">keep<",
        'title="8 seconds"',
        "30 s",
        "1080p",
    ):
        assert words in page
    assert f'<tr class="row" id="generation-{generation.pk}"' in page
    assert 'title="7.5 credits, reported"' in page


@pytest.mark.parametrize("shown", [["owner"], EVERY])
def test_a_list_fetches_what_its_columns_show(
    people: Cast, signed_in: SignedIn, queries: Queries, shown: list[str]
) -> None:
    """As many queries with thirty rows as with one, and the tags' only where tags are shown."""
    client = signed_in(people.audrey)
    client.post(ADDRESS, {"order": EVERY, "show": shown})
    tag = Tag.objects.create(team=people.team, name="keep")

    def tagged(name: str) -> None:
        made = completed(people.nano, name, people.alice)
        Tagging.objects.create(
            generation=made, tag=tag, team=people.team, owner=people.alice, author=people.max
        )

    tagged("vid_first")
    one = queries(client, "/generations/")
    for number in range(30):
        tagged(f"vid_{number}")
    assert len(queries(client, "/generations/")) == len(one)
    assert any('"auditing_tagging"."generation_id" IN' in query for query in one) is ("tags" in shown)


def test_no_column_shows_a_text_as_markup(people: Cast, signed_in: SignedIn) -> None:
    """Whatever providers and people wrote: it is in the page, and nothing of it is a tag or ends a value."""
    odd = "<q a=\"b\" c='d'>&"
    texts = ("provider_status", "title", "description", "mode", "resolution", "message", "error")
    project = Project.objects.create(team=people.team, name=odd)
    for record in (people.team, people.alice, people.nano):
        for name in {"name", "username", "first_name", "label"} & {one.name for one in record._meta.fields}:
            setattr(record, name, odd)
        record.save()
    made = completed(people.nano, odd, people.alice, project=project, **dict.fromkeys(texts, odd))
    tag = Tag.objects.create(team=people.team, name=odd)
    Tagging.objects.create(generation=made, tag=tag, team=people.team, owner=people.alice, author=people.max)
    client = signed_in(people.alice)
    client.post(ADDRESS, {"order": EVERY, "show": EVERY})
    page = client.get("/generations/").content.decode()
    row = page[page.index('<tr class="row"') : page.index("</tbody>")]
    assert not [sign for sign in ("<q", '="b"', "='d'", "'>") if sign in row]
    assert row.count("&lt;q a=&quot;b&quot; c=&#x27;d&#x27;&gt;&amp;") > 20


def test_columns_move_without_scripts(people: Cast, signed_in: SignedIn) -> None:
    """By their buttons; the form keeps what was chosen, and nothing is remembered before it is applied."""
    client = signed_in(people.alice)
    page = client.get(ADDRESS).content.decode()
    assert order_in(page) == EVERY
    form = {"order": EVERY, "show": ["team"], "density": "compact", "per_page": "25", "back": "q=sea"}
    moved = client.post(ADDRESS, {**form, "move": "up title"}).content.decode()
    assert order_in(moved) == ["title", "thumbnail", *EVERY[2:]]
    assert 'value="team" id="show-team" checked' in moved
    assert 'value="compact" id="density-compact" checked' in moved
    assert 'value="25" id="rows-25" checked' in moved
    assert 'name="back" value="q=sea"' in moved
    assert order_in(client.post(ADDRESS, {**form, "move": "up thumbnail"}).content.decode()) == EVERY
    assert order_in(client.post(ADDRESS, {**form, "move": "down tags"}).content.decode()) == EVERY
    assert order_in(client.post(ADDRESS, {**form, "move": "up luck"}).content.decode()) == EVERY
    assert not ListPreference.objects.exists()


def test_it_leads_back_to_the_list_as_it_was(people: Cast, signed_in: SignedIn) -> None:
    """With filter and sort, in the canonical form; to nowhere else."""
    client = signed_in(people.alice)
    back = "sort=title&status=failed&per_page=25&next=https://evil.example/"
    response = client.post(ADDRESS, {"order": EVERY, "back": back})
    assert response.headers["Location"] == "/generations/?status=failed&sort=title"
    page = client.get(ADDRESS, {"back": "q=sea&sort=-created_at"}).content.decode()
    assert 'data-closes="layout" href="/generations/?q=sea"' in page


def test_a_page_size_is_remembered_and_an_address_wins(people: Cast, signed_in: SignedIn) -> None:
    """What an address says counts for that address; the choice stays."""
    for number in range(60):
        completed(people.nano, f"vid_{number}", people.alice)
    client = signed_in(people.alice)

    def rows(address: str) -> int:
        return client.get(address).content.decode().count('<tr class="row"')

    response = client.post(ADDRESS, {"per_page": "25", "back": "sort=title&per_page=100"})
    assert response.headers["Location"] == "/generations/?sort=title"
    assert rows("/generations/") == 25
    assert rows("/generations/?per_page=50") == 50
    assert rows("/generations/") == 25
    following = client.get("/generations/?per_page=50").content.decode()
    assert 'rel="next" href="?per_page=50&amp;after=' in following
    assert 'rel="next" href="?after=' in client.get("/generations/").content.decode()
    assert heads(client)[0] == "thumbnail"
    client.post(ADDRESS, {"per_page": "50"})
    assert rows("/generations/") == 50


def test_it_can_be_put_back_to_the_usual(people: Cast, signed_in: SignedIn) -> None:
    """All of it."""
    completed(people.nano, "vid_a", people.alice)
    client = signed_in(people.alice)
    client.post(ADDRESS, {"order": EVERY, "show": ["team"], "density": "compact", "per_page": "25"})
    client.post(ADDRESS, {"order": EVERY, "reset": "1", "back": "q=vid"})
    stored = ListPreference.objects.get()
    assert (stored.columns, stored.density, stored.per_page) == ([], "comfortable", None)
    assert heads(client)[0] == "thumbnail"


def test_what_no_form_of_ours_sends_changes_nothing_else(people: Cast, signed_in: SignedIn) -> None:
    """Unknown columns, densities and sizes do not count."""
    completed(people.nano, "vid_a", people.alice)
    client = signed_in(people.alice)
    form = {"order": ["luck", "team"], "show": ["luck", "team"], "density": "airy", "per_page": "7"}
    assert client.post(ADDRESS, form).status_code == 302
    assert heads(client) == ["team", "title"]
    assert client.post(ADDRESS, {"per_page": "1000000"}).status_code == 302


def test_it_opens_in_the_list(people: Cast, signed_in: SignedIn) -> None:
    """As a part, from a link that leads to the page."""
    client = signed_in(people.alice)
    part = client.get(f"{ADDRESS}?back=q%3Dsea", headers=PART).content
    assert b"<html" not in part
    assert part.lstrip().startswith(b'<form class="card layout"')
    assert b'href="/generations/columns/?back=q%3Dsea"' in client.get("/generations/?q=sea").content


def test_the_columns_that_give_way_do_so_until_somebody_chooses(people: Cast, signed_in: SignedIn) -> None:
    """What a person chose is shown wherever they look."""
    completed(people.nano, "vid_a", people.alice)
    client = signed_in(people.alice)
    assert client.get("/generations/").content.count(b"gives-way") == 6
    client.post(ADDRESS, {"order": EVERY, "show": ["made", "looked_up"]})
    assert client.get("/generations/").content.count(b"gives-way") == 0


def test_the_database_keeps_each_persons_choice_to_themselves(people: Cast, signed_in: SignedIn) -> None:
    """Also from a superuser: it is nobody else's business."""
    signed_in(people.alice).post(ADDRESS, {"per_page": "25"})
    for person in (people.alice, people.bob, people.max, people.rita):
        with acting_as(person):
            seen = ListPreference.objects.count()
            changed = ListPreference.objects.update(per_page=100)
        assert (seen, changed) == ((1, 1) if person == people.alice else (0, 0))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM auditing_listpreference")
        assert cursor.fetchone() == (1,)


def test_a_row_that_updates_itself_keeps_the_columns_shown(people: Cast, signed_in: SignedIn) -> None:
    """Also those that need rows of their own."""
    completed(people.nano, "vid_a", people.alice, status="processing")
    client = signed_in(people.alice)
    client.post(ADDRESS, {"order": EVERY, "show": ["tags", "team"], "per_page": "25"})
    asked = re.search(
        r'data-hx-get="(/generations/live/[^"]+)"', client.get("/generations/").content.decode()
    )
    assert asked is not None
    Lookup.objects.update(looked_up_at=timezone.now())
    answer = client.get(unescape(asked[1]), headers=PART).content.decode()
    assert re.findall(r'<td class="cell-(\w+)', answer) == ["select", "title", "team", "tags"]
    assert "per_page" not in answer


def test_a_file_can_have_the_columns_shown(people: Cast, signed_in: SignedIn) -> None:
    """By a link beside the one for all of them."""
    completed(people.nano, "vid_a", people.alice)
    client = signed_in(people.alice)
    client.post(ADDRESS, {"order": ["credits", "title"], "show": ["credits"]})
    link = re.search(
        r'href="([^"]+format=csv&amp;columns=[^"]+)"', client.get("/generations/").content.decode()
    )
    assert link is not None
    file = client.get(f"/generations/{unescape(link[1])}").getvalue().decode()
    assert file.splitlines()[0] == "credits_used,credits_basis,title,external_id"


def test_times_are_never_shown_as_zero_where_unknown(people: Cast, signed_in: SignedIn) -> None:
    """Neither how long a job waited nor how long it ran."""
    generation = completed(people.nano, "vid_a", people.alice, processing_started_at=None)
    client = signed_in(people.alice)
    client.post(ADDRESS, {"order": EVERY, "show": ["waiting", "processing"]})
    assert client.get("/generations/").content.count(b'title="not reported"') == 2
    assert generation.created_at is not None
    generation.processing_started_at = generation.created_at + timedelta(milliseconds=1500)
    generation.save()
    assert b'title="1.5 seconds">1.5 s<' in client.get("/generations/").content
