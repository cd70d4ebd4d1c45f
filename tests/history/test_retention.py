"""Payloads that are older than one wants to keep: erased for good, while everything else stays as it was."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from auditing import retention
from auditing.access import SYSTEM, acting_as
from auditing.models import Account, Generation, Observation, TrailEntry
from auditing.sync.run import Order, run
from auditing.verification import verify
from tests.stage import an_account, registered
from tests.sync.scripted import ScriptedProvider, scripted, video


@pytest.fixture
def provider(committed_db: str) -> Iterator[ScriptedProvider]:  # noqa: ARG001
    with scripted(video) as listening:
        yield listening


@pytest.fixture
def account(provider: ScriptedProvider) -> Account:
    """An account with two records, of which one was looked up again and said something new."""
    account = an_account(label="shots", base_url=provider.url)
    registered(account, ["vid_a", "vid_b"])
    run(Order([account]))
    provider.script = lambda key: video(key, title="Changed") if key == "vid_a" else video(key)
    run(Order([account], force=True))
    return account


def erased(*arguments: str) -> str:
    out = io.StringIO()
    call_command("erase_payloads", *arguments, stdout=out)
    return out.getvalue()


def kept() -> list[bool]:
    """Whether each observation still has its payload, and its salt with it."""
    rows = Observation.objects.order_by("sequence").values_list("payload", "payload_salt")
    assert all((payload is None) == (bytes(salt) == b"") for payload, salt in rows)
    return [payload is not None for payload, _ in rows]


def columns() -> list[dict[str, Any]]:
    """All that is known of the records but for their payloads."""
    rows = Generation.objects.order_by("external_id").values()
    return [{name: value for name, value in row.items() if name != "payload"} for row in rows]


def test_what_is_older_is_erased_and_nothing_else(account: Account) -> None:
    first, second, third = Observation.objects.order_by("sequence")
    before, known, head = third.observed_at, columns(), verify().chains[0].hash
    assert first.observed_at < before > second.observed_at
    done = retention.erase_payloads(account, before)
    assert (done.observations, done.records) == (2, 1)
    assert kept() == [False, False, True]
    payloads = Generation.objects.order_by("external_id").values_list("payload__video__title", flat=True)
    assert list(payloads) == ["Changed", None]
    assert Generation.objects.get(external_id="vid_b").payload is None
    assert columns() == known
    verified = verify()
    assert (verified.findings, verified.erased, verified.chains[0].hash) == ([], 2, head)


def test_what_was_erased_does_not_come_back_with_a_lookup_that_says_the_same(account: Account) -> None:
    assert erased("--before", f"{timezone.now():%Y-%m-%d}") == (
        "shots: 0 payloads erased, 0 of them the last of a record\n"
    )
    retention.erase_payloads(account, timezone.now())
    run(Order([account], force=True))
    assert kept() == [False, False, False]
    assert not Generation.objects.filter(payload__isnull=False).exists()
    assert verify().findings == []


def test_a_lookup_that_says_something_new_is_kept_as_ever(
    account: Account, provider: ScriptedProvider
) -> None:
    retention.erase_payloads(account, timezone.now())
    provider.script = lambda key: video(key, title="New")
    run(Order([account], force=True))
    assert kept() == [False, False, False, True, True]
    assert set(Generation.objects.values_list("payload__video__title", flat=True)) == {"New"}
    assert verify().findings == []


def test_many_batches_end_where_one_would(account: Account) -> None:
    done = retention.erase_payloads(account, timezone.now(), at_once=1)
    assert (done.observations, done.records, kept()) == (3, 2, [False, False, False])


def test_what_was_erased_stays_so_when_it_is_broken_off(account: Account) -> None:
    """Whole batch by batch: no record has lost a payload that its last observation still has."""
    other = Generation.objects.get(external_id="vid_b")
    another = connection.copy()
    another.set_autocommit(False)
    try:
        with another.cursor() as held, connection.cursor() as cursor:
            held.execute("SELECT FROM auditing_lookup WHERE generation_id = %s FOR UPDATE", [other.pk])
            cursor.execute("SET lock_timeout = '200ms'")
        with pytest.raises(OperationalError, match="lock timeout"):
            retention.erase_payloads(account, timezone.now(), at_once=1)
    finally:
        another.rollback()
        another.close()
    assert kept() == [False, True, True]
    assert not Generation.objects.filter(payload__isnull=True).exists()
    assert verify().findings == []
    done = retention.erase_payloads(account, timezone.now(), at_once=1)
    assert (done.observations, done.records, verify().findings) == (2, 2, [])


def test_the_command_keeps_days_takes_accounts_and_tells_the_trail(account: Account) -> None:
    other = an_account("reelbot", "reels", base_url=account.base_url)
    assert erased("--days", "1", "--dry-run") == (
        "reels: 0 payloads would be erased\nshots: 0 payloads would be erased\n"
    )
    assert retention.payloads_before(account, timezone.now() + timedelta(seconds=1)) == 3
    assert retention.payloads_before(other, timezone.now()) == 0
    retention.erase_payloads(account, datetime(2999, 1, 1, tzinfo=UTC))
    with acting_as(SYSTEM):
        entries = TrailEntry.objects.filter(act="payloads_erased").values_list("team", "asked", "result")
        assert list(entries) == [(account.team_id, "shots", "observed before 2999-01-01 00:00 UTC")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--before", "yesterday"), "'yesterday' is no date; write one like 2026-01-01"),
        (("--before", "2999-01-01"), "--before: that day is still to come"),
        (("--days", "0"), "'0' is no number of days from 1 to 36500"),
        (("--days", "9", "--account", "shot"), "--account: no account 'shot'; there are: shots"),
        ((), "one of the arguments --before --days is required"),
        (("--days", "9", "--before", "2026-01-01"), "not allowed with argument"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_erased(
    account: Account, arguments: tuple[str, ...], said: str
) -> None:
    with pytest.raises(CommandError) as fault:
        erased(*arguments)
    assert said in str(fault.value)
    assert kept() == [True] * Observation.objects.filter(account=account).count()
