"""Files that take long: whether who asked for one still sees all that they saw when it began."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import Error, connection
from psycopg import Error as DriverError

from auditing.access.acting import Bearer, SightLost, who_acts

LOST = "CL403"  # what `auditing_still_sees` raises


@dataclass(frozen=True, slots=True)
class Watch:
    """On what the acting person saw when they began to act: their `teams` (none for who sees everything),
    and by which token (None: by none)."""

    teams: tuple[int, ...]
    token_id: int | None

    @classmethod
    def begin(cls) -> "Watch":
        """On whoever acts now, for as long as they do."""
        person = who_acts()
        with connection.cursor() as cursor:
            cursor.execute("SELECT CASE WHEN auditing_everything() THEN NULL ELSE auditing_teams() END")
            (teams,) = cursor.fetchone()
        return cls(tuple(teams or ()), person.token_id if isinstance(person, Bearer) else None)

    @property
    def sql(self) -> str:
        """True for as long as nothing is lost, else SightLost; for `values`, anywhere in a statement."""
        return "auditing_still_sees(%s::bigint)"

    @property
    def values(self) -> tuple[int | None]:
        """What stands for the placeholders of `sql`."""
        return (self.token_id,)

    def look(self) -> None:
        """Raises SightLost, if by now something is lost; the transaction is of no use then."""
        with self.telling(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {self.sql}", self.values)

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Let the database's word for it be SightLost."""
        try:
            yield
        except (Error, DriverError) as fault:
            cause = fault if isinstance(fault, DriverError) else fault.__cause__
            if isinstance(cause, DriverError) and cause.sqlstate == LOST:
                raise SightLost(self.teams) from None
            raise
