"""Stores a batch of answers in one short transaction: what differs, its observations, the next due times."""

import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

import msgspec
from django.db import connection

from auditing.access import SYSTEM, acting_as
from auditing.history import SALT_LENGTH, Link, canonical, digest_of_bytes
from auditing.providers.declaration import Provider
from auditing.records import STICKY_FLAGS, Flag, Outcome, Record, Status
from auditing.sync import statements
from auditing.sync.fetch import Fetched
from auditing.sync.lease import Lease
from auditing.sync.policy import LookAgain, Past, Rest, next_look

_columns_of = attrgetter(*statements.RECORD_COLUMNS)
_RANK = {Status.PENDING: 0, Status.PROCESSING: 1, Status.COMPLETED: 2, Status.FAILED: 2}


@dataclass(frozen=True, slots=True)
class Looked:
    """One id that was asked for, and what came of it."""

    generation_id: int
    fetched: Fetched


@dataclass(frozen=True, slots=True)
class Part:
    """Which account's part of which run a batch belongs to, and the right to write it.

    `others` are the accounts of the same team and provider that may be asked for what this one is denied.
    """

    run_id: int
    lease: Lease
    provider: Provider
    others: tuple[int, ...] = ()

    @property
    def account_id(self) -> int:
        """The account that is asked."""
        return self.lease.account_id


@dataclass(frozen=True, slots=True)
class Chance:
    """Where randomness comes from: a number from 0 to 1 to spread retries, salt for payload digests."""

    jitter: Callable[[], float] = random.random
    salt: Callable[[], bytes] = lambda: os.urandom(SALT_LENGTH)


@dataclass(slots=True)
class Stored:
    """What a batch came to: lookups by outcome, how many payloads differed, bytes of bodies, and the last
    reset that its 429s named."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    changed: int = 0
    size: int = 0
    blocked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _State:
    """What is stored about one generation, read under lock."""

    generation_id: int
    external_id: str
    team_id: int
    owner_id: int | None
    outcome: str | None
    attempts: int
    looked_up_at: datetime | None
    synced_at: datetime | None
    final_seen_at: datetime | None
    seen_digest: bytes | None
    denied_by: list[int]
    account_id: int
    status: str | None
    credits_thousandths: int | None
    credits_most_thousandths: int | None
    flags: list[str]
    known_since: datetime


@dataclass(slots=True)
class _Rows:
    """What one batch writes, table by table."""

    changed: list[dict[str, Any]] = field(default_factory=list)
    lookups: list[dict[str, Any]] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)


def store_batch(part: Part, batch: Sequence[Looked], chance: Chance) -> Stored:
    """Store these answers; all of them or, when anything fails, none. Raises LeaseLost.

    An answer that is older than the stored one (by when it came) changes nothing but is counted. Rows are
    locked in the order of their ids, the account's chain before them: writers never wait in a circle.
    """
    stored = Stored(blocked_until=last_reset(batch))
    with acting_as(SYSTEM), connection.cursor() as cursor:
        part.lease.confirm()
        cursor.execute(statements.LOCK_CHAIN, [part.account_id])
        chain = _Chain(part.account_id, *cursor.fetchone())
        cursor.execute(statements.LOCK_STATES, [[looked.generation_id for looked in batch]])
        states = {row[0]: _State(*row) for row in cursor.fetchall()}
        rows = _Rows()
        for looked in batch:
            answer = looked.fetched.answer
            stored.outcomes[answer.outcome] += 1
            stored.size += looked.fetched.size
            state = states[looked.generation_id]
            if state.looked_up_at is None or state.looked_up_at < looked.fetched.at:
                stored.changed += _add_rows(rows, part, state, looked.fetched, chain, chance)
        _write(cursor, part, rows, chain, stored)
    return stored


def last_reset(batch: Sequence[Looked]) -> datetime | None:
    """The last moment that any 429 among these answers names; None without one."""
    resets = (looked.fetched.answer.reset_at for looked in batch)
    return max((at for at in resets if at is not None), default=None)


class _Chain:
    """The end of an account's chain, as far as this batch has appended to it."""

    def __init__(self, account_id: int, sequence: int, head: bytes) -> None:
        self.account_id = account_id
        self.sequence = sequence
        self.head = bytes(head)

    def append(
        self, state: _State, said: bytes, http_status: int, at: datetime, salt: bytes
    ) -> dict[str, Any]:
        """The observation that links this canonical payload to the chain."""
        self.sequence += 1
        link = Link(
            account_id=self.account_id,
            sequence=self.sequence,
            previous_hash=self.head,
            generation_id=state.generation_id,
            external_id=state.external_id,
            http_status=http_status,
            observed_at=at,
            payload_digest=digest_of_bytes(said, salt),
        )
        self.head = link.hash()
        return {
            "sequence": link.sequence,
            "generation_id": link.generation_id,
            "team_id": state.team_id,
            "owner_id": state.owner_id,
            "observed_at": at,
            "http_status": link.http_status,
            "payload": msgspec.Raw(said),
            "payload_salt": salt.hex(),
            "payload_digest": link.payload_digest.hex(),
            "previous_hash": link.previous_hash.hex(),
            "hash": self.head.hex(),
        }


