"""Where attempts to sign in are counted: in the database, so that all processes count together.

`CACHE_URL` may name another shared place. Memory of one process won't do: with four of them, everybody would
have four times the attempts. The table is made by a migration.
"""

from typing import Any

import environ

# An entry for each address and name that was tried lately. Beyond this, a third is dropped by chance: it must
# be far more than the limits below let anybody make, or who makes many could have their own dropped.
MOST_ENTRIES = 200_000

# allauth's counters: so many in a time, for each address (ip) or name (key) or person (user).
LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,100/h/ip,5/5m/key",
    "reset_password": "10/m/ip,3/15m/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}


def caches(url: str) -> dict[str, dict[str, Any]]:
    """Django's CACHES: the one at the address, else PostgreSQL's table."""
    if url:
        return {"default": environ.Env.cache_url_config(url)}
    table = "django.core.cache.backends.db.DatabaseCache"
    options = {"MAX_ENTRIES": MOST_ENTRIES}
    return {"default": {"BACKEND": table, "LOCATION": "clipledger_attempts", "OPTIONS": options}}
