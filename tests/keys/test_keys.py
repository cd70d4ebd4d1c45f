"""Accounts' keys: sealed with the public half, opened with the private one, moved from one to the next."""

import base64
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auditing.access import SYSTEM, acting_as
from auditing.keys.opening import KeyUnreadable, OpenKey, open_key
from auditing.keys.rotation import rotate
from auditing.keys.sealing import name_of, store_key
from auditing.models import Credential
from config.sealing import in_base64, key_encryption, public_half
from tests.stage import KEYS, an_account

pytestmark = pytest.mark.django_db

FIRST, SECOND = bytes([1] * 32), bytes([2] * 32)


class Killed(Exception):
    """As by a signal, at a write."""


def under(settings: Any, private: bytes | None, *former: bytes, public: bytes | None = None) -> None:
    """The process has these halves."""
    given = {
        "KEY_ENCRYPTION_KEY": in_base64(private) if private else "",
        "KEY_ENCRYPTION_KEY_OLD": ",".join(map(in_base64, former)),
        "KEY_SEALING_KEY": in_base64(public) if public else "",
    }
    settings.KEY_ENCRYPTION = key_encryption(given, None)


def text_of(label: str) -> str:
    with acting_as(SYSTEM):
        return open_key(Credential.objects.get(account__label=label).account).text


def wrapped_for() -> set[str]:
    return set(Credential.objects.values_list("wrapped_for", flat=True))


def test_what_the_web_seals_a_worker_opens_and_the_web_does_not(settings: Any) -> None:
    under(settings, None, public=public_half(FIRST))
    an_account()
    with pytest.raises(KeyUnreadable, match="KEY_ENCRYPTION_KEY is not set here: workers alone have it"):
        text_of("nanobanana")
    under(settings, FIRST)
    assert text_of("nanobanana") == KEYS["nanobanana"]


def test_storing_reads_nothing_of_what_is_sealed() -> None:
    """So the web's database role needs no right to."""
    account = an_account()
    with acting_as(SYSTEM), CaptureQueriesContext(connection) as captured:
        store_key(account, "nb_another_key_0000")
    read = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
    assert not [sql for sql in read if "sealed_key" in sql or "credential" in sql]
    assert not [query["sql"] for query in captured if "RETURNING" in query["sql"]]
    assert text_of("nanobanana") == "nb_another_key_0000"


def test_equal_keys_are_sealed_to_different_bytes() -> None:
    an_account(label="one")
    an_account(label="two")
    rows = Credential.objects.values_list("sealed_key", "wrapped_data_key")
    assert len({bytes(part) for row in rows for part in row}) == 4


def test_a_key_that_was_sealed_for_another_half_says_so_and_what_to_do(settings: Any) -> None:
    under(settings, FIRST)
    an_account()
    under(settings, SECOND)
    with pytest.raises(KeyUnreadable, match=f"{name_of(public_half(FIRST))}.*KEY_ENCRYPTION_KEY_OLD"):
        text_of("nanobanana")


def test_a_former_half_opens_until_all_are_moved(settings: Any) -> None:
    under(settings, FIRST)
    an_account(label="one")
    an_account(label="two", key="nb_the_second_key_0")
    under(settings, SECOND, FIRST)
    assert text_of("one") == KEYS["nanobanana"]
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    assert out.getvalue() == "2 keys moved, 0 were moved already.\n"
    under(settings, SECOND)
    assert (text_of("one"), text_of("two")) == (KEYS["nanobanana"], "nb_the_second_key_0")
    call_command("rotate_keys", stdout=(again := StringIO()))
    assert again.getvalue() == "0 keys moved, 2 were moved already.\n"


def test_moving_leaves_what_seals_the_key_as_it_is(settings: Any) -> None:
    """Nor is the key itself ever opened for it."""
    under(settings, FIRST)
    an_account()
    before = Credential.objects.get()
    under(settings, SECOND, FIRST)
    rotate()
    after = Credential.objects.get()
    assert (after.sealed_key, after.stored_at) == (before.sealed_key, before.stored_at)
    assert after.wrapped_data_key != before.wrapped_data_key


def test_killed_at_any_row_nothing_is_lost_and_the_next_run_does_the_rest(settings: Any) -> None:
    under(settings, FIRST)
    for number in range(4):
        an_account(label=f"account {number}")
    under(settings, SECOND, FIRST)
    for writes in range(1, 5):
        left = [1]

        def kill(execute: Any, sql: str, *rest: Any, left: list[int] = left) -> Any:
            if sql.startswith("UPDATE") and not left:
                raise Killed
            if sql.startswith("UPDATE"):
                left.pop()
            return execute(sql, *rest)

        if writes < 4:
            with connection.execute_wrapper(kill), pytest.raises(Killed):
                rotate()
        else:
            assert rotate().moved == 1
        moved = Credential.objects.filter(wrapped_for=name_of(public_half(SECOND))).count()
        assert moved == writes
        assert {text_of(f"account {number}") for number in range(4)} == {KEYS["nanobanana"]}


def test_a_key_that_a_person_stores_meanwhile_wins(settings: Any) -> None:
    under(settings, FIRST)
    account = an_account()
    under(settings, SECOND, FIRST)
    stored: list[bool] = []

    def store_before_the_write(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE") and not stored:
            stored.append(True)
            store_key(account, "nb_stored_meanwhile")
        return execute(sql, *rest)

    with connection.execute_wrapper(store_before_the_write):
        assert rotate().moved == 0
    assert text_of("nanobanana") == "nb_stored_meanwhile"


def test_rows_that_do_not_open_are_named_and_the_others_moved(settings: Any) -> None:
    under(settings, bytes([3] * 32))
    an_account(label="lost")
    under(settings, FIRST)
    an_account(label="well")
    an_account(label="altered")
    Credential.objects.filter(account__label="altered").update(wrapped_data_key=bytes(80))
    under(settings, SECOND, FIRST)
    err = StringIO()
    with pytest.raises(CommandError, match="2 keys were not moved; keep the old key"):
        call_command("rotate_keys", stdout=StringIO(), stderr=err)
    assert "account lost does not open" in err.getvalue()
    assert "account altered was altered" in err.getvalue()
    assert text_of("well") == KEYS["nanobanana"]


def test_no_representation_shows_the_key() -> None:
    key = OpenKey("nb_0123456789abcdef")
    for shown in (repr(key), str(key), f"{key}", f"{key!r:>40}", repr([key]), repr({"key": key})):
        assert "0123456789" not in shown
        assert base64.b64encode(b"nb_0123456789abcdef").decode() not in shown


def test_another_key_forgets_what_the_test_of_the_former_showed() -> None:
    account = an_account()
    Credential.objects.update(tested_at="2026-01-01T00:00:00Z", test_result="refused", test_words="HTTP 401")
    with acting_as(SYSTEM):
        store_key(account, "nb_another_key_0000")
    key = Credential.objects.get()
    assert (key.tested_at, key.test_result, key.test_words, key.last_four) == (None, "", "", "0000")
