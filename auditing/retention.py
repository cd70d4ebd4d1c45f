"""Erases payloads that an installation does not want to keep: the words of providers, not what they said.

What stays: the record's columns, which everything is counted from; that there was an answer, when, and its
salted digest, so that the chain of its account holds (`history.py`). The digest by which a sync tells whether
the next answer says anything new stays too: without it a lookup would bring the erased payload back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from auditing import trail
from auditing.access import SYSTEM, acting_as
from auditing.models import Account

ROWS_AT_ONCE = 1000

# A sync appends to a chain and then locks what it looked up, in this order; so do we, and neither meets the
# other halfway.
_HOLD_CHAIN = "SELECT FROM auditing_chainhead WHERE account_id = %s FOR UPDATE"
_HOLD_LOOKUPS = """
SELECT FROM auditing_lookup WHERE generation_id = ANY(%s) ORDER BY generation_id FOR UPDATE
"""
_COUNT = """
SELECT count(*) FROM auditing_observation
WHERE account_id = %s AND observed_at < %s AND payload IS NOT NULL
"""
_OLD = """
SELECT id, sequence, generation_id FROM auditing_observation
WHERE account_id = %s AND sequence > %s AND observed_at < %s AND payload IS NOT NULL
ORDER BY sequence LIMIT %s
"""
# A record has the payload of its last observation, and keeps it exactly as long as that one does.
_ERASE_OF_RECORDS = """
UPDATE auditing_generation AS g SET payload = NULL
WHERE g.id = ANY(%s) AND g.payload IS NOT NULL AND (
    SELECT o.id FROM auditing_observation AS o WHERE o.generation_id = g.id
    ORDER BY o.observed_at DESC, o.id DESC LIMIT 1
) = ANY(%s)
"""
_ERASE = "UPDATE auditing_observation SET payload = NULL, payload_salt = '' WHERE id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Erased:
    """How many payloads went from an account's history, and how many records' last ones among them."""

    account: Account
    observations: int
    records: int


def payloads_before(account: Account, before: datetime) -> int:
    """How many payloads of this account's history were observed before that moment, and are kept."""
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute(_COUNT, [account.pk, before])
        return int(cursor.fetchone()[0])


def erase_payloads(account: Account, before: datetime, at_once: int = ROWS_AT_ONCE) -> Erased:
    """Erase this account's payloads that were observed before that moment, so many in a transaction.

    Call it outside of any transaction: a sync of the account waits for one batch, and what was erased stays
    so when it is broken off; asked for again, it goes on. The trail is told first, and only where there is
    something to erase.
    """
    observations = records = 0
    if payloads_before(account, before):
        with acting_as(SYSTEM):
            trail.payloads_erased(account, before)
        for links, kept in _batches(account, before, at_once):
            observations += links
            records += kept
    return Erased(account, observations, records)


def _batches(account: Account, before: datetime, at_once: int) -> Iterator[tuple[int, int]]:
    """How many links and records each transaction erased the payloads of, until there are no more."""
    last = 0
    while True:
        with acting_as(SYSTEM), connection.cursor() as cursor:
            cursor.execute(_HOLD_CHAIN, [account.pk])
            cursor.execute(_OLD, [account.pk, last, before, at_once])
            links = cursor.fetchall()
            if not links:
                return
            last = links[-1][1]
            generations = [generation for _, _, generation in links]
            cursor.execute(_HOLD_LOOKUPS, [generations])
            ids = [link for link, _, _ in links]
            cursor.execute(_ERASE_OF_RECORDS, [generations, ids])
            records = cursor.rowcount
            cursor.execute(_ERASE, [ids])
        yield len(links), records
