"""Keeps the ids that came in: new ones become generations that are due at once, known ones stay."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import batched
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from auditing.access import SYSTEM, acting_as
from auditing.intake.formats import Entry, Rejection
from auditing.models import Account, Membership

BATCH_SIZE = 10_000

_CREATE_INCOMING = """
CREATE TEMPORARY TABLE incoming (
    position integer, external_id text, owner_id bigint, project_id bigint
) ON COMMIT DROP
"""

# Sorted, so that two imports at the same time never wait for each other in a circle.
_REGISTER = """
WITH fresh AS (
    INSERT INTO auditing_generation
        (team_id, provider, external_id, account_id, owner_id, project_id, registered_at, flags)
    SELECT %(team)s, %(provider)s, external_id, %(account)s, owner_id, project_id, now(), '{}'
    FROM (SELECT DISTINCT ON (external_id) * FROM incoming ORDER BY external_id, position) AS first_of_each
    ORDER BY external_id
    ON CONFLICT (team_id, provider, external_id) DO NOTHING
    RETURNING id, owner_id
), watched AS (
    INSERT INTO auditing_lookup
        (generation_id, account_id, team_id, owner_id, due_at, reason, resting, attempts, denied_by)
    SELECT id, %(account)s, %(team)s, owner_id, now(), '', '', 0, '{}' FROM fresh
)
SELECT count(*) FROM fresh
"""

_PROJECTS = """
WITH named AS (SELECT DISTINCT unnest(%(names)s::text[]) AS name ORDER BY name),
made AS (
    INSERT INTO auditing_project (team_id, name) SELECT %(team)s, name FROM named
    ON CONFLICT (team_id, name) DO NOTHING RETURNING id, name
)
SELECT name, id FROM made
UNION ALL
SELECT name, id FROM auditing_project WHERE team_id = %(team)s AND name = ANY(%(names)s::text[])
"""


class UnknownOwner(ValueError):
    """A username that is nobody's in the account's team."""


@dataclass(slots=True)
class IntakeReport:
    """What became of the lines so far: ids that are new, were known already (twice in a file included), or
    lines that were rejected."""

    new: int = 0
    known: int = 0
    rejected: int = 0


class Intake:
    """Registers ids for one account; ids in its team, for its provider, due at once.

    An id's owner is the one its line names, else `owner`, else the account's own, else nobody. What is
    known already keeps its owner, project and account: coming in again never rewrites history.
    """

    def __init__(self, account: Account, owner: str | None = None) -> None:
        """Raises UnknownOwner when `owner` is nobody in the account's team."""
        self.account = account
        self.report = IntakeReport()
        with acting_as(SYSTEM):
            people = Membership.objects.filter(team_id=account.team_id).values_list(
                "user__username", "user_id"
            )
            self._people = {username.casefold(): user for username, user in people}
        self._owner_id = self._id_of(owner) if owner else account.owner_id
        self._projects: dict[str, int] = {}

    def register(self, found: Iterable[Entry | Rejection]) -> Iterator[Rejection]:
        """Register every entry, a batch a transaction, and give back each rejected line as it is met.

        A batch that was committed stays: starting over registers only what is left. `report` counts along.
        """
        for batch in batched(found, BATCH_SIZE, strict=False):
            yield from self._register_batch(batch)

    def _register_batch(self, batch: Iterable[Entry | Rejection]) -> list[Rejection]:
        entries: list[tuple[Entry, int | None]] = []
        rejections: list[Rejection] = []
        for item in batch:
            if isinstance(item, Rejection):
                rejections.append(item)
                continue
            try:
                entries.append((item, self._id_of(item.owner) if item.owner else self._owner_id))
            except UnknownOwner as error:
                rejections.append(Rejection(item.line, str(error)))
        new = self._insert(entries) if entries else 0
        self.report.new += new
        self.report.known += len(entries) - new
        self.report.rejected += len(rejections)
        return rejections

    def _id_of(self, username: str) -> int:
        try:
            return self._people[username.casefold()]
        except KeyError:
            raise UnknownOwner(
                f"owner: nobody in team {self.account.team.slug} is called {username[:100]!r};"
                " add_member makes them known"
            ) from None

    def _insert(self, entries: list[tuple[Entry, int | None]]) -> int:
        account = self.account
        places: dict[str, Any] = {
            "team": account.team_id,
            "provider": account.provider,
            "account": account.pk,
        }
        with acting_as(SYSTEM), connection.cursor() as cursor:
            self._know_projects(cursor, {entry.project for entry, _ in entries if entry.project})
            cursor.execute(_CREATE_INCOMING)
            with cursor.copy("COPY incoming FROM STDIN") as copy:
                for position, (entry, owner_id) in enumerate(entries):
                    project_id = self._projects[entry.project] if entry.project else None
                    copy.write_row((position, entry.external_id, owner_id, project_id))
            cursor.execute(_REGISTER, places)
            (new,) = cursor.fetchone()
            cursor.execute("DROP TABLE incoming")
        return int(new)

    def _know_projects(self, cursor: CursorWrapper, names: set[str]) -> None:
        unknown = sorted(names - self._projects.keys())
        if unknown:
            cursor.execute(_PROJECTS, {"names": unknown, "team": self.account.team_id})
            self._projects.update(cursor.fetchall())
