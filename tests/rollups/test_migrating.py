"""Rows that were there before rollups are in them, with what they cost at their most."""

import pytest
from django.core.management import call_command

from tests.rollups.rows import differences, sql

# A job whose credits fell from 9 to 2 by way of unknown, one whose credits rose, and one that never changed.
BEFORE = """
WITH team AS (INSERT INTO auditing_team (slug, name) VALUES ('old', 'Old') RETURNING id),
account AS (
    INSERT INTO auditing_account (provider, label, team_id, base_url, added_at, notice)
    SELECT 'nanobanana', 'old', id, 'https://x.example', now(), '' FROM team RETURNING id, team_id
), made AS (
    INSERT INTO auditing_generation (team_id, provider, external_id, account_id, registered_at, status,
        credits_thousandths, credits_basis, created_at, flags)
    SELECT team_id, 'nanobanana', job.name, id, now(), 'failed', job.charged, 'reported', '2026-05-05',
        job.flags
    FROM account, (VALUES
        ('fell', 2000, ARRAY['changed_after_completion', 'credits_changed', 'unknown_status']),
        ('rose', 8000, ARRAY['credits_changed']), ('same', 5000, '{}')
    ) AS job(name, charged, flags)
    RETURNING id, team_id, account_id, external_id
)
INSERT INTO auditing_observation (generation_id, team_id, account_id, sequence, observed_at, http_status,
    payload, payload_salt, payload_digest, previous_hash, hash)
SELECT made.id, team_id, account_id, row_number() OVER (), now(), 200,
    jsonb_build_object('video', jsonb_build_object('credits_used', seen.charged)), '', '', '', ''
FROM made JOIN (VALUES
    ('fell', 7), ('fell', 9), ('fell', NULL), ('fell', 2), ('rose', 4), ('rose', 8), ('same', 5)
) AS seen(name, charged) ON seen.name = external_id
"""


@pytest.mark.usefixtures("committed_db")
def test_rows_of_before_count_from_the_first_moment_on() -> None:
    call_command("migrate", "auditing", "0031_walls_as_filters", verbosity=0)
    sql(BEFORE)
    call_command("migrate", verbosity=0)
    kept = sql(
        "SELECT external_id::text, credits_most_thousandths, flags::text[]"
        " FROM auditing_generation ORDER BY 1"
    )
    assert kept == [
        ("fell", 9000, ["changed_after_completion", "credits_changed", "refunded", "unknown_status"]),
        ("rose", None, ["credits_changed"]),
        ("same", None, []),
    ]
    totals = sql(
        "SELECT sum(jobs)::int, sum(credits)::int, sum(credits_most)::int, sum(refunded)::int"
        " FROM auditing_rollup GROUP BY cuboid"
    )
    assert set(totals) == {(3, 15_000, 22_000, 1)}
    assert differences() == []
