"""Verification: the first broken link by name and fault, and no alarm for what may happen to history."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from auditing.history import canonical
from auditing.models import Account
from auditing.sync.run import Order, run
from auditing.verification import Anchor, Finding, Kind, UnknownAccounts, Verified, verify
from auditing.verification.findings import MOST_NAMED
from auditing.verification.walk import canonical_text
from tests.history.chains import START, grow, payloads, sql
from tests.history.conftest import IDS, LINKS, Stage
from tests.stage import a_person, a_team, an_account, registered
from tests.sync.scripted import scripted, video


def anchors_of(verified: Verified) -> dict[int, Anchor]:
    return {
        chain.account_id: Anchor(chain.label, chain.provider, chain.links, chain.hash)
        for chain in verified.chains
    }


@pytest.mark.usefixtures("committed_db")
def test_what_the_sync_stored_verifies() -> None:
    with scripted(lambda key: video(key, title="Café ☕", credits_used=2.5, ratio=1e-7)) as provider:
        account = an_account(base_url=provider.url)
        registered(account, ["vid_a", "vid_b"])
        run(Order([account]))
        provider.script = lambda key: video(key, title="Changed", ratio=1e15, seed=2**53 - 1)
        run(Order([account], force=True))
    verified = verify()
    assert verified.findings == []
    assert [(chain.label, chain.links, chain.erased) for chain in verified.chains] == [("nanobanana", 4, 0)]


@pytest.mark.django_db
def test_no_accounts_and_an_account_without_links_are_intact() -> None:
    assert verify() == Verified()
    account = an_account()
    assert [(chain.links, chain.hash) for chain in verify().chains] == [(0, bytes(32))]
    assert verify(anchors={account.pk: Anchor("nanobanana", "nanobanana", 0, bytes(32))}).is_intact


def test_counts_say_what_was_verified(stage: Stage) -> None:
    verified = verify()
    assert (verified.is_intact, len(verified.chains), verified.links, verified.erased) == (
        True,
        2,
        LINKS + 7,
        1,
    )
    assert [chain.label for chain in verify(["reels"]).chains] == ["reels"]
    with pytest.raises(UnknownAccounts) as unknown:
        verify(["reels", "wheels"])
    assert (unknown.value.labels, unknown.value.known) == (["wheels"], ["reels", "shots"])
    assert stage.account.label == "shots"


LATER = START + timedelta(days=1)
MORE_THAN_ONE = "more than one field was changed: neither digest nor hash fits"
RECORD = "shots, link 44: the record of 'vid_00000003'"
LOOKUP = """UPDATE auditing_lookup SET seen_digest = ''
    WHERE generation_id = (SELECT generation_id FROM auditing_observation WHERE sequence = 44)"""
TEAM = """UPDATE auditing_observation SET team_id = (SELECT id FROM auditing_team WHERE slug = 'rivals')
    WHERE sequence = 44"""
NOT_THE_HASH = (
    "the hash does not fit its fields: generation, HTTP status, time, digest or the hash was changed"
)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("http_status = 404", NOT_THE_HASH),
        ("hash = sha256(hash)", NOT_THE_HASH),
        ("payload = '{}'", "the payload (or its salt) was changed: it does not fit its digest"),
        ("previous_hash = hash", "previous_hash was changed: it is not the hash of the link before"),
        ("payload_digest = hash", "payload_digest was changed: it is not the digest of the payload"),
        ("payload_digest = hash, payload = '{}'", MORE_THAN_ONE),
        ("observed_at = 'infinity'", "a field is empty, or holds what no link can hold"),
        ("sequence = 99", "missing; the next one there is 18"),
        ("account_id = account_id + 1, sequence = 99", "missing; the next one there is 18"),
    ],
)  # fmt: skip
def test_the_first_broken_link_is_named_with_its_fault(stage: Stage, change: str, fault: str) -> None:
    for sequence in (17, 23):
        change_here = change.replace("99", str(99 + sequence))
        sql(
            f"UPDATE auditing_observation SET {change_here} WHERE account_id = %s AND sequence = %s",  # noqa: S608
            stage.account_id, sequence,
        )  # fmt: skip
    first = verify().findings[0 if "account_id" not in change else 1]
    assert first == Finding(Kind.LINK, "shots", 17, fault)
    assert str(first) == f"shots, link 17: {fault}"
    assert len([one for one in verify().findings if one.account == "shots" and one.kind is Kind.LINK]) == 1


def test_every_broken_account_is_named(stage: Stage) -> None:
    sql("DELETE FROM auditing_observation WHERE sequence = 3")
    assert [(one.account, one.sequence, one.fault) for one in verify().findings] == [
        ("reels", 3, "missing; the next one there is 4"),
        ("shots", 3, "missing; the next one there is 4"),
    ]
    assert verify([stage.other.label]).findings == verify().findings[:1]


@pytest.mark.parametrize(
    ("statement", "findings"),
    [
        (
            "UPDATE auditing_chainhead SET sequence = 51 WHERE sequence = 50",
            ["shots, link 50: the chain ends here, but its head says 51: links were removed or added"],
        ),
        (
            "UPDATE auditing_chainhead SET hash = sha256(hash) WHERE sequence = 50",
            ["shots, link 50: the chain ends here, but its head holds another hash"],
        ),
        (
            "DELETE FROM auditing_chainhead WHERE sequence = 50",
            ["shots: the row that says where its chain ends is missing"],
        ),
        (
            "UPDATE auditing_generation SET payload = '{}' WHERE external_id = 'vid_00000003'",
            [f"{RECORD} holds another payload than its last observation"],
        ),
        (
            LOOKUP,
            [f"{RECORD} holds another digest (seen_digest) than that of its last observation"],
        ),
        (
            TEAM,
            [f"{RECORD} is gone, or belongs to another team than its observation"],
        ),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("stage")
def test_what_lies_beside_the_chain_must_agree_with_it(statement: str, findings: list[str]) -> None:
    sql(statement)
    assert list(map(str, verify().findings)) == findings


def test_a_record_without_any_observation_left_is_named(stage: Stage) -> None:
    sql("DELETE FROM auditing_observation WHERE account_id = %s", stage.other.pk)
    sql(
        "UPDATE auditing_chainhead SET sequence = 0, hash = %s WHERE account_id = %s",
        bytes(32),
        stage.other.pk,
    )
    assert {str(one) for one in verify().findings} == {
        f"reels: what the record of '{key}' says was never observed: links were removed" for key in IDS[:3]
    }


def test_links_without_their_account_are_found(stage: Stage) -> None:
    sql("SET ROLE none")
    sql("SET session_replication_role = replica")  # as an administrator may: foreign keys are not looked at
    sql("DELETE FROM auditing_account WHERE id = %s", stage.other.pk)
    fault = "there are links of it, but no account"
    assert verify().findings == [Finding(Kind.ACCOUNT, f"account {stage.other.pk}", None, fault)]


@pytest.mark.usefixtures("stage")
def test_many_differing_records_are_counted_and_only_the_first_named() -> None:
    sql("UPDATE auditing_generation SET payload = '{}'")
    verified = verify()
    assert (len(verified.findings), verified.differing, verified.unnamed) == (MOST_NAMED, 23, 3)


ERASE = "UPDATE auditing_observation SET payload = NULL, payload_salt = ''"
ERASE_RECORDS = "UPDATE auditing_generation SET payload = NULL; UPDATE auditing_lookup SET seen_digest = NULL"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE auditing_observation SET payload = NULL",
        ERASE,
        f"{ERASE}; {ERASE_RECORDS}",
        "UPDATE auditing_observation SET owner_id = (SELECT id FROM auditing_user)",
        "UPDATE auditing_account SET label = label || ' (old)'",
    ],
    ids=["erased", "erased with its salt", "erased everywhere", "attributed", "renamed"],
)
def test_what_may_happen_to_history_raises_no_alarm(stage: Stage, statement: str) -> None:
    a_person("ada", a_team())
    before = verify()
    sql(statement)
    after = verify(anchors=anchors_of(before))
    assert after.findings == []
    assert [chain.hash for chain in after.chains] == [chain.hash for chain in before.chains]
    assert after.erased == (LINKS + 7 if "payload = NULL" in statement else 1)
    assert stage.account.label == "shots"


def test_a_chain_that_grew_and_an_account_that_is_new_fit_an_earlier_anchor(stage: Stage) -> None:
    before = anchors_of(verify())
    chance = Random(5)  # noqa: S311 - no secrets here
    third = an_account("nanobanana", "stills")
    registered(third, ["vid_new"])
    grow(third.pk, payloads(third, ["vid_new"], 4, chance), chance)
    grow(stage.account_id, payloads(stage.account, IDS, 5, chance, since=LATER), chance)
    verified = verify(anchors=before)
    assert (verified.findings, verified.links) == ([], LINKS + 5 + 7 + 4)


def test_an_erased_payload_that_the_record_still_holds_must_be_that_one(stage: Stage) -> None:
    """The observation's payload is gone, but its salted digest still knows it."""
    sql("UPDATE auditing_observation SET payload = NULL")
    assert verify().is_intact
    sql(
        "UPDATE auditing_generation SET payload = payload || '{\"success\": false}' WHERE account_id = %s",
        stage.account_id,
    )
    assert {one.fault.partition(" holds ")[2] for one in verify().findings} == {
        "another payload than its last observation vouches for"
    }


