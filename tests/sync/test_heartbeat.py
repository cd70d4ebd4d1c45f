"""The heartbeat: one request after a good run, none after others, and no harm when it fails."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auditing import tasks
from auditing.access import SYSTEM, acting_as
from auditing.models import Account, Lookup
from auditing.sync import backlog, heartbeat, lease
from tests.stage import an_account, registered
from tests.sync.faults_on_the_wire import LONG_ENOUGH, wait_at_once
from tests.sync.faulty import faulty
from tests.sync.scripted import KEY_REQUIRED, Reply, ScriptedProvider, scripted, video
from tests.sync.test_command import command, ended, waited_for

SECRET = "3f1c8a52-secret"
NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(hours=2)
HOUR = timedelta(hours=1)


@pytest.fixture
def switch() -> Iterator[ScriptedProvider]:
    """A dead-man's-switch service."""
    with scripted(lambda _: Reply(200, b"OK")) as service:
        yield service


def beat(service: ScriptedProvider, deadline: float = LONG_ENOUGH) -> bool:
    return heartbeat.beat(f"{service.url}/ping/{SECRET}?a={SECRET}", deadline)


def warned(log: pytest.LogCaptureFixture) -> list[str]:
    assert SECRET not in log.text
    return [record.message for record in log.records if record.levelno == logging.WARNING]


def test_a_beat_is_one_request_to_the_whole_address(
    switch: ScriptedProvider, caplog: pytest.LogCaptureFixture
) -> None:
    assert beat(switch)
    assert (switch.asked_ids, warned(caplog)) == ([SECRET], [])


def test_without_an_address_nothing_is_sent() -> None:
    assert not heartbeat.beat("")


def test_an_error_of_the_service_is_tried_once_more(
    switch: ScriptedProvider, caplog: pytest.LogCaptureFixture
) -> None:
    replies = iter([Reply(503, b""), Reply(200, b"OK")])
    switch.script = lambda _: next(replies)
    assert beat(switch)
    assert (len(switch.asked), warned(caplog)) == (2, [])


@pytest.mark.parametrize(
    ("reply", "requests"),
    [
        (Reply(500, b""), 2),
        (Reply(404, b"not found"), 1),
        (Reply(302, b"", {"Location": "/elsewhere"}), 1),
    ],
    ids=["500", "404", "redirect"],
)
def test_what_is_not_taken_is_a_warning_that_keeps_the_address_secret(
    switch: ScriptedProvider, caplog: pytest.LogCaptureFixture, reply: Reply, requests: int
) -> None:
    switch.script = lambda _: reply
    assert not beat(switch)
    assert switch.asked_ids == [SECRET] * requests
    assert warned(caplog) == [f"The heartbeat to {switch.url}/… failed: HTTP {reply.status}"]


def test_a_service_that_is_away_or_silent_is_given_up_soon(caplog: pytest.LogCaptureFixture) -> None:
    assert not heartbeat.beat(f"http://127.0.0.1:9/{SECRET}")
    with faulty(wait_at_once) as silent:
        assert not heartbeat.beat(f"{silent.url()}/{SECRET}", 0.05)
    assert warned(caplog) == [
        "The heartbeat to http://127.0.0.1:9/… failed: no connection: Connection refused",
        f"The heartbeat to {silent.url()}/… failed: no answer within 0.05 seconds",
    ]


def synced(database: str, switch: ScriptedProvider, *options: str) -> tuple[int, str]:
    """The command's exit code and what it said on standard error."""
    environment = {"HEARTBEAT_URL": f"{switch.url}/ping/{SECRET}"}
    code, _, err = ended(command(database, "sync", *options, environment=environment))
    return code, err


