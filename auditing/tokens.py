"""Personal tokens: made, known again, revoked.

A token's text is `clip_`, then 43 random letters and digits (256 bits), then 6 of checksum:

    clip_4mVbT9…Xq0ZsW2Lr
    └ prefix, for people and scanners: the whole matches  clip_[0-9A-Za-z]{49}
         └ 43 characters of 0-9A-Za-z, drawn evenly: the secret
                  └ the CRC-32 of all before it in base 62 (0-9, A-Z, a-z), padded with 0 on the left

The checksum tells scanners for leaked secrets, and whoever mistyped, without asking us; it proves nothing.
The text is stored nowhere. The database has HMAC-SHA256(TOKEN_PEPPER, text), and the first characters to know
it again by.
"""

import hmac
import re
import secrets
import string
import zlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from psycopg.errors import UniqueViolation

from auditing import trail
from auditing.access import Bearer, those_who_see_everything
from auditing.models import LONGEST_LIFE, Membership, PersonalToken, Scope, Team, User

PREFIX = "clip_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
SECRET_LENGTH, CHECKSUM_LENGTH = 43, 6
SHOWN_LENGTH = len(PREFIX) + 4
USE_IS_NOTED_EVERY = timedelta(minutes=1)

_FORM = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{SECRET_LENGTH + CHECKSUM_LENGTH}}}", re.ASCII)


class NotMade(ValueError):
    """A token that can't be made: `field` says which of the arguments is in the way, the message why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A new token. Its text is here, and never again anywhere."""

    text: str = field(repr=False)
    token: PersonalToken


class Standing(StrEnum):
    """How a token stands."""

    VALID = "valid"
    REVOKED = "revoked"
    EXPIRED = "expired"
    SWITCHED_OFF = "switched off"  # its person no longer signs in
    LEFT_TEAM = "left team"  # its person is not of the team any more


class Why(StrEnum):
    """Why nobody is answered for a token: for the program and its log. Outside, all of it is one 401."""

    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    REVOKED = "revoked"
    EXPIRED = "expired"
    SWITCHED_OFF = "switched off"
    LEFT_TEAM = "left team"
    MISSING_SCOPE = "missing scope"


@dataclass(frozen=True, slots=True)
class TokenRefused:
    """A token that gives no access now; `token_id` where there is one of that text."""

    why: Why
    token_id: int | None = None


@dataclass(frozen=True, slots=True)
class HeldToken:
    """One of a person's tokens, and how it stands."""

    token: PersonalToken
    standing: Standing

    @property
    def scopes(self) -> list[Scope]:
        """What it is for, in the order in which scopes are offered."""
        return [scope for scope in Scope if scope in self.token.scopes]


def make_token(
    person: User,
    team: Team,
    name: str,
    scopes: Collection[Scope],
    lifetime: timedelta,
    now: datetime,
    draw: Callable[[str], str] = secrets.choice,
) -> MadeToken:
    """A token of this person for this team, which the caller knows to be one of theirs. Raises NotMade."""
    if not scopes:
        raise NotMade("scopes", "Choose at least one.")
    if not timedelta(0) < lifetime <= LONGEST_LIFE:
        raise NotMade("days", f"A token lives {LONGEST_LIFE.days} days at most.")
    text = _with_checksum(PREFIX + "".join(draw(ALPHABET) for _ in range(SECRET_LENGTH)))
    token = PersonalToken(
        person=person,
        team=team,
        name=name,
        scopes=[scope.value for scope in Scope if scope in scopes],
        prefix_shown=text[:SHOWN_LENGTH],
        digest=_digest(text),
        created_at=now,
        expires_at=now + lifetime,
    )
    try:
        with transaction.atomic():
            token.save(force_insert=True)
    except IntegrityError as refused:
        if not isinstance(refused.__cause__, UniqueViolation):
            raise
        raise NotMade("name", "One of your tokens has this name: revoke it first, or take another.") from None
    return MadeToken(text, token)