def test_a_sync_that_goes_on_meanwhile_raises_no_alarm(stage: Stage) -> None:
    """Links that are committed between one statement of the verification and the next are not seen."""
    chance = Random(7)  # noqa: S311 - no secrets here
    grown: list[bool] = []

    def grow_first(execute: Callable[..., Any], *call: Any) -> Any:
        if not grown:
            grown.append(True)
            thread = Thread(target=grow_elsewhere, args=(stage.other, chance))
            result = execute(*call)
            thread.start()
            thread.join()
            return result
        return execute(*call)

    with watching(grow_first):
        verified = verify()
    assert grown
    assert (verified.findings, verified.links) == ([], LINKS + 7)
    assert verify().links == LINKS + 7 + 3


def grow_elsewhere(account: Account, chance: Random) -> None:
    try:
        grow(account.pk, payloads(account, IDS[:3], 3, chance, since=LATER), chance)
    finally:
        connection.close()


@contextmanager
def watching(wrapper: Callable[..., Any]) -> Iterator[None]:
    """Call `wrapper` around every statement that reads accounts and what follows them."""

    def only_reads(execute: Callable[..., Any], statement: str, *call: Any) -> Any:
        if "auditing_chainhead" in statement:
            return wrapper(execute, statement, *call)
        return execute(statement, *call)

    with connection.execute_wrapper(only_reads):
        yield


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-(2.0**53) + 1, 2.0**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@pytest.mark.django_db
@given(st.dictionaries(st.sampled_from(["a", "é", "credits"]), _json))
def test_every_payload_that_can_be_kept_has_the_same_canonical_bytes_when_read_back(
    payload: dict[str, Any],
) -> None:
    """Whatever jsonb makes of numbers (1e15 becomes 1000000000000000), the digest still fits."""
    written = sql("SELECT (%s::jsonb)::text", Jsonb(payload))[0][0]
    assert canonical_text(written) == canonical(payload)
