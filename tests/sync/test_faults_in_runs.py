"""Runs against faulty servers: every fault is stored with its next due time, and no record loses anything."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auditing.access import SYSTEM, acting_as, visible_to
from auditing.models import Account, Generation, Observation
from auditing.providers import PROVIDERS
from auditing.records import Outcome
from auditing.sync.run import Order, run
from auditing.sync.summary import ExitCode, RunSummary
from auditing.sync.turn import Limits
from tests.stage import an_account, registered
from tests.sync import faults_in_answers, faults_on_the_wire, scripted
from tests.sync.faults_on_the_wire import LONG_ENOUGH, Fault, answer, head
from tests.sync.faulty import Behaviour, FaultyServer, Wire, answering, closing_after, faulty

pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.parametrize("provider", PROVIDERS)]

ENDS_THE_TURN = {Outcome.UNAUTHORIZED, Outcome.RATE_LIMITED}
# Without those that need a deadline shorter than a run's, or that end a turn (below).
FAULTS = {
    f"id{number:03}": fault
    for number, fault in enumerate([*faults_on_the_wire.EVERY, *faults_in_answers.EVERY])
    if fault.deadline == LONG_ENOUGH and fault.outcome not in ENDS_THE_TURN | {Outcome.OK}
    if fault not in faults_in_answers.ENDLESS[4:] and "before the request" not in fault.name
}


def good(provider: str, external_id: str, **fields: Any) -> bytes:
    """The body of a good answer for this id."""
    reply = scripted.video(external_id, **fields) if provider == "nanobanana" else scripted.project(**fields)
    return reply.sent()


def by_id(provider: str, faults: Mapping[str, Behaviour]) -> Behaviour:
    """These faults for these ids, and a good answer for all others."""

    def behave(wire: Wire) -> None:
        while request := wire.request():
            target = request.split(b" ", 2)[1].decode()
            external_id = target.rpartition("=" if provider == "nanobanana" else "/")[2]
            if external_id not in faults:
                # Closed after it: what ends a kept connection is no fault.
                wire.send(answer(good(provider, external_id), b"Connection: close"))
                return
            if not wire.lend(request, faults[external_id]):
                return

    return behave


def synced(server: FaultyServer, provider: str, ids: list[str], spoil: Callable[[], None]) -> RunSummary:
    """A good run over these ids, then one with what `spoil` brings about, one id after the other."""
    account = an_account(provider, base_url=server.url(), per_minute=6_000_000)
    registered(account, ids)
    assert run(Order([account])).total("ok") == len(ids)
    spoil()
    with acting_as(SYSTEM):
        account = Account.objects.select_related("team").get(pk=account.pk)
    return run(Order([account], force=True, limits=Limits(concurrency=1)))


def rows() -> dict[str, Generation]:
    with acting_as(SYSTEM):
        return {row.external_id: row for row in visible_to(SYSTEM).select_related("lookup")}


def kept(row: Generation) -> dict[str, object]:
    """All that a record knows, by field."""
    return {field.attname: getattr(row, field.attname) for field in Generation._meta.concrete_fields}


def mixed_with_good_ones(faulty_ids: list[str]) -> list[str]:
    """A good id after every tenth, also when sorted: twenty without an answer in a row would end the turn."""
    return sorted([*faulty_ids, *(f"{external_id}-good" for external_id in faulty_ids[::10])])


def test_every_fault_is_stored_with_its_next_due_time_and_the_record_is_kept(provider: str) -> None:
    ids = mixed_with_good_ones(list(FAULTS))
    before: dict[str, Generation] = {}

    def spoil() -> None:
        before.update(rows())
        server.behave = by_id(
            provider, {key: fault.behave(good(provider, key)) for key, fault in FAULTS.items()}
        )

    with faulty(by_id(provider, {})) as server:
        summary = synced(server, provider, ids, spoil)
    after = rows()
    for external_id, fault in FAULTS.items():
        check_stored(fault, before[external_id], after[external_id])
    assert (summary.exit_code, summary.total("requested")) == (ExitCode.SOME_LOOKUPS_FAILED, len(ids))
    assert summary.total("not_reached") == summary.total("changed") == 0
    assert summary.total("ok") == len(ids) - len(FAULTS)
    with acting_as(SYSTEM):
        assert Observation.objects.count() == len(ids)


def check_stored(fault: Fault, before: Generation, after: Generation) -> None:
    lookup = after.lookup
    assert kept(after) == kept(before)
    assert lookup.outcome == fault.outcome, (fault.name, lookup.reason)
    assert all(fragment in lookup.reason for fragment in fault.names)
    assert lookup.synced_at == before.lookup.synced_at
    assert lookup.looked_up_at is not None
    assert lookup.looked_up_at != before.lookup.looked_up_at
    if fault.outcome is Outcome.REJECTED:
        assert (lookup.due_at, lookup.resting) == (None, lookup.reason)
    else:
        assert lookup.resting == ""
        assert lookup.due_at is not None
        assert timedelta(seconds=40) < lookup.due_at - lookup.looked_up_at < timedelta(days=2)


@pytest.mark.parametrize(
    "behave",
    [
        closing_after(head(b"Retry-After: 120", b"Content-Length: 9", status=b"429 x") + b"{"),
        closing_after(answer(b" " * 2_000_000, b"Retry-After: 120", status=b"429 x")),
    ],
    ids=["broken off", "over the cap"],
)
def test_a_429_is_heeded_whatever_its_body(provider: str, behave: Behaviour) -> None:
    def spoil() -> None:
        server.requests.clear()
        server.behave = behave

    started = datetime.now(UTC)
    with faulty(by_id(provider, {})) as server:
        summary = synced(server, provider, ["a", "b", "c"], spoil)
    assert (summary.total("rate_limited"), summary.total("not_reached")) == (1, 2)
    assert len(server.requests) == 1
    blocked_until = Account.objects.get().blocked_until
    assert blocked_until is not None
    assert timedelta(seconds=119) < blocked_until - started < timedelta(seconds=180)


CREATED = {"nanobanana": "created_at", "reelbot": "createdAt"}
# By id: what the second answer says, and of that what is stored and flagged.
ODD: dict[str, tuple[dict[str, str], dict[str, object], set[str]]] = {
    "status-went-back": ({"status": "processing"}, {"status": "processing"}, {"status_went_back"}),
    "unknown-status": (
        {"status": "archived"},
        {"status": "unknown", "provider_status": "archived"},
        {"unknown_status"},
    ),
    "naive-time": (
        {"CREATED": "2026-05-05T15:00:00"},
        {"created_at": datetime(2026, 5, 5, 15, tzinfo=UTC)},
        {"naive_time"},
    ),
    "year-9999": (
        {"CREATED": "9999-12-31T23:59:59Z"},
        {"created_at": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)},
        {"impossible_times"},
    ),
    "year-1": ({"CREATED": "0001-01-01T00:00:00Z"}, {"created_at": datetime(1, 1, 1, tzinfo=UTC)}, set()),
}


def test_what_is_odd_and_yet_an_answer_is_stored_and_flagged(provider: str) -> None:
    def spoil() -> None:
        server.behave = by_id(provider, {key: answering(answer(said(key))) for key in ODD})

    def said(key: str) -> bytes:
        fields, *_ = ODD[key]
        renamed = {CREATED[provider] if name == "CREATED" else name: fields[name] for name in fields}
        return good(provider, key, **renamed)

    with faulty(by_id(provider, {})) as server:
        summary = synced(server, provider, list(ODD), spoil)
    assert summary.total("ok") == summary.total("changed") == len(ODD)
    after = rows()
    for key, (_, stored, flags) in ODD.items():
        row = after[key]
        assert {name: getattr(row, name) for name in stored} == stored
        assert set(row.flags) - {"credits_changed", "refunded"} == {"changed_after_completion", *flags}, key


def test_fields_that_are_absent_become_unknown_and_nothing_else(provider: str) -> None:
    least = {
        "nanobanana": b'{"success":true,"video":{"id":"a","status":"pending"}}',
        "reelbot": b'{"status":"queued","message":"m","createdAt":"2025-01-21T16:30:00.000Z"}',
    }
    with faulty(closing_after(answer(least[provider]))) as server:
        account = an_account(provider, base_url=server.url())
        registered(account, ["a"])
        assert run(Order([account])).total("ok") == 1
    (row,) = rows().values()
    assert row.status == "pending"
    unknown = ("title", "output_url", "output_key", "credits_thousandths", "credits_basis", "updated_at")
    assert [getattr(row, name) for name in unknown] == [None] * len(unknown)
    assert row.flags == []
