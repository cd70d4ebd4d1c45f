"""The SQL that the store stage counts on, in one place.

Each batch travels as one JSON parameter: the server takes it apart (json_to_recordset), which costs this
process a tenth of binding every value. All joins are by primary key.
"""

from typing import Any

import msgspec
from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper

from auditing.records import Outcome

_COLUMN_TYPES = {
    "status": "text",
    "provider_status": "text",
    "title": "text",
    "description": "text",
    "mode": "text",
    "resolution": "text",
    "duration_milliseconds": "bigint",
    "output_url": "text",
    "output_key": "text",
    "thumbnail_url": "text",
    "credits_thousandths": "bigint",
    "credits_basis": "text",
    "message": "text",
    "error": "text",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
    "processing_started_at": "timestamptz",
    "processing_completed_at": "timestamptz",
}
RECORD_COLUMNS = tuple(_COLUMN_TYPES)
COUNTED = tuple(Outcome)

LOCK_CHAIN = "SELECT sequence, hash FROM auditing_chainhead WHERE account_id = %s FOR UPDATE"

LOCK_STATES = """
SELECT l.generation_id, g.external_id, l.team_id, l.owner_id, l.outcome, l.attempts, l.looked_up_at,
       l.synced_at, l.final_seen_at, l.seen_digest, l.denied_by, g.account_id, g.status,
       g.credits_thousandths, greatest(g.credits_most_thousandths, g.credits_thousandths), g.flags,
       least(g.created_at, g.registered_at)
FROM auditing_lookup AS l JOIN auditing_generation AS g ON g.id = l.generation_id
WHERE l.generation_id = ANY(%s) ORDER BY l.generation_id FOR UPDATE OF l
"""

# What differs, once for both: a record, and the observation that keeps what the provider said.
STORE_CHANGED = f"""
WITH said AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%s::json) AS r(
        generation_id bigint, {", ".join(f"{name} {kind}" for name, kind in _COLUMN_TYPES.items())},
        flags text[], payload jsonb, sequence bigint, team_id bigint, owner_id bigint,
        observed_at timestamptz, http_status smallint, payload_salt text, payload_digest text,
        previous_hash text, hash text)
), linked AS (
    INSERT INTO auditing_observation (account_id, sequence, generation_id, team_id, owner_id, observed_at,
        http_status, payload, payload_salt, payload_digest, previous_hash, hash)
    SELECT %s, sequence, generation_id, team_id, owner_id, observed_at, http_status, payload,
        decode(payload_salt, 'hex'), decode(payload_digest, 'hex'), decode(previous_hash, 'hex'),
        decode(hash, 'hex')
    FROM said
)
UPDATE auditing_generation AS g
SET {", ".join(f"{name} = said.{name}" for name in RECORD_COLUMNS)},
    credits_most_thousandths =
        greatest(g.credits_most_thousandths, g.credits_thousandths, said.credits_thousandths),
    flags = said.flags, payload = said.payload
FROM said WHERE g.id = said.generation_id
"""  # noqa: S608 - the names are this module's own

MOVE_CHAIN = "UPDATE auditing_chainhead SET sequence = %s, hash = %s WHERE account_id = %s"

# What is at rest keeps no time of creation; where that changes, the database sees to it.
UPDATE_LOOKUPS = """
UPDATE auditing_lookup AS l
SET account_id = r.account_id, denied_by = r.denied_by, outcome = r.outcome, http_status = r.http_status,
    reason = r.reason, looked_up_at = r.looked_up_at, synced_at = r.synced_at, due_at = r.due_at,
    resting = r.resting, attempts = r.attempts, final_seen_at = r.final_seen_at,
    seen_digest = decode(r.seen_digest, 'hex'),
    created_at = CASE WHEN r.is_said AND r.due_at IS NOT NULL THEN r.created_at ELSE l.created_at END
FROM json_to_recordset(%s::json) AS r(
    generation_id bigint, account_id bigint, denied_by bigint[], outcome text, http_status smallint,
    reason text, looked_up_at timestamptz, synced_at timestamptz, due_at timestamptz, resting text,
    attempts integer, final_seen_at timestamptz, seen_digest text, is_said boolean, created_at timestamptz)
WHERE l.generation_id = r.generation_id
"""

# The account that was answered 200 is the record's from then on.
MOVE_RECORDS = "UPDATE auditing_generation SET account_id = %s WHERE id = ANY(%s)"

COUNT_PART = f"""
UPDATE auditing_runpart
SET {", ".join(f"{outcome} = {outcome} + %s" for outcome in COUNTED)},
    not_reached = greatest(not_reached - %s, 0), changed = changed + %s, bytes = bytes + %s
WHERE run_id = %s AND account_id = %s
"""  # noqa: S608 - the names are this module's own

ACCOUNT_WAS_OK = "UPDATE auditing_account SET last_ok_at = now() WHERE id = %s"

# With the answers, not at the turn's end: a run that is killed in between must not send too early after it.
BLOCK_ACCOUNT = "UPDATE auditing_account SET blocked_until = greatest(blocked_until, %s) WHERE id = %s"


def send(sql: str, rows: list[dict[str, Any]], *others: Any) -> None:
    """Execute it with these rows as its JSON, beside it: Django's way is to quote values into the statement,
    and most of a megabyte is then escaped here and scanned there."""
    beside = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]  # the stubs know no psycopg
    with CursorWrapper(beside, connection) as cursor:
        cursor.execute(sql, [msgspec.json.encode(rows).decode(), *others])