def bearer_of(text: str, scope: Scope, now: datetime) -> Bearer | TokenRefused:
    """Who acts with this text, if it is a token that stands now and was made for `scope`; else why not.

    Ask again for each request: nothing of the answer outlives it. Whatever the text, the work is the same:
    one HMAC, one comparison in constant time, and three statements, the last of which notes the use.
    """
    digest = _digest(text)
    with transaction.atomic():
        stored = _stored_under(digest)
        person = User.objects.filter(pk=stored.person_id if stored else 0).first()
        is_it = hmac.compare_digest(stored.digest if stored else bytes(len(digest)), digest)
        refused = _refusal(text, stored if is_it else None, person, scope, now)
        is_noted = _note_use(None if refused else stored, now)
        if refused or stored is None or person is None:
            return refused or TokenRefused(Why.UNKNOWN)
        if is_noted:
            trail.token_used(person, stored.prefix_shown, stored.team_id)
    return Bearer(
        person, stored.team_id, frozenset(map(Scope, stored.scopes)), stored.id, stored.prefix_shown
    )


def is_well_formed(text: str) -> bool:
    """Whether a text has the form of a token, checksum included."""
    return _FORM.fullmatch(text) is not None and text == _with_checksum(text[:-CHECKSUM_LENGTH])


def tokens_of(person: User, now: datetime) -> list[HeldToken]:
    """All that this person ever made, the newest first."""
    return [
        HeldToken(token, _standing(token, token.person, now))
        for token in _beside_their_people().filter(person=person)
    ]


def revoke(person: User, token_id: int, now: datetime) -> PersonalToken | None:
    """End this token of this person's, at once and for good; the token, if there was one to end."""
    tokens = PersonalToken.objects.filter(pk=token_id, person=person, revoked_at=None)
    token = tokens.first()
    return token if token and tokens.update(revoked_at=now) == 1 else None


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the database tells about a token to whoever knows its hash."""

    id: int
    person_id: int
    team_id: int
    digest: bytes
    prefix_shown: str
    scopes: list[str]
    expires_at: datetime
    revoked_at: datetime | None
    belongs: bool


def _stored_under(digest: bytes) -> _Stored | None:
    """The token with this digest: the one place that looks a token up, while nobody acts yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM auditing_token_under(%s)", [digest])
        row = cursor.fetchone()
    return _Stored(*row) if row else None


def _beside_their_people() -> QuerySet[PersonalToken]:
    """Tokens with their person and team, and with `belongs`: whether the person may see the team at all."""
    membership = Membership.objects.filter(user_id=OuterRef("person_id"), team_id=OuterRef("team_id"))
    everywhere = those_who_see_everything().filter(pk=OuterRef("person_id"))
    rows = PersonalToken.objects.select_related("person", "team")
    return rows.annotate(belongs=Exists(membership) | Exists(everywhere))


def _standing(token: PersonalToken | _Stored, person: User, now: datetime) -> Standing:
    belongs: bool = token.belongs  # type: ignore[union-attr]  # _beside_their_people
    if token.revoked_at is not None:
        return Standing.REVOKED
    if token.expires_at <= now:
        return Standing.EXPIRED
    if not person.is_active:
        return Standing.SWITCHED_OFF
    return Standing.VALID if belongs else Standing.LEFT_TEAM


def _refusal(
    text: str, stored: _Stored | None, person: User | None, scope: Scope, now: datetime
) -> TokenRefused | None:
    if stored is None or person is None:
        return TokenRefused(Why.UNKNOWN if is_well_formed(text) else Why.MALFORMED)
    standing = _standing(stored, person, now)
    if standing is not Standing.VALID:
        return TokenRefused(Why(standing.value), stored.id)
    return None if scope in stored.scopes else TokenRefused(Why.MISSING_SCOPE, stored.id)


def _note_use(stored: _Stored | None, now: datetime) -> bool:
    """Write down when it was used, at most once a minute; for no token, the same statement about none.

    Whether it was written, and so is to be told to the trail of people.

    Where another request is at it, that one's word is enough: nobody waits for a stream to end.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT auditing_note_token_use(%s, %s, make_interval(secs => %s))",
            [stored.id if stored else 0, now, USE_IS_NOTED_EVERY.total_seconds()],
        )
        return bool(cursor.fetchone()[0])


def _digest(text: str) -> bytes:
    return hmac.digest(settings.TOKEN_PEPPER, text.encode(errors="surrogatepass"), "sha256")


def _with_checksum(text: str) -> str:
    rest, digits = zlib.crc32(text.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        rest, digit = divmod(rest, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return text + digits
