"""How many requests a token has left: counted in PostgreSQL, so that all web processes count together."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.db import connection

from auditing.providers.times import iso

LIMIT = 60
WINDOW = timedelta(minutes=1)

# One statement a request: the row's lock settles races. A window begins with the first request after the one
# before ended, cut to the milliseconds that are published: whoever waits exactly until the reset is let
# through. A refused request does not count on, and never moves the reset.
_COUNT = """
INSERT INTO auditing_ratewindow AS present (token_id, opened_at, used)
VALUES (%(token)s, date_trunc('milliseconds', coalesce(%(now)s, clock_timestamp())), 1)
ON CONFLICT (token_id) DO UPDATE SET
    opened_at = CASE WHEN excluded.opened_at >= present.opened_at + %(window)s
                THEN excluded.opened_at ELSE present.opened_at END,
    used = CASE WHEN excluded.opened_at >= present.opened_at + %(window)s
           THEN 1 ELSE least(present.used, %(limit)s) + 1 END
RETURNING opened_at, used, coalesce(%(now)s, clock_timestamp())
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a token stands after a request: whether it is let through, and what is left until `resets_at`."""

    allowed: bool
    left: int
    resets_at: datetime
    now: datetime

    @property
    def reset_text(self) -> str:
        """The reset in ISO 8601 with milliseconds, as ReelBot writes it."""
        return iso(self.resets_at, timespec="milliseconds") or ""

    @property
    def headers(self) -> dict[str, str]:
        """What every answer says about the pace."""
        return {
            "X-RateLimit-Limit": str(LIMIT),
            "X-RateLimit-Remaining": str(self.left),
            "X-RateLimit-Reset": self.reset_text,
        }

    @property
    def retry_after(self) -> int:
        """Whole seconds to wait, at least one."""
        return max(1, ceil((self.resets_at - self.now).total_seconds()))


def count_request(token_id: int, now: datetime | None = None) -> Standing:
    """Count one request of this token, by the database's clock unless told the time.

    Call it in a transaction of its own: until that ends, the token's other requests wait for it.
    """
    values: dict[str, Any] = {"token": token_id, "now": now, "window": WINDOW, "limit": LIMIT}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        opened_at, used, counted_at = cursor.fetchone()
    return Standing(used <= LIMIT, max(0, LIMIT - used), opened_at + WINDOW, counted_at)
