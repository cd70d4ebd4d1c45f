"""Who may see what: the one place that says 403 or 404, and that sets who acts in the database."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import cast

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.fetch_modes import FETCH_RAISE
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from auditing.models import VIEW_EVERYTHING, Account, Generation, Membership, Role, RunPart, Team, User
from auditing.providers import PROVIDERS
from auditing.records import Outcome


class System(Enum):
    """Who acts when no person does: commands and scheduled work."""

    SYSTEM = "system"


SYSTEM = System.SYSTEM
Person = User | AnonymousUser | System

TEAM_WIDE = (Role.AUDITOR, Role.MANAGER)

_acting: ContextVar[Person | None] = ContextVar("acting", default=None)


class NobodyActs(RuntimeError):
    """Audited rows were asked for outside `acting_as`: a mistake in the program, never in its use."""


@contextmanager
def acting_as(person: Person) -> Iterator[None]:
    """One transaction in which this person (or the system) acts; the database is told who it is.

    The setting `clipledger.person` lives as long as the transaction: a user's id, or `system`, or empty
    for a visitor who has not signed in. Streams stay inside theirs (`ActingMiddleware`).
    """
    with transaction.atomic():
        name = person.value if isinstance(person, System) else str(person.pk or "")
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('clipledger.person', %s, true)", [name])
        token = _acting.set(person)
        try:
            yield
        finally:
            _acting.reset(token)


def _checked(person: Person) -> None:
    if _acting.get() is None:
        raise NobodyActs("read audited rows inside access.acting_as(…)")
    if isinstance(person, AnonymousUser):
        raise NobodyActs("nobody has signed in")


def _id_of(person: Person) -> int:
    """The person's id; 0, which no row has, for anybody without one."""
    return person.pk if isinstance(person, User) else 0


def sees_everything(person: Person) -> bool:
    """True for the system, superusers and site auditors."""
    if isinstance(person, System):
        return True
    return person.is_active and (person.is_superuser or person.has_perm(VIEW_EVERYTHING))


@dataclass(frozen=True, slots=True)
class Sight:
    """What one person may see: `everything`, whole teams, and their own records in other teams."""

    everything: bool
    whole_teams: tuple[int, ...] = ()
    own_in_teams: tuple[int, ...] = ()

    @property
    def teams(self) -> tuple[int, ...]:
        """Every team of which at least a part may be seen."""
        return self.whole_teams + self.own_in_teams


def sight_of(person: Person) -> Sight:
    """What this person may see, in one query (none for those who see everything)."""
    _checked(person)
    if sees_everything(person):
        return Sight(everything=True)
    roles = dict(Membership.objects.filter(user_id=_id_of(person)).values_list("team_id", "role"))
    return Sight(
        everything=False,
        whole_teams=tuple(sorted(team for team, role in roles.items() if role in TEAM_WIDE)),
        own_in_teams=tuple(sorted(team for team, role in roles.items() if role not in TEAM_WIDE)),
    )


def visible_to(person: Person) -> QuerySet[Generation]:
    """The generations this person may see; the start of every read of audited rows.

    Rows come without lazy loading: what a page shows must be asked for with select_related.
    """
    return _generations(person, sight_of(person))


def _generations(person: Person, sight: Sight) -> QuerySet[Generation]:
    rows = Generation.objects.all().fetch_mode(FETCH_RAISE)
    if sight.everything:
        return rows
    own = Q(team_id__in=sight.own_in_teams, owner_id=_id_of(person))
    if not sight.whole_teams:
        return rows.filter(own)
    whole = Q(team_id__in=sight.whole_teams)
    return rows.filter(whole | own) if sight.own_in_teams else rows.filter(whole)


def visible_teams(person: Person) -> QuerySet[Team]:
    """The teams this person may know of: all, or those they belong to."""
    sight = sight_of(person)
    return Team.objects.all() if sight.everything else Team.objects.filter(pk__in=sight.teams)


def visible_accounts(person: Person) -> QuerySet[Account]:
    """The accounts whose health this person may see: of teams they see whole, and their own keys."""
    sight = sight_of(person)
    rows = Account.objects.all().fetch_mode(FETCH_RAISE)
    if sight.everything:
        return rows
    return rows.filter(Q(team_id__in=sight.whole_teams) | Q(team_id__in=sight.teams, owner_id=_id_of(person)))


