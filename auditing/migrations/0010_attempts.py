"""The table in which attempts to sign in are counted, by Django's database cache (`config/throttle.py`)."""

from django.db import migrations

MAKE = """
CREATE TABLE clipledger_attempts (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX clipledger_attempts_expires ON clipledger_attempts (expires);
GRANT SELECT, INSERT, UPDATE, DELETE ON clipledger_attempts TO clipledger_web;
"""


class Migration(migrations.Migration):
    dependencies = [("auditing", "0009_trail")]
    operations = [migrations.RunSQL(MAKE, "DROP TABLE clipledger_attempts;")]
