"""The chain of observations: canonical bytes, salted digests, links that vouch for everything before them."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
import rfc8785
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from auditing import history
from auditing.models import Observation
from auditing.sync.run import Order, run
from tests.stage import an_account, registered
from tests.sync.scripted import scripted, video

_whole = st.integers(-(2**53) + 1, 2**53 - 1)
_json = st.recursive(
    st.none() | st.booleans() | _whole | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def _storable(value: Any) -> bool:
    return "\\ud" not in ascii(value)


@given(st.dictionaries(st.text(), _json.filter(_storable), max_size=6).filter(_storable))
def test_the_quick_way_and_the_library_write_the_same_canonical_bytes(payload: dict[str, Any]) -> None:
    assert history.canonical(payload) == rfc8785.dumps(payload)


def test_what_is_said_in_another_order_is_the_same() -> None:
    assert history.digest_of({"a": 1, "b": [True, None]}) == history.digest_of({"b": [True, None], "a": 1})
    assert history.digest_of({"a": 1}) != history.digest_of({"a": "1"})


def test_a_salted_digest_says_nothing_without_its_salt() -> None:
    payload = {"prompt": "a beach"}
    assert history.salted_digest(payload, b"a" * 16) != history.salted_digest(payload, b"b" * 16)
    assert history.salted_digest(payload, b"a" * 16) != history.digest_of(payload)


@given(
    st.integers(1, 2**53 - 1),
    st.integers(1, 2**53 - 1),
    st.text(st.characters(blacklist_categories=["Cs", "Cc"])),
    st.binary(min_size=32, max_size=32),
    st.datetimes(timezones=st.timezones()),
)
def test_a_link_hashes_the_canonical_json_of_its_fields(
    account: int, sequence: int, external_id: str, digest: bytes, at: datetime
) -> None:
    link = history.Link(account, sequence, history.FIRST_HASH, 7, external_id, 200, at, digest)
    content: dict[str, int | str] = {
        "account": account,
        "sequence": sequence,
        "previous": "00" * 32,
        "generation": 7,
        "external_id": external_id,
        "http_status": 200,
        "observed_at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "payload": digest.hex(),
    }
    assert link.hash() == hashlib.sha256(rfc8785.dumps(content)).digest()


def test_every_field_of_a_link_is_vouched_for() -> None:
    values: dict[str, Any] = {
        "account_id": 1,
        "sequence": 1,
        "previous_hash": history.FIRST_HASH,
        "generation_id": 1,
        "external_id": "vid_a",
        "http_status": 200,
        "observed_at": datetime(2026, 1, 1, tzinfo=UTC),
        "payload_digest": bytes(32),
    }
    others: dict[str, Any] = {
        "account_id": 2,
        "sequence": 2,
        "previous_hash": b"\x01" * 32,
        "generation_id": 2,
        "external_id": "vid_b",
        "http_status": 201,
        "observed_at": datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
        "payload_digest": b"\x01" * 32,
    }
    hashes = {history.Link(**{**values, name: other}).hash() for name, other in others.items()}
    assert len(hashes | {history.Link(**values).hash()}) == len(others) + 1


@pytest.fixture
def observed(committed_db: str) -> list[Observation]:  # noqa: ARG001
    """Three observations of one account, over two batches."""
    with scripted(video) as provider:
        account = an_account(base_url=provider.url)
        registered(account, ["vid_a", "vid_b"])
        run(Order([account]))
        provider.script = lambda key: video(key, title="Changed") if key == "vid_a" else video(key)
        run(Order([account], force=True))
    return list(Observation.objects.order_by("sequence"))


def test_stored_observations_form_one_unbroken_chain(observed: list[Observation]) -> None:
    assert [one.sequence for one in observed] == [1, 2, 3]
    head = history.FIRST_HASH
    for one in observed:
        assert one.payload is not None
        assert bytes(one.payload_digest) == history.salted_digest(one.payload, bytes(one.payload_salt))
        link = history.Link(
            account_id=one.account_id,
            sequence=one.sequence,
            previous_hash=head,
            generation_id=one.generation_id,
            external_id=one.generation.external_id,
            http_status=one.http_status,
            observed_at=one.observed_at,
            payload_digest=bytes(one.payload_digest),
        )
        head = link.hash()
        assert bytes(one.hash) == head


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE auditing_observation SET http_status = 404",
        "UPDATE auditing_observation SET payload = '{}'",
        "DELETE FROM auditing_observation",
        "TRUNCATE auditing_observation",
    ],
)
def test_the_database_refuses_to_change_history(observed: list[Observation], statement: str) -> None:
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Observation.objects.count() == len(observed)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("DELETE FROM auditing_chainhead", "observations hang on the head of this chain"),
        ("DELETE FROM auditing_account", "violates foreign key constraint"),
        ("DELETE FROM auditing_generation", "violates foreign key constraint"),
        ("DELETE FROM auditing_team", "violates foreign key constraint"),
    ],
)
def test_what_vouches_for_an_observation_stays(observed: list[Observation], statement: str, why: str) -> None:
    with pytest.raises(IntegrityError, match=why), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{statement}; SET CONSTRAINTS ALL IMMEDIATE")
    assert Observation.objects.count() == len(observed)


def test_a_payloads_salt_goes_with_it_and_never_alone(observed: list[Observation]) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Observation.objects.filter(pk=observed[0].pk).update(payload_salt=b"")
    Observation.objects.filter(pk=observed[0].pk).update(payload=None, payload_salt=b"")
    assert bytes(Observation.objects.get(pk=observed[0].pk).payload_salt) == b""


def test_a_payload_can_be_erased_and_the_chain_still_holds_its_digest(observed: list[Observation]) -> None:
    Observation.objects.filter(pk=observed[0].pk).update(payload=None)
    erased = Observation.objects.get(pk=observed[0].pk)
    assert erased.payload is None
    assert bytes(erased.payload_digest) == bytes(observed[0].payload_digest)