def visible_run_parts(person: Person) -> QuerySet[RunPart]:
    """The accounts' parts of runs that this person may see: those of the accounts they may see."""
    sight = sight_of(person)
    rows = RunPart.objects.all().fetch_mode(FETCH_RAISE)
    if sight.everything:
        return rows
    return rows.filter(
        Q(team_id__in=sight.whole_teams) | Q(team_id__in=sight.teams, account__owner_id=_id_of(person))
    )


def refreshable_accounts(person: Person) -> QuerySet[Account]:
    """The accounts this person may have synced at once: of teams they manage; for superusers all of them.

    Site auditors see every account and may ask for none: they read.
    """
    _checked(person)
    rows = Account.objects.all().fetch_mode(FETCH_RAISE)
    if _may_change_everything(person):
        return rows
    managed = Membership.objects.filter(user_id=_id_of(person), role=Role.MANAGER).values("team_id")
    return rows.filter(team_id__in=managed)


def may_refresh_account(person: Person, account: Account) -> bool:
    """Whether this person may have the account synced at once."""
    return refreshable_accounts(person).filter(pk=account.pk).exists()


def may_refresh(person: Person, generation: Generation) -> bool:
    """Whether this person may have a record that they see looked up at once: a member their own, a manager
    every one of the team. Auditors of the team and site auditors read."""
    _checked(person)
    if _may_change_everything(person):
        return True
    memberships = Membership.objects.filter(user_id=_id_of(person), team_id=generation.team_id)
    role = memberships.values_list("role", flat=True).first()
    return role == Role.MANAGER or (role == Role.MEMBER and generation.owner_id == _id_of(person))


def _may_change_everything(person: Person) -> bool:
    """True for the system and superusers."""
    return isinstance(person, System) or (person.is_active and person.is_superuser)


class Refused(Exception):
    """A record that this person gets no sight of: `http_status` and `text` are the provider's own words."""

    def __init__(self, http_status: int, text: str) -> None:
        super().__init__(text)
        self.http_status = http_status
        self.text = text


def records_of_id(
    person: Person, provider_key: str, external_id: str, related: Iterable[str] = ()
) -> list[Generation]:
    """Every record of this id that the person may see, the one whose lookup is `ok` first.

    Raises Refused as the provider would: NanoBanana says 403 for what exists and isn't theirs, ReelBot 404
    for both, with the same queries either way; a missing id is 404 for both.
    """
    provider = PROVIDERS.get(provider_key)
    if provider is None:
        raise Refused(404, "There is no such provider")
    looked_up_well = Case(
        When(lookup__outcome=Outcome.OK, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    rows = list(
        visible_to(person)
        .filter(provider=provider_key, external_id=external_id)
        .select_related("team", "lookup", *related)
        .order_by(looked_up_well, "team__slug")
    )
    if rows:
        return rows
    if provider.refusal.http_status == 403 and _exists(provider_key, external_id):
        raise Refused(provider.refusal.http_status, provider.refusal.text)
    raise Refused(404, provider.missing_text)


def _exists(provider_key: str, external_id: str) -> bool:
    """Whether any team registered this id. Asked only to choose between 403 and 404."""
    return Generation.objects.filter(provider=provider_key, external_id=external_id).exists()


class ActingMiddleware:
    """Runs every request inside `acting_as(request.user)`, to the end of its answer, streams included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer inside one transaction; a streamed answer opens its own for as long as it streams.

        A view marked `acts_itself` is left alone: it waits for another host, which no transaction may do,
        and opens `acting_as` around its own reads.
        """
        if _acts_itself(request):
            return self.get_response(request)
        person = request.user
        with acting_as(person):
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        if isinstance(response, StreamingHttpResponse):
            content = cast(Iterator[bytes], response.streaming_content)
            response.streaming_content = _stream_as(person, content)
        return response


def _acts_itself(request: HttpRequest) -> bool:
    try:
        return getattr(resolve(request.path_info).func, "acts_itself", False)
    except Resolver404:
        return False


def _stream_as(person: Person, content: Iterator[bytes]) -> Iterator[bytes]:
    with acting_as(person):
        yield from content
