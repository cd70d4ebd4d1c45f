"""Who acts: a person, a bearer of their token, or the system; said to the database, one transaction each."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import cast

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.db import DataError, ProgrammingError, connection, transaction
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from psycopg.errors import UndefinedFunction

from auditing import trail
from auditing.access.standing import noting_of
from auditing.models import Scope, User
from auditing.origin import current

log = logging.getLogger(__name__)

LONGEST_NAME = 63  # PostgreSQL's NAMEDATALEN - 1
TELL = """SELECT set_config('role', %s, true), set_config('application_name', %s, true),
    auditing_act(%s, %s), set_config('max_parallel_workers_per_gather',
        CASE %s WHEN 'clipledger_web' THEN '0'
            ELSE current_setting('max_parallel_workers_per_gather') END, true)"""


class System(Enum):
    """Who acts when no person does: commands and scheduled work."""

    SYSTEM = "system"


SYSTEM = System.SYSTEM


@dataclass(frozen=True, slots=True)
class Bearer:
    """A program with a token (`tokens.bearer_of`): sees what the token's person sees, in its one team.

    What it may do with that, `scopes` say; whoever answers it asks them. `prefix` is the token's public part.
    """

    user: User
    team_id: int
    scopes: frozenset[Scope]
    token_id: int
    prefix: str = ""


# The database's roles (config/postgres/roles.sql).
WEB, WORKER = "clipledger_web", "clipledger_worker"

Person = User | AnonymousUser | System | Bearer

_acting: ContextVar[Person | None] = ContextVar("acting", default=None)


class SightLost(Exception):
    """While a file was being sent its person left a team, was switched off or given a lesser role, or the
    token was revoked or expired: no more of it may be sent. `teams` are those it had rows of."""

    def __init__(self, teams: tuple[int, ...]) -> None:
        super().__init__("who asked for this file does not see all of it any more")
        self.teams = teams


class NobodyActs(RuntimeError):
    """Audited rows were asked for outside `acting_as`: a mistake in the program, never in its use."""


@contextmanager
def acting_as(person: Person, *, at_one_moment: bool = False) -> Iterator[None]:
    """One transaction in which this person (or the system) acts; the database is told who it is.

    For as long as the transaction lives, its role is the dashboard's (for the system: the worker's), the
    setting `clipledger.person` is a user's id, or `system`, or empty for a visitor who has not signed in, and
    `clipledger.team` is the id of a bearer's team, empty for everybody else. Row-level security goes by
    these. `application_name` is ours, with the number of the request or job behind it. Inside another's
    `acting_as` they are the inner one's until it ends. Streams stay inside theirs
    (`ActingMiddleware`). `at_one_moment` every statement reads what the first one does (inside another
    transaction: as that one reads), so that numbers of several of them fit each other.
    """
    before, is_outermost = _acting.get(), not connection.in_atomic_block
    with transaction.atomic():
        if at_one_moment and is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        _tell_the_database(person)
        token = _acting.set(person)
        try:
            with noting_of(id_of(person)):
                yield
        finally:
            _acting.reset(token)
        if before is not None and before is not person:
            _tell_the_database(before)  # a savepoint that is kept keeps its settings; one undone undoes them


def _tell_the_database(person: Person) -> None:
    role = WORKER if isinstance(person, System) else WEB
    name = person.value if isinstance(person, System) else str(id_of(person) or "")
    team = str(person.team_id) if isinstance(person, Bearer) else ""
    with connection.cursor() as cursor:
        try:
            cursor.execute(TELL, [role, _application_name(), name, team, role])
        except (DataError, ProgrammingError) as refused:
            if isinstance(refused.__cause__, UndefinedFunction):
                raise ImproperlyConfigured(
                    "The database has no tables of this version of Clipledger yet: run migrate first."
                ) from refused
            raise ImproperlyConfigured(
                f"The database does not let this process work as {role}: {str(refused).strip()}. The README"
                " says which roles Clipledger signs in as (config/postgres/roles.sql makes them)."
            ) from refused


def _application_name() -> str:
    """Ours, and behind it the number of the request or job, as PostgreSQL's log and activities show it."""
    usual = str(connection.settings_dict["OPTIONS"].get("application_name", ""))
    return f"{usual} {current().name}".strip()[:LONGEST_NAME]


def is_acting() -> bool:
    """Whether this runs inside `acting_as`."""
    return _acting.get() is not None


def who_acts() -> Person:
    """Who acts now. Raises NobodyActs outside `acting_as`, and for a visitor who has not signed in."""
    person = _acting.get() or AnonymousUser()
    checked(person)
    return person


def checked(person: Person) -> None:
    """Raises NobodyActs outside `acting_as`, and for a visitor who has not signed in."""
    if _acting.get() is None:
        raise NobodyActs("read audited rows inside access.acting_as(…)")
    if isinstance(person, AnonymousUser):
        raise NobodyActs("nobody has signed in")


def id_of(person: Person) -> int:
    """The person's id, for a bearer the token's person's; 0, which no row has, for anybody without one."""
    if isinstance(person, Bearer):
        return person.user.pk
    return person.pk if isinstance(person, User) else 0


class ActingMiddleware:
    """Runs every request inside `acting_as(request.user)`, to the end of its answer, streams included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer inside one transaction; a streamed answer opens its own for as long as it streams.

        A view marked `acts_itself` is left alone: it waits for another host, which no transaction may do,
        and opens `acting_as` around its own reads. One marked `reads_one_moment` does, where it only reads.
        """
        view = _view_of(request)
        if getattr(view, "acts_itself", False):
            return self.get_response(request)
        at_one_moment = request.method in ("GET", "HEAD") and getattr(view, "reads_one_moment", False)
        person = request.user
        with acting_as(person, at_one_moment=at_one_moment):
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        if isinstance(response, StreamingHttpResponse):
            stream_as(person, response)
        return response


def _view_of(request: HttpRequest) -> Callable[..., object] | None:
    try:
        return resolve(request.path_info).func
    except Resolver404:
        return None


def stream_as(person: Person, response: StreamingHttpResponse) -> None:
    """Let this person act, in a transaction of the stream's own, for as long as the answer streams."""
    response.streaming_content = _streamed(person, cast(Iterator[bytes], response.streaming_content))


def _streamed(person: Person, content: Iterator[bytes]) -> Iterator[bytes]:
    try:
        with acting_as(person):
            yield from content
    except SightLost as lost:
        tell_of_broken_off(person, lost)
        raise


def tell_of_broken_off(person: Person, lost: SightLost) -> None:
    """Tell the log and the trail that a file's person lost the right to it; the teams are told of whose rows
    it was."""
    user = person.user if isinstance(person, Bearer) else person
    if isinstance(user, User):
        log.warning("a file was broken off: %s no longer sees all of it", user.get_username())
        with acting_as(person):
            trail.export_broken_off(user, lost.teams, person.prefix if isinstance(person, Bearer) else "")
