"""The test of an account's key: one lookup by a worker, and what its answer shows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.utils import timezone

from auditing.access import SYSTEM, acting_as
from auditing.keys.sealing import store_key
from auditing.models import Account, Credential, Lookup, Observation
from auditing.sync import key_tests
from auditing.sync.key_tests import NO_VIDEO
from tests.stage import KEYS, an_account, registered
from tests.sync.scripted import (
    ACCESS_DENIED,
    KEY_REQUIRED,
    VIDEO_NOT_FOUND,
    Reply,
    ScriptedProvider,
    scripted,
    video,
)


@pytest.fixture
def nanobanana(committed_db: str) -> Iterator[ScriptedProvider]:  # noqa: ARG001 - the answers go there
    """NanoBanana, which knows no id unless told otherwise."""
    with scripted(lambda _: VIDEO_NOT_FOUND) as provider:
        yield provider


def tried(account: Account) -> Credential:
    async_to_sync(key_tests.test_key)(account.pk, lambda: datetime.now(UTC))
    return Credential.objects.get(account=account)


def test_an_account_without_records_is_tested_with_an_id_that_nobody_has(
    nanobanana: ScriptedProvider,
) -> None:
    account = an_account(base_url=nanobanana.url)
    key = tried(account)
    assert [(one.external_id, one.key) for one in nanobanana.asked] == [
        (NO_VIDEO, f"Bearer {KEYS['nanobanana']}")
    ]
    assert (key.test_result, key.test_words) == ("works", "HTTP 404: Video not found")
    assert key.tested_at is not None
    assert timezone.now() - key.tested_at < timedelta(minutes=1)


def test_one_with_records_is_tested_with_one_that_was_found_and_nothing_of_it_is_stored(
    nanobanana: ScriptedProvider,
) -> None:
    account = an_account(base_url=nanobanana.url)
    registered(account, ["vid_lost", "vid_found"])
    Lookup.objects.filter(generation__external_id="vid_found").update(outcome="ok")
    nanobanana.script = video
    assert tried(account).test_words == "HTTP 200"
    assert nanobanana.asked_ids == ["vid_found"]
    assert not Observation.objects.exists()
    assert not Lookup.objects.exclude(looked_up_at=None).exists()


@pytest.mark.parametrize(
    ("reply", "result", "words"),
    [
        (video(NO_VIDEO), "works", "HTTP 200"),
        (ACCESS_DENIED, "works", "HTTP 403: Access denied"),
        (KEY_REQUIRED, "refused", "HTTP 401: API key required"),
        (Reply(402, {"success": False, "error": "Quota"}), "refused", "HTTP 402: Quota"),
        (Reply(503, b"away"), "unreachable", "HTTP 503 Service Unavailable"),
        (Reply(401, b"<p>firewall</p>"), "unreachable", "not the provider's own answer"),
        (Reply(400, {"success": False, "error": "What?"}), "unclear", "HTTP 400: What?"),
        (Reply(200, b"<p>hello</p>"), "unclear", "a page (HTML or XML), not JSON"),
        (Reply(401, {"success": False, "error": KEYS["nanobanana"]}), "refused", "HTTP 401: [key]"),
    ],
)
def test_what_an_answer_shows(nanobanana: ScriptedProvider, reply: Reply, result: str, words: str) -> None:
    nanobanana.script = lambda _: reply
    key = tried(an_account(base_url=nanobanana.url))
    assert (key.test_result, words in key.test_words) == (result, True), key.test_words


def test_nobody_there_says_nothing_about_the_key(nanobanana: ScriptedProvider) -> None:
    key = tried(an_account(base_url="http://127.0.0.1:9"))
    assert (key.test_result, key.test_words) == ("unreachable", "no connection: Connection refused")
    assert nanobanana.asked == []


def test_a_reset_is_heeded_by_the_accounts_runs(nanobanana: ScriptedProvider) -> None:
    """And never brings an earlier one."""
    nanobanana.script = lambda _: Reply(429, {"success": False, "error": "Slow down"}, {"Retry-After": "90"})
    account = an_account(base_url=nanobanana.url)
    assert tried(account).test_result == "unclear"
    account.refresh_from_db()
    assert account.blocked_until is not None
    assert account.blocked_until > timezone.now() + timedelta(seconds=60)
    later = timezone.now() + timedelta(minutes=50)
    Account.objects.update(blocked_until=later)
    tried(account)
    account.refresh_from_db()
    assert account.blocked_until == later


def test_it_says_nothing_about_a_key_that_was_stored_meanwhile(nanobanana: ScriptedProvider) -> None:
    account = an_account(base_url=nanobanana.url)

    def replace_then_refuse(_: str) -> Reply:
        with acting_as(SYSTEM):
            store_key(account, "nb_stored_meanwhile")
        connection.close()
        return KEY_REQUIRED

    nanobanana.script = replace_then_refuse
    key = tried(account)
    assert (key.last_four, key.test_result, key.tested_at) == ("hile", "", None)


def test_a_key_that_does_not_open_says_so(nanobanana: ScriptedProvider) -> None:
    account = an_account(base_url=nanobanana.url)
    Credential.objects.update(sealed_key=bytes(60))
    key = tried(account)
    assert (key.test_result, "does not open" in key.test_words) == ("unclear", True)
    assert nanobanana.asked == []


def test_an_account_that_is_gone_or_has_no_key_is_left_alone(nanobanana: ScriptedProvider) -> None:
    account = an_account(base_url=nanobanana.url)
    Credential.objects.all().delete()
    for number in (account.pk, account.pk + 1000):
        async_to_sync(key_tests.test_key)(number, lambda: datetime.now(UTC))
    assert nanobanana.asked == []
