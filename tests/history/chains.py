"""Grows chains as the sync does, and gives an attacker who owns the tables the same pen."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from auditing.history import FIRST_HASH, SALT_LENGTH, Link, digest_of, salted_digest
from auditing.models import Account, Generation
from tests.sync.scripted import project, video

START = datetime(2026, 5, 5, 16, 0, tzinfo=UTC)

EMPTIABLE = (
    "account_id",
    "sequence",
    "generation_id",
    "http_status",
    "observed_at",
    "payload_salt",
    "payload_digest",
    "previous_hash",
    "hash",
)

INSERT = """
INSERT INTO auditing_observation (account_id, sequence, generation_id, team_id, observed_at, http_status,
    payload, payload_salt, payload_digest, previous_hash, hash)
SELECT %s, %s, id, team_id, %s, 200, %s, %s, %s, %s, %s FROM auditing_generation WHERE id = %s
"""


@dataclass(frozen=True)
class Said:
    """What a provider said of a generation, and when."""

    generation_id: int
    external_id: str
    payload: dict[str, Any]
    at: datetime


def sql(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """What the statement returns, run as whoever owns the tables: outside of `acting_as`."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def let_everything() -> None:
    """Switch off what protects history, as the owner of its tables can."""
    for table in ("observation", "chainhead"):
        sql(f"ALTER TABLE auditing_{table} DISABLE TRIGGER USER")
    for column in EMPTIABLE:
        sql(f"ALTER TABLE auditing_observation ALTER {column} DROP NOT NULL")


def payloads(
    account: Account, ids: list[str], number: int, chance: Random, since: datetime = START
) -> list[Said]:
    """This many payloads, a second apart, each another than its generation's last; some with fractions."""
    generations = dict(Generation.objects.filter(account=account).values_list("external_id", "id"))
    said = []
    for turn in range(number):
        external_id = ids[turn % len(ids)]
        words: dict[str, Any] = {
            "title": f"Café {chance.random()}",
            "credits_used": turn + chance.choice([0, 0.5]),
        }
        reply = video(external_id, **words) if account.provider == "nanobanana" else project(**words)
        at = since + timedelta(seconds=turn, microseconds=chance.randrange(10**6))
        said.append(Said(generations[external_id], external_id, reply.body, at))
    return said


def grow(account_id: int, said: Iterable[Said], chance: Random) -> None:
    """Append observations, and let the records, the lookups and the head say so."""
    sequence, head = sql("SELECT sequence, hash FROM auditing_chainhead WHERE account_id = %s", account_id)[0]
    for one in said:
        sequence += 1
        salt = chance.randbytes(SALT_LENGTH)
        digest = salted_digest(one.payload, salt)
        link = Link(
            account_id, sequence, bytes(head), one.generation_id, one.external_id, 200, one.at, digest
        )
        previous, head = head, link.hash()
        row = [account_id, sequence, one.at, Jsonb(one.payload), salt, digest, previous, head]
        sql(INSERT, *row, one.generation_id)
        keep_record(one.generation_id, one.payload)
    keep_head(account_id, sequence, head)


def keep_head(account_id: int, sequence: int, head: bytes) -> None:
    sql(
        "UPDATE auditing_chainhead SET sequence = %s, hash = %s WHERE account_id = %s",
        sequence, head, account_id,
    )  # fmt: skip


def keep_record(generation_id: int, payload: dict[str, Any] | None) -> None:
    sql(
        "UPDATE auditing_generation SET payload = %s WHERE id = %s",
        None if payload is None else Jsonb(payload),
        generation_id,
    )
    sql(
        "UPDATE auditing_lookup SET seen_digest = %s WHERE generation_id = %s",
        None if payload is None else digest_of(payload),
        generation_id,
    )


def keep_records() -> None:
    """Let every record say what its last observation says."""
    for generation_id, payload in sql(
        """SELECT g.id, (SELECT o.payload::text FROM auditing_observation AS o WHERE o.generation_id = g.id
            ORDER BY o.observed_at DESC, o.id DESC LIMIT 1)
        FROM auditing_generation AS g"""
    ):
        keep_record(generation_id, json.loads(payload) if payload else None)


def compute_anew(account_id: int) -> None:
    """Hash the whole chain again from what its rows say now, and let the head say so."""
    head, sequence = FIRST_HASH, 0
    for pk, sequence, generation_id, external_id, status, at, payload, salt, kept in sql(
        """SELECT o.id, o.sequence, o.generation_id, g.external_id, o.http_status, o.observed_at,
            o.payload::text, o.payload_salt, o.payload_digest
        FROM auditing_observation AS o JOIN auditing_generation AS g ON g.id = o.generation_id
        WHERE o.account_id = %s ORDER BY o.sequence""",
        account_id,
    ):
        digest = salted_digest(json.loads(payload), bytes(salt)) if payload else bytes(kept)
        link = Link(account_id, sequence, head, generation_id, external_id, status, at, digest)
        sql(
            "UPDATE auditing_observation SET (payload_digest, previous_hash, hash) = (%s, %s, %s)"
            " WHERE id = %s",
            digest,
            head,
            link.hash(),
            pk,
        )
        head = link.hash()
    keep_head(account_id, sequence, head)
