"""What is due: each account's ids in the order in which they fell due, read a page at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from auditing.access import SYSTEM, acting_as

PAGE_SIZE = 500

# The inner part walks the index lookup_due (account, due_at, generation), whatever the statistics say, and
# the outer one fetches a page's ids by primary key. What was looked up in this run is due later than `until`,
# so that each id comes once.
_DUE_PAGE = """
SELECT page.generation_id, g.external_id, page.due_at
FROM (
    SELECT generation_id, due_at FROM auditing_lookup
    WHERE account_id = %(account)s AND due_at <= %(until)s
      AND (due_at, generation_id) > (%(after)s, %(after_id)s)
      AND (%(only)s::bigint[] IS NULL OR generation_id = ANY(%(only)s::bigint[]))
    ORDER BY due_at, generation_id LIMIT %(limit)s
) AS page JOIN auditing_generation AS g ON g.id = page.generation_id
ORDER BY page.due_at, page.generation_id
"""

# The same along the index lookup_account (account, generation).
_FORCED_PAGE = """
SELECT page.generation_id, g.external_id, NULL
FROM (
    SELECT generation_id FROM auditing_lookup
    WHERE account_id = %(account)s AND generation_id > %(after_id)s
      AND (%(only)s::bigint[] IS NULL OR generation_id = ANY(%(only)s::bigint[]))
    ORDER BY generation_id LIMIT %(limit)s
) AS page JOIN auditing_generation AS g ON g.id = page.generation_id AND g.registered_at <= %(until)s
ORDER BY page.generation_id
"""

_COUNT_DUE = """
SELECT count(*) FROM auditing_lookup
WHERE account_id = %(account)s AND due_at <= %(until)s
  AND (%(only)s::bigint[] IS NULL OR generation_id = ANY(%(only)s::bigint[]))
"""

_COUNT_FORCED = """
SELECT count(*)
FROM auditing_lookup AS l JOIN auditing_generation AS g ON g.id = l.generation_id
WHERE l.account_id = %(account)s AND g.registered_at <= %(until)s
  AND (%(only)s::bigint[] IS NULL OR l.generation_id = ANY(%(only)s::bigint[]))
"""

_NAMED = """
SELECT g.id FROM auditing_lookup AS l JOIN auditing_generation AS g ON g.id = l.generation_id
WHERE l.account_id = %s AND g.external_id = ANY(%s)
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
            cursor.execute(_COUNT_FORCED if self.force else _COUNT_DUE, self._places(cursor))
            return int(cursor.fetchone()[0])

    def pages(self, size: int = PAGE_SIZE) -> Iterator[list[DueId]]:
        """The ids, a short transaction a page, so that memory stays flat whatever the backlog."""
        after: datetime | str = "-infinity"
        after_id = 0
        query = _FORCED_PAGE if self.force else _DUE_PAGE
        while True:
            with acting_as(SYSTEM), connection.cursor() as cursor:
                places = {"after": after, "after_id": after_id, "limit": size, **self._places(cursor)}
                cursor.execute(query, places)
                rows = cursor.fetchall()
            if not rows:
                return
            yield [DueId(generation_id, external_id) for generation_id, external_id, _ in rows]
            after_id, _, after = rows[-1]

    def _places(self, cursor: CursorWrapper) -> dict[str, Any]:
        only = None
        if self.ids:
            cursor.execute(_NAMED, [self.account_id, list(self.ids)])
            only = [row[0] for row in cursor.fetchall()]
        return {"account": self.account_id, "until": self.until, "only": only}
