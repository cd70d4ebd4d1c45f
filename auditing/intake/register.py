"""Keeps the ids that came in: new ones become generations that are due at once, known ones stay."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import batched
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from auditing.access import Person, accounts_to_add_to, acting_as, only_owner
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
    RETURNING id, owner_id, external_id
), watched AS (
    INSERT INTO auditing_lookup
        (generation_id, account_id, team_id, owner_id, due_at, reason, resting, attempts, denied_by)
    SELECT id, %(account)s, %(team)s, owner_id, now(), '', '', 0, '{}' FROM fresh
)
SELECT external_id FROM fresh
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


class MayNotAdd(ValueError):
    """An account for which this person may not register ids."""


class UnknownOwner(ValueError):
    """A username that is nobody's in the account's team, or of whom this person may not speak."""


@dataclass(frozen=True, slots=True)
class Registered:
    """An id that is kept: new with this line, or known already."""

    line: int
    provider: str
    external_id: str
    is_new: bool


@dataclass(slots=True)
class IntakeReport:
    """What became of the lines so far: ids that are new, were known already (twice in a file included), or
    lines that were rejected."""

    new: int = 0
    known: int = 0
    rejected: int = 0

    def __str__(self) -> str:
        return f"{self.new} new, {self.known} known, {self.rejected} rejected"


class Intake:
    """Registers ids for one account, for a person; ids in its team, for its provider, due at once.

    An id's owner is the one its line names, else `owner`, else the account's own, else nobody; what a member
    registers is always theirs (`access.only_owner`). What is known already keeps its owner, project and
    account: coming in again never rewrites history.
    """

    def __init__(self, account: Account, person: Person, owner: str | None = None) -> None:
        """The account comes with its team. Raises MayNotAdd, and UnknownOwner when `owner` can't be one."""
        self.account = account
        self.report = IntakeReport()
        self._person = person
        with acting_as(person):
            if not accounts_to_add_to(person).filter(pk=account.pk).exists():
                raise MayNotAdd(f"account: you may not register ids for {account.label}")
            self._only = only_owner(person, account.team_id)
            self._people = {self._only.username.casefold(): self._only.pk} if self._only else self._team()
        self._owner_id = self._only.pk if self._only else account.owner_id
        if owner:
            self._owner_id = self._id_of(owner)
        self._projects: dict[str, int] = {}

    def register(self, found: Iterable[Entry | Rejection]) -> Iterator[Rejection]:
        """Register every entry, a batch a transaction, and give back each rejected line as it is met.

        A batch that was committed stays: starting over registers only what is left. `report` counts along.
        """
        return (result for result in self.results(found) if isinstance(result, Rejection))

    def results(self, found: Iterable[Entry | Rejection]) -> Iterator[Registered | Rejection]:
        """As `register`, with what became of every line, in the order in which they came."""
        for batch in batched(found, BATCH_SIZE, strict=False):
            yield from self._register_batch(batch)

    def _register_batch(self, batch: Iterable[Entry | Rejection]) -> list[Registered | Rejection]:
        owned = [self._owned(item) for item in batch]
        entries = [item for item in owned if not isinstance(item, Rejection)]
        fresh = self._insert(entries) if entries else set()
        self.report.new += len(fresh)
        self.report.known += len(entries) - len(fresh)
        self.report.rejected += len(owned) - len(entries)
        return [item if isinstance(item, Rejection) else self._kept(item[0], fresh) for item in owned]

    def _owned(self, item: Entry | Rejection) -> tuple[Entry, int | None] | Rejection:
        if isinstance(item, Rejection):
            return item
        try:
            return item, self._id_of(item.owner) if item.owner else self._owner_id
        except UnknownOwner as error:
            return Rejection(item.line, str(error))

    def _kept(self, entry: Entry, fresh: set[str]) -> Registered:
        """Of an id that is new and came twice, the first is."""
        is_new = entry.external_id in fresh
        fresh.discard(entry.external_id)
        return Registered(entry.line, self.account.provider, entry.external_id, is_new)

    def _team(self) -> dict[str, int]:
        people = Membership.objects.filter(team_id=self.account.team_id)
        return {name.casefold(): key for name, key in people.values_list("user__username", "user_id")}

    def _id_of(self, username: str) -> int:
        try:
            return self._people[username.casefold()]
        except KeyError:
            if self._only:
                raise UnknownOwner(
                    "owner: a member registers ids as their own only; a manager may for others"
                ) from None
            raise UnknownOwner(
                f"owner: nobody in team {self.account.team.slug} is called {username[:100]!r};"
                " add_member makes them known"
            ) from None

    def _insert(self, entries: list[tuple[Entry, int | None]]) -> set[str]:
        """Register these, and give back the ids that are new."""
        account = self.account
        places: dict[str, Any] = {
            "team": account.team_id,
            "provider": account.provider,
            "account": account.pk,
        }
        with acting_as(self._person), connection.cursor() as cursor:
            self._know_projects(cursor, {entry.project for entry, _ in entries if entry.project})
            cursor.execute(_CREATE_INCOMING)
            with cursor.copy("COPY incoming FROM STDIN") as copy:
                for position, (entry, owner_id) in enumerate(entries):
                    project_id = self._projects[entry.project] if entry.project else None
                    copy.write_row((position, entry.external_id, owner_id, project_id))
            cursor.execute(_REGISTER, places)
            fresh = {external_id for (external_id,) in cursor.fetchall()}
            cursor.execute("DROP TABLE incoming")
        return fresh

    def _know_projects(self, cursor: CursorWrapper, names: set[str]) -> None:
        unknown = sorted(names - self._projects.keys())
        if unknown:
            cursor.execute(_PROJECTS, {"names": unknown, "team": self.account.team_id})
            self._projects.update(cursor.fetchall())
