"""What every page has in common: headers, the way in and out, error pages, the health check, help."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from auditing.records import Flag, Outcome, Status
from tests.views.cast import Cast, assemble, completed
from tests.views.conftest import SignedIn

TEMPLATES = Path(settings.BASE_DIR) / "templates"


def test_pages_allow_nothing_inline(people: Cast, signed_in: SignedIn) -> None:
    """The policy starts from nothing; the markup has no inline style, script or handler to allow."""
    completed(people.nano, "vid_a", people.alice)
    client = signed_in(people.alice)
    for address in ("/", "/generations/", "/generations/nanobanana/vid_a/", "/sync/", "/tokens/", "/help/"):
        response = client.get(address)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        page = response.content.decode()
        assert not re.search(r"\s(style|on[a-z]+)=", page), address
        assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)", page), address


def test_htmx_may_not_evaluate_or_remember() -> None:
    """Audit data stays out of the browser's storage."""
    page = render_to_string("base.html")
    for words in ('"allowEval":false', '"allowScriptTags":false', '"historyCacheSize":0'):
        assert words in page
    assert '"includeIndicatorStyles":false' in page


@pytest.mark.django_db
def test_signing_in_leads_back_to_the_page_asked_for() -> None:
    """With the password, by the form, and out again."""
    assemble(password="correct horse battery")
    client = Client()
    form = {"login": "alice", "password": "correct horse battery", "next": "/generations/?q=sea"}
    response = client.post("/accounts/login/", form)
    assert response.headers["Location"] == "/generations/?q=sea"
    assert client.get("/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302


@pytest.mark.usefixtures("people")
def test_a_wrong_password_is_said_at_the_form() -> None:
    """And not which of the two was wrong."""
    page = Client().post("/accounts/login/", {"login": "alice", "password": "no"}).content.decode()
    assert 'role="alert"' in page
    assert "username" in page.lower()


@pytest.mark.django_db
def test_the_health_check_asks_the_database_and_nothing_else(client: Client) -> None:
    """Plain text, no session, no cookie."""
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert not response.cookies


@pytest.mark.django_db
def test_the_health_check_tells_when_the_database_does_not_answer(client: Client) -> None:
    """503, so that a load balancer goes elsewhere."""

    def refuse(*_: object) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(refuse):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (503, b"database unreachable\n")


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "429", "500"])
def test_error_pages_need_no_request_and_no_database(code: str) -> None:
    """They must render when nothing else works."""
    page = render_to_string(f"{code}.html")
    assert code[:3] in page
    assert "<h1>" in page


def test_an_address_without_a_page_is_404(people: Cast, signed_in: SignedIn) -> None:
    """With the site's own page."""
    response = signed_in(people.alice).get("/nothing/here/")
    assert response.status_code == 404
    assert b"Page not found" in response.content


def test_help_explains_every_word(people: Cast, signed_in: SignedIn) -> None:
    """Each status, outcome and flag; it grows with them."""
    page = signed_in(people.alice).get("/help/").content.decode()
    for status in Status:
        assert status.value.capitalize() in page
    assert page.count("<dt>") >= len(Outcome)
    assert page.count("<li>") >= len(Flag)


def test_every_icon_exists() -> None:
    """A misspelt one would be an error page."""
    from auditing.templatetags.showing import icon
    from auditing.views import words

    named = {
        name
        for file in TEMPLATES.rglob("*.html")
        for name in re.findall(r'{% icon "([^"]+)"', file.read_text())
    }
    named |= set(words.STATUS_ICONS.values())
    named |= {
        look[-1]
        for looks in (
            words.OUTCOME_LOOKS,
            words.RUN_LOOKS,
            words.ACCOUNT_LOOKS,
            words.TOKEN_LOOKS,
            words.ACT_LOOKS,
            words.EXPORT_LOOKS,
            words.STATEMENT_LOOKS,
        )
        for look in looks.values()
    }
    for name in named:
        assert "style=" not in icon(name)
    assert len(named) > 20


def test_a_zone_that_does_not_exist_here_counts_as_utc(people: Cast, rf: RequestFactory) -> None:
    """A page is better than an error."""
    from auditing.views.pages import zone_of

    request = rf.get("/")
    people.alice.time_zone = "Mars/Base"
    request.user = people.alice
    assert zone_of(request).key == "UTC"