def test_runs_that_finished_are_reported_and_refused_ones_are_not(
    committed_db: str, switch: ScriptedProvider
) -> None:
    with scripted(lambda key: Reply(500, b"") if key == "vid_x" else video(key)) as provider:
        account = an_account(base_url=provider.url)
        registered(account, ["vid_a", "vid_x"])
        assert (synced(committed_db, switch), len(switch.asked)) == ((3, ""), 1)
        assert (synced(committed_db, switch), len(switch.asked)) == ((0, ""), 2)
        assert (synced(committed_db, switch, "--id", "vid_a", "--force"), len(switch.asked)) == ((0, ""), 2)
        with acting_as(SYSTEM):
            (held,) = lease.take([account.pk])
        assert (synced(committed_db, switch), len(switch.asked)) == ((5, ""), 2)
        with acting_as(SYSTEM):
            held.give_back()
        provider.script = lambda _: KEY_REQUIRED
        assert (synced(committed_db, switch, "--force"), len(switch.asked)) == ((4, ""), 2)


def test_a_heartbeat_that_fails_changes_nothing_about_the_run(
    committed_db: str, switch: ScriptedProvider
) -> None:
    switch.script = lambda _: Reply(500, b"")
    code, err = synced(committed_db, switch)
    assert code == 0
    assert f"WARNING auditing.sync.heartbeat: The heartbeat to {switch.url}/… failed: HTTP 500" in err
    assert SECRET not in err


def test_each_round_of_every_is_reported(committed_db: str, switch: ScriptedProvider) -> None:
    process = command(
        committed_db, "sync", "--every", "0.05", environment={"HEARTBEAT_URL": f"{switch.url}/{SECRET}"}
    )
    waited_for(switch, 3, process)
    process.terminate()
    assert ended(process)[0] == 0


@pytest.fixture
def account(db: None) -> Account:  # noqa: ARG001 - what it stands on
    """One with a record that was due and answered just now."""
    account = an_account()
    registered(account, ["vid_a"])
    Account.objects.update(last_ok_at=NOW, last_run_at=NOW, added_at=LONG_AGO)
    Lookup.objects.update(due_at=NOW + HOUR, outcome="ok")
    return account


UNANSWERED = {"last_ok_at": LONG_AGO}
FAILED: dict[str, object] = {"outcome": "unreachable"}
OVERDUE: dict[str, object] = {"due_at": LONG_AGO}


@pytest.mark.parametrize(
    ("standing", "lookup", "is_in_trouble"),
    [
        ({}, {}, False),
        ({"paused_at": NOW}, {}, True),
        ({"quarantined_at": NOW}, {}, True),
        (UNANSWERED, {}, False),
        (UNANSWERED, OVERDUE, True),
        ({"last_ok_at": None}, OVERDUE, True),
        ({}, OVERDUE, False),
        (UNANSWERED, FAILED, True),
        ({}, FAILED, False),
        (UNANSWERED | {"last_run_at": LONG_AGO}, FAILED, False),
        (UNANSWERED | {"added_at": NOW}, FAILED, False),
        (UNANSWERED | {"blocked_until": NOW + HOUR}, {"outcome": "rate_limited"}, True),
        (UNANSWERED, {"outcome": "missing"}, False),
    ],
)
def test_an_account_needs_an_operator_when_it_is_refused_or_gets_no_good_answer(
    account: Account, standing: dict[str, Any], lookup: dict[str, Any], is_in_trouble: bool
) -> None:
    Account.objects.update(**standing)
    Lookup.objects.update(**lookup)
    assert bool(backlog.accounts_in_trouble(NOW - HOUR)) is is_in_trouble
    assert backlog.accounts_in_trouble(NOW - HOUR, []) == []
    assert bool(backlog.accounts_in_trouble(NOW - HOUR, [account.pk])) is is_in_trouble


def test_the_minutes_plan_reports_while_all_is_well_even_with_nothing_due(
    account: Account, switch: ScriptedProvider, settings: Any
) -> None:
    settings.HEARTBEAT_URL = f"{switch.url}/{SECRET}"
    tasks.plan(timestamp=0)
    assert switch.asked_ids == [SECRET]
    Account.objects.update(**UNANSWERED)
    Lookup.objects.filter(account=account).update(**OVERDUE)
    tasks.plan(timestamp=0)
    assert switch.asked_ids == [SECRET]
