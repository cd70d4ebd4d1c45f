"""`/sync/accounts/…`: managers add accounts, replace keys and have them tested; a key is never shown."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from auditing.access import SYSTEM, acting_as
from auditing.keys.opening import open_key
from auditing.keys.sealing import store_key
from auditing.models import Account, ChainHead, Credential
from tests.views.cast import Cast
from tests.views.conftest import Queries, SignedIn, text
from tests.views.queue import a_worker, end_all, take_all

KEY = "nb_fedcba9876543210"
PAGE = "/sync/accounts/key/?account=north-nano"
TEST = "/sync/accounts/test/?account=north-nano"
PART = {"HX-Request": "true", "HX-Target": "key-test"}
FORM = {"provider": "nanobanana", "label": "new one", "team": "north", "key": KEY}


@pytest.fixture
def manager(people: Cast, signed_in: SignedIn) -> Client:
    """Max's browser; the account of his team has a key."""
    with acting_as(SYSTEM):
        store_key(people.nano, "nb_0123456789abcdef")
    return signed_in(people.max)


def opened(account: Account) -> str:
    with acting_as(SYSTEM):
        return open_key(account).text


def test_an_account_is_added_with_its_key_and_a_chain(people: Cast, manager: Client) -> None:
    """By its team's manager; the key's page follows."""
    page = manager.post("/sync/accounts/add/", FORM | {"owner": "alice", "per_minute": "30"})
    account = Account.objects.get(label="new one")
    assert page.headers["Location"] == "/sync/accounts/key/?account=new+one&stored=well"
    assert (account.team, account.owner, account.per_minute) == (people.team, people.alice, 30)
    assert account.base_url == "https://nanobananavideo.com"
    assert ChainHead.objects.filter(account=account).exists()
    assert opened(account) == KEY
    said = text(manager, page.headers["Location"])
    assert "The key is stored" in said
    assert "…3210" in said
    assert KEY not in said


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"label": "south-nano"}, "There is an account &#x27;south-nano&#x27; already"),
        ({"label": ""}, "This field is required"),
        ({"key": "has a space"}, "A key holds no spaces"),
        ({"key": "nb_\u00fc"}, "printable ASCII"),
        ({"key": "x" * 501}, "at most 500 characters"),
        ({"base_url": "http://example.com"}, "neither https nor http to this machine"),
        ({"base_url": "https://user:word@example.com"}, "only scheme, host, port and path"),
        ({"per_minute": "0"}, "greater than or equal to 1"),
        ({"owner": "eve"}, "nobody is called &#x27;eve&#x27;"),
        ({"owner": "otto"}, "otto is not in team north"),
        ({"team": "south"}, "Select a valid choice"),
        ({"provider": "sora"}, "Select a valid choice"),
    ],
)
def test_what_an_account_cannot_be_is_said_at_its_field_and_nothing_is_stored(
    manager: Client, changed: dict[str, str], words: str
) -> None:
    """The key that was typed does not come back."""
    before = Account.objects.count()
    response = manager.post("/sync/accounts/add/", FORM | changed)
    page = response.content.decode()
    assert words.lower() in page.lower()
    assert 'aria-invalid="true"' in page
    assert (FORM | changed)["key"] not in page
    assert Account.objects.count() == before


def test_another_key_takes_the_place_of_the_former_and_ends_a_pause(people: Cast, manager: Client) -> None:
    Account.objects.filter(pk=people.nano.pk).update(paused_at=timezone.now(), notice="401: the key")
    page = manager.post(PAGE, {"key": KEY})
    assert page.headers["Location"] == "/sync/accounts/key/?account=north-nano&stored=well"
    people.nano.refresh_from_db()
    assert (people.nano.paused_at, people.nano.notice, opened(people.nano)) == (None, "", KEY)
    odd = manager.post(PAGE, {"key": "sk_fedcba9876543210"})
    assert "It does not begin as keys of NanoBanana Video usually do" in text(
        manager, odd.headers["Location"]
    )


def test_the_pages_show_no_key_and_no_browser_keeps_it(people: Cast, manager: Client) -> None:
    """Its last four characters, in a page that no cache keeps; of the sealed bytes nothing is even read."""
    for address in (PAGE, "/sync/accounts/add/"):
        response = manager.get(address)
        page = response.content.decode()
        field = re.search(r'<input[^>]*name="key"[^>]*>', page)
        assert field is not None
        assert 'type="password"' in field[0]
        assert 'autocomplete="off"' in field[0]
        assert "value=" not in field[0]
        assert response.headers["Cache-Control"] == "no-store"
        assert "0123456789abcdef" not in page
    assert "…cdef" in text(manager, PAGE)
    assert people.nano.credential.wrapped_for not in text(manager, PAGE)


