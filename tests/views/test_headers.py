"""What every answer's headers say, and that attempts to sign in are counted by address and by name."""

import gzip
from contextlib import closing
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from tests.config.processes import bare_environment, run
from tests.views.cast import Cast, assemble, completed
from tests.views.conftest import SignedIn

PASSWORD = "correct horse battery"
LOGIN = "/accounts/login/"


def attempt(client: Client, name: str, password: str | None = None, **meta: Any) -> str:
    """What the sign-in page says to this: in, wrong, too many (of this name or address), or stop (429)."""
    response = client.post(LOGIN, {"login": name, "password": password or "wrong"}, **meta)
    if response.status_code == 302:
        return "in"
    if response.status_code == 429:
        return "stop"
    return "too many" if b"Too many failed login attempts" in response.content else "wrong"


@pytest.mark.parametrize(
    "address",
    [
        "/", "/generations/", "/generations/?format=csv", "/generations/nanobanana/vid_a/", "/nothing/",
        "/generations/reelbot/rb-nowhere/", "/sync/", "/audit/", "/help/", "/admin/", "/healthz",
        "/accounts/password/change/", "/generations/refresh/",
    ],
)  # fmt: skip
def test_no_answer_is_kept_by_browsers_or_proxies(people: Cast, signed_in: SignedIn, address: str) -> None:
    """Pages, parts, files, refusals, redirects; other sites can't embed them, nor may they use devices."""
    completed(people.nano, "vid_a", people.alice)
    for headers in ({}, {"HX-Request": "true"}):
        response = signed_in(people.alice).get(address, headers=headers)
        assert "no-store" in response.headers["Cache-Control"]
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in response.headers["Permissions-Policy"]
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        assert response.headers["X-Request-ID"]


def test_pages_travel_compressed_and_files_as_they_are(people: Cast, signed_in: SignedIn) -> None:
    """To readers who accept that; whoever keeps answers is told that there are two forms of a page."""
    completed(people.nano, "vid_a", people.alice)
    client, accepting = signed_in(people.alice), {"Accept-Encoding": "gzip"}
    page = client.get("/generations/", headers=accepting)
    assert page.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(page.content).startswith(b"<!doctype html>")
    assert int(page.headers["Content-Length"]) == len(page.content)
    plain = client.get("/generations/")
    assert plain.content.startswith(b"<!doctype html>")
    assert "Accept-Encoding" in page.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    for address in ("/generations/?format=csv", "/reports/credits/?format=xlsx", "/healthz"):
        assert "Content-Encoding" not in client.get(address, headers=accepting).headers


@pytest.mark.django_db
def test_static_files_may_be_kept(client: Client) -> None:
    """They are nobody's."""
    response = client.get("/static/auditing/icon.svg")
    assert response.getvalue().startswith(b"<svg")
    assert "no-store" not in response.headers.get("Cache-Control", "")
    response.close()


@pytest.mark.django_db
def test_static_files_travel_compressed_where_nobody_collected_them(client: Client) -> None:
    """Styles, scripts and drawings, to readers who accept that; whoever has one already is told so."""
    address = "/static/auditing/css/tables.css"
    with closing(client.get(address)) as plain:
        whole = plain.getvalue()
    with closing(client.get(address, headers={"Accept-Encoding": "br, gzip"})) as small:
        sent = small.getvalue()
    assert gzip.decompress(sent) == whole
    assert len(sent) == int(small.headers["Content-Length"]) < len(whole) / 2
    assert (small.headers["Content-Encoding"], plain.headers.get("Content-Encoding")) == ("gzip", None)
    assert small.headers["Content-Type"] == plain.headers["Content-Type"] == 'text/css; charset="utf-8"'
    assert small.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert small.headers["Cache-Control"] == "max-age=60, public"
    again = {"Accept-Encoding": "gzip", "If-None-Match": small.headers["ETag"]}
    assert small.headers["ETag"] == plain.headers["ETag"]
    assert client.get(address, headers=again).status_code == 304
    with closing(client.get(address, headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})) as part:
        assert part.getvalue() == whole[:10]
    assert "Content-Encoding" not in client.head(address, headers={"Accept-Encoding": "gzip"}).headers


def test_signing_out_clears_what_the_browser_holds(people: Cast, signed_in: SignedIn) -> None:
    """Over https, where browsers obey it; opening the page alone clears nothing."""
    client = signed_in(people.alice)
    assert "Clear-Site-Data" not in client.get("/accounts/logout/", secure=True).headers
    response = client.post("/accounts/logout/", secure=True)
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in signed_in(people.alice).post("/accounts/logout/").headers