def _add_rows(
    rows: _Rows, part: Part, state: _State, fetched: Fetched, chain: _Chain, chance: Chance
) -> bool:
    """Add what this answer writes; True when its payload differed from the last one."""
    answer, at = fetched.answer, fetched.at
    said = canonical(answer.payload) if answer.payload is not None else None
    digest = digest_of_bytes(said) if said is not None else None
    changed = digest is not None and (state.seen_digest is None or digest != bytes(state.seen_digest))
    final_seen_at = state.final_seen_at
    created: dict[str, Any] = {"is_said": False}
    if changed and said is not None and answer.record is not None and answer.http_status is not None:
        final_seen_at = at if answer.record.status.is_final else None
        link = chain.append(state, said, answer.http_status, at, chance.salt())
        rows.changed.append(_record_row(state, answer.record) | link)
        created = {"is_said": True, "created_at": answer.record.created_at}
    if answer.outcome is Outcome.OK and state.account_id != part.account_id:
        rows.moved.append(state.generation_id)
    rows.lookups.append(_lookup_row(part, state, fetched, final_seen_at, digest, chance) | created)
    return changed


def _lookup_row(
    part: Part,
    state: _State,
    fetched: Fetched,
    final_seen_at: datetime | None,
    digest: bytes | None,
    chance: Chance,
) -> dict[str, Any]:
    """How the lookup went, which account is asked next, and when."""
    answer, at = fetched.answer, fetched.at
    asked = _asked_next(part, state, answer.outcome)
    before = state.attempts if state.outcome == answer.outcome else 0
    attempts = before if asked.instead else before + 1
    made_at = answer.record.created_at if answer.record else None
    known_since = min(made_at, state.known_since) if made_at else state.known_since
    following: LookAgain | Rest = LookAgain(at)
    if not asked.instead:
        past = Past(attempts, final_seen_at, known_since)
        following = next_look(part.provider, answer, past, at, chance.jitter)
    return {
        "generation_id": state.generation_id,
        "account_id": asked.account_id,
        "denied_by": asked.denied_by,
        "outcome": answer.outcome,
        "http_status": answer.http_status,
        "reason": answer.reason,
        "looked_up_at": at,
        "synced_at": at if answer.outcome is Outcome.OK else state.synced_at,
        "due_at": following.at if isinstance(following, LookAgain) else None,
        "resting": following.reason if isinstance(following, Rest) else "",
        "attempts": attempts,
        "final_seen_at": final_seen_at,
        "seen_digest": digest.hex() if digest else _hex(state.seen_digest),
    }


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which account is asked next, and which were denied; `instead` of the present one, and at once."""

    account_id: int
    denied_by: list[int]
    instead: bool = False


def _asked_next(part: Part, state: _State, outcome: Outcome) -> _Asked:
    """A 403 says "a different user's": another account of the same team may own it, so those are tried.

    When all were denied, the record's own account asks again in time.
    """
    if outcome is Outcome.OK:
        return _Asked(part.account_id, [])
    if outcome is not Outcome.DENIED:
        return _Asked(part.account_id, state.denied_by)
    denied_by = [*state.denied_by, part.account_id]
    untried = [account for account in part.others if account not in denied_by]
    return _Asked(untried[0], denied_by, instead=True) if untried else _Asked(state.account_id, [])


def _hex(value: bytes | None) -> str | None:
    return bytes(value).hex() if value is not None else None


def _record_row(state: _State, record: Record) -> dict[str, Any]:
    """The record's columns, and what it says against the one before."""
    row: dict[str, Any] = dict(zip(statements.RECORD_COLUMNS, _columns_of(record), strict=True))
    row["flags"] = sorted(record.flags | _news(state, record) | set(STICKY_FLAGS).intersection(state.flags))
    return row


def _news(state: _State, record: Record) -> set[Flag]:
    """What a newer answer says against an older one: it counts, and is flagged."""
    news = set()
    before = Status(state.status) if state.status else None
    if before is not None and before.is_final:
        news.add(Flag.CHANGED_AFTER_COMPLETION)
    if before in _RANK and record.status in _RANK and _RANK[record.status] < _RANK[before]:
        news.add(Flag.STATUS_WENT_BACK)
    charged, charges = state.credits_thousandths, record.credits_thousandths
    if charged is not None and charges != charged:
        news.add(Flag.CREDITS_CHANGED)
    most = state.credits_most_thousandths
    if most is not None and charges is not None and charges < most:
        news.add(Flag.REFUNDED)
    return news


def _write(cursor: Any, part: Part, rows: _Rows, chain: _Chain, stored: Stored) -> None:
    if rows.moved:
        cursor.execute(statements.MOVE_RECORDS, [part.account_id, rows.moved])
    if rows.lookups:  # before the records: by then, few of them have to follow what these say
        statements.send(statements.UPDATE_LOOKUPS, rows.lookups)
    if rows.changed:
        statements.send(statements.STORE_CHANGED, rows.changed, part.account_id)
        cursor.execute(statements.MOVE_CHAIN, [chain.sequence, chain.head, part.account_id])
    counts = [stored.outcomes[outcome] for outcome in statements.COUNTED]
    cursor.execute(
        statements.COUNT_PART,
        [*counts, stored.outcomes.total(), stored.changed, stored.size, part.run_id, part.account_id],
    )
    if stored.outcomes[Outcome.OK]:
        cursor.execute(statements.ACCOUNT_WAS_OK, [part.account_id])
    if stored.blocked_until:
        cursor.execute(statements.BLOCK_ACCOUNT, [stored.blocked_until, part.account_id])
