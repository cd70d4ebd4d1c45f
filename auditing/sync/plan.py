"""What is due: each account's ids in the order in which they fell due, read a page at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from auditing.access import SYSTEM, acting_as

PAGE_SIZE = 500

# Walks the index lookup_due (account, due_at, generation): what was looked up in this run is due later
# than `until`, so that each id comes once.
_DUE_PAGE = """
SELECT l.generation_id, g.external_id, l.due_at
FROM auditing_lookup AS l JOIN auditing_generation AS g ON g.id = l.generation_id
WHERE l.account_id = %(account)s AND l.due_at <= %(until)s
  AND (l.due_at, l.generation_id) > (%(after)s, %(after_id)s)
  AND (%(ids)s::text[] IS NULL OR g.external_id = ANY(%(ids)s::text[]))
ORDER BY l.due_at, l.generation_id LIMIT %(limit)s
"""

# Walks the index lookup_account (account, generation).
_FORCED_PAGE = """
SELECT l.generation_id, g.external_id, NULL
FROM auditing_lookup AS l JOIN auditing_generation AS g ON g.id = l.generation_id
WHERE l.account_id = %(account)s AND l.generation_id > %(after_id)s AND g.registered_at <= %(until)s
  AND (%(ids)s::text[] IS NULL OR g.external_id = ANY(%(ids)s::text[]))
ORDER BY l.generation_id LIMIT %(limit)s
"""

_COUNT = """
SELECT count(*)
FROM auditing_lookup AS l JOIN auditing_generation AS g ON g.id = l.generation_id
WHERE l.account_id = %(account)s
  AND (CASE WHEN %(force)s THEN g.registered_at <= %(until)s ELSE l.due_at <= %(until)s END)
  AND (%(ids)s::text[] IS NULL OR g.external_id = ANY(%(ids)s::text[]))
"""


@dataclass(frozen=True, slots=True)
class DueId:
    """One id to look up."""

    generation_id: int
    external_id: str


@dataclass(frozen=True, slots=True)
class Due:
    """What a run asks of one account: what was due at `until`, or with `force` everything registered by
    then, in either case only `ids` where any are named."""

    account_id: int
    until: datetime
    ids: tuple[str, ...] = ()
    force: bool = False

    def count(self) -> int:
        """How many ids that is."""
        with acting_as(SYSTEM), connection.cursor() as cursor:
            cursor.execute(_COUNT, {**self._places(), "force": self.force})
            return int(cursor.fetchone()[0])

    def pages(self, size: int = PAGE_SIZE) -> Iterator[list[DueId]]:
        """The ids, a short transaction a page, so that memory stays flat whatever the backlog."""
        after: datetime | str = "-infinity"
        after_id = 0
        query = _FORCED_PAGE if self.force else _DUE_PAGE
        while True:
            with acting_as(SYSTEM), connection.cursor() as cursor:
                places = {**self._places(), "after": after, "after_id": after_id, "limit": size}
                cursor.execute(query, places)
                rows = cursor.fetchall()
            if not rows:
                return
            yield [DueId(generation_id, external_id) for generation_id, external_id, _ in rows]
            after_id, _, after = rows[-1]

    def _places(self) -> dict[str, Any]:
        return {"account": self.account_id, "until": self.until, "ids": list(self.ids) or None}