@pytest.mark.parametrize("address", [PAGE, "/admin/auditing/account/", "/sync/"])
def test_pages_do_not_even_read_what_is_sealed(
    people: Cast, signed_in: SignedIn, queries: Queries, address: str
) -> None:
    """The web's database role may not."""
    with acting_as(SYSTEM):
        store_key(people.nano, KEY)
    read = queries(signed_in(people.rita), address)
    assert not [sql for sql in read if "sealed_key" in sql or "wrapped_data_key" in sql]


def test_an_account_without_a_key_is_given_one(people: Cast, signed_in: SignedIn) -> None:
    """There is nothing to test before."""
    manager = signed_in(people.max)
    page = "/sync/accounts/key/?account=north-reel"
    assert "no key is stored" in text(manager, page)
    assert "Test this key" not in text(manager, page)
    assert manager.post("/sync/accounts/test/?account=north-reel").headers["Location"] == page
    assert not ProcrastinateJob.objects.exists()


def worker_wrote(result: str, words: str) -> None:
    """What a worker leaves when it is done."""
    Credential.objects.update(tested_at=timezone.now(), test_result=result, test_words=words)
    end_all()


def test_a_test_is_one_task_that_holds_a_number_only(people: Cast, manager: Client) -> None:
    """Asked twice, it waits once."""
    page = urlsplit(manager.post(TEST).headers["Location"])
    manager.post(TEST)
    job = ProcrastinateJob.objects.get()
    assert job.args == {"account_id": people.nano.pk}
    assert job.priority > 1
    assert (page.path, parse_qs(page.query)["account"]) == ("/sync/accounts/key/", ["north-nano"])


def test_a_test_is_followed_from_the_queue_to_its_result(manager: Client) -> None:
    """Without scripts, page by page."""
    assert "not tested yet" in text(manager, PAGE)
    page = manager.post(TEST).headers["Location"]
    assert "No worker is running: the key is tested as soon as one starts" in text(manager, page)
    a_worker()
    assert "waiting for a worker" in text(manager, page)
    take_all()
    assert "The provider is being asked" in text(manager, page)
    worker_wrote("refused", "HTTP 401: API key required")
    said = text(manager, page)
    assert "Refused just now HTTP 401: API key required" in said
    assert "Tested: the provider refuses this key." in said
    assert "Refused just now" in text(manager, PAGE)


def test_the_part_polls_only_while_it_waits(manager: Client) -> None:
    a_worker()
    part = manager.post(TEST, headers=PART)
    page = part.headers["HX-Replace-Url"]
    assert b'data-hx-trigger="every 3s, click"' in part.content
    assert b"<html" not in part.content
    assert manager.get(f"{page}&shown=waiting", headers=PART).status_code == 204
    take_all()
    assert b"The provider is being asked" in manager.get(f"{page}&shown=waiting", headers=PART).content
    worker_wrote("works", "HTTP 200")
    done = manager.get(f"{page}&shown=under_way", headers=PART).content
    assert b"the provider accepts this key" in done
    assert b"data-hx-trigger" not in done


def test_a_test_that_died_with_its_worker_is_said(manager: Client) -> None:
    page = manager.post(TEST).headers["Location"]
    end_all()
    assert "No test came of it" in text(manager, page)


def test_nothing_is_sent_before_a_reset(people: Cast, manager: Client) -> None:
    """But a paused account's key may be tested: that is what a test is for."""
    Account.objects.filter(pk=people.nano.pk).update(paused_at=timezone.now())
    assert "asked=" in manager.post(TEST).headers["Location"]
    end_all()
    later = timezone.now() + timedelta(minutes=9)
    Account.objects.filter(pk=people.nano.pk).update(paused_at=None, blocked_until=later)
    assert "asked=" not in manager.post(TEST).headers["Location"]
    assert "the provider asked to wait" in text(manager, PAGE)
    assert ProcrastinateJob.objects.filter(status="todo").count() == 0


def test_the_sync_page_leads_managers_there_and_nobody_else(people: Cast, signed_in: SignedIn) -> None:
    page = signed_in(people.max).get("/sync/").content.decode()
    assert 'href="/sync/accounts/key/?account=north-nano"' in page
    assert 'href="/sync/accounts/add/"' in page
    for reader in (people.audrey, people.sid, people.alice):
        page = signed_in(reader).get("/sync/").content.decode()
        assert not re.findall(r"/sync/accounts/(?!prices/)", page)  # what a credit costs is for all to see


@pytest.mark.parametrize(("address", "pinned"), [(PAGE, 8), ("/sync/accounts/add/", 6)])
def test_they_take_few_queries(manager: Client, queries: Queries, address: str, pinned: int) -> None:
    """Who signed in, their place in the team, the account, the key."""
    assert len(queries(manager, address)) == pinned