def test_addresses_from_payloads_are_links_without_a_referrer(people: Cast, signed_in: SignedIn) -> None:
    """Only http and https ones; a host that is none of the provider's is named, not shown."""
    url = "https://files.example/v.mp4?X-Amz-Signature=abc"
    completed(people.nano, "vid_a", people.alice, output_url=url, thumbnail_url="https://files.example/t.png")
    completed(people.nano, "vid_b", people.alice, output_url="javascript:alert(1)")
    client = signed_in(people.alice)
    page = client.get("/generations/nanobanana/vid_a/").content.decode()
    assert page.count(f'<a href="{url}" rel="noreferrer noopener"') + page.count(
        f'<a class="button" href="{url}" rel="noreferrer noopener"'
    ) == page.count(f'href="{url}"')
    assert page.count(f'href="{url}"') == 2
    assert "<video" not in page
    assert "lies at files.example" in page
    assert "<img" not in client.get("/generations/").content.decode()
    assert 'href="javascript:' not in client.get("/generations/nanobanana/vid_b/").content.decode()


@pytest.mark.django_db
def test_a_name_has_five_attempts_whatever_the_address() -> None:
    """And its right password doesn't count beyond them either; another name is not held back."""
    assemble(PASSWORD)
    said = [attempt(Client(), "alice", REMOTE_ADDR=f"192.0.2.{number}") for number in range(6)]
    assert said == ["wrong"] * 5 + ["too many"]
    assert attempt(Client(), "ALICE", PASSWORD, REMOTE_ADDR="192.0.2.99") == "too many"
    assert attempt(Client(), "bob", PASSWORD, REMOTE_ADDR="192.0.2.1") == "in"


@pytest.mark.django_db
def test_an_address_has_ten_failed_attempts_a_minute_whatever_the_name() -> None:
    """Those of another address go on."""
    assemble(PASSWORD)
    said = [attempt(Client(), f"name{number}", REMOTE_ADDR="192.0.2.1") for number in range(11)]
    assert said == ["wrong"] * 10 + ["too many"]
    assert attempt(Client(), "bob", PASSWORD, REMOTE_ADDR="192.0.2.1") == "too many"
    assert attempt(Client(), "bob", PASSWORD, REMOTE_ADDR="192.0.2.2") == "in"


@pytest.mark.django_db
def test_behind_proxies_the_address_is_the_one_that_the_outermost_saw(settings: Any) -> None:
    """What a client puts in front of it changes nothing."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    assemble(PASSWORD)
    said = []
    for number in range(11):
        forwarded = f"203.0.113.{number}, 192.0.2.1, 10.0.0.2"
        said.append(attempt(Client(), f"name{number}", HTTP_X_FORWARDED_FOR=forwarded))
    assert said == ["wrong"] * 10 + ["too many"]
    assert attempt(Client(), "bob", PASSWORD, HTTP_X_FORWARDED_FOR="192.0.2.9, 10.0.0.2") == "in"


@pytest.mark.django_db
def test_without_proxies_the_header_counts_for_nothing() -> None:
    """Anybody can send it."""
    assemble(PASSWORD)
    said = [
        attempt(Client(), f"name{number}", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}") for number in range(11)
    ]
    assert said[-1] == "too many"


def test_all_processes_count_together(committed_db: str) -> None:
    """Three attempts here and two elsewhere are five."""
    assemble(PASSWORD)
    assert [attempt(Client(), "alice") for _ in range(3)] == ["wrong"] * 3
    script = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "for _ in range(3):\n"
        "    page = Client(headers={'host': 'testserver'}).post("
        "'/accounts/login/', {'login': 'alice', 'password': 'no'})\n"
        "    print(b'Too many failed' in page.content)\n"
    )
    environment = bare_environment(
        DATABASE_URL=committed_db, DJANGO_SETTINGS_MODULE="config.settings", ALLOWED_HOSTS="testserver"
    )
    done = run("-c", script, environment=environment)
    assert done.stdout.split() == ["False", "False", "True"], done.stderr
    assert attempt(Client(), "alice", PASSWORD) == "too many"


@pytest.mark.django_db
def test_what_is_counted_lies_in_the_database() -> None:
    """In the table that the migration makes."""
    cache.set("x", [1.5], 60)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM clipledger_attempts")
        assert cursor.fetchone() == (1,)
    assert cache.get("x") == [1.5]
