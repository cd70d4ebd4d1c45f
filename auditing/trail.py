"""Writes the trail of people: each function tells of one act, in the transaction of the act itself.

Whose managers are shown an entry is settled here, when it is written, and never again:

- What was done with a team's record, account, token or membership is told to that team.
- What a person did by themselves (signing in, being refused) is told to each team that they were in: one
  entry a team, so that it stays there when they leave. Who is in no team has one entry that belongs to none.
- A refusal says what was asked for, and neither whether it exists nor whose it is: the same words, the same
  columns, the same one statement for a record of another team and for one that is nowhere. So a manager
  learns from the trail what their people tried, and nothing of other teams; and the other team does not
  learn that somebody else knows an id of theirs. Who may see the record finds it at the address that is told.
- An export of several teams' rows is told to each of them without its filter, which may name what belongs to
  another; the whole is in one entry more, that belongs to no team.

Site auditors and superusers are shown all of it (`access.visible_trail`).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from auditing.models import Account, Act, Generation, Membership, User
from auditing.origin import current
from auditing.trail_words import Asked, Change, Of

__all__ = ["Asked", "Change", "Of"]

MAX_ASKED = 500
MAX_ID = 255
MAX_RESULT = 300

_COLUMNS = """INSERT INTO auditing_trailentry
    (act, team_id, owner_id, provider, external_id, asked, result, account_id, token, address, request_id)"""
_VALUES = """%(act)s, their.team_id, %(owner)s::bigint, %(provider)s, %(external_id)s, %(asked)s, %(result)s,
    %(account)s::bigint, %(token)s, %(address)s::inet, %(request_id)s"""
_FOR_TEAMS = f"{_COLUMNS} SELECT {_VALUES} FROM unnest(%(teams)s::bigint[]) AS their (team_id)"  # noqa: S608
_FOR_TEAMS_OF_OWNER = f"""{_COLUMNS} SELECT {_VALUES} FROM (
    SELECT id FROM auditing_teams_of(%(owner)s::bigint) AS team (id)
    UNION ALL
    SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM auditing_teams_of(%(owner)s::bigint))
) AS their (team_id)"""  # noqa: S608 - constants of this module
_FOR_RECORDS = """INSERT INTO auditing_trailentry
    (act, team_id, owner_id, provider, external_id, asked, result, token, address, request_id)
SELECT %(act)s, team_id, %(owner)s::bigint, provider, external_id, asked, %(result)s, '', %(address)s::inet,
    %(request_id)s
FROM unnest(%(teams)s::bigint[], %(providers)s::text[], %(ids)s::text[], %(asked)s::text[])
    AS record (team_id, provider, external_id, asked)"""
_ONCE = " ON CONFLICT DO NOTHING"


def signed_in(person: User) -> None:
    """This person has signed in."""
    _tell(Act.SIGNED_IN, person)


def sign_in_failed(name: str) -> None:
    """Somebody gave a wrong password, or a name that nobody has.

    What they typed is not kept: people type passwords into the wrong field.
    """
    match = Q(username__iexact=name) | Q(email__iexact=name) if name and "\0" not in name else Q(pk=None)
    _tell(Act.SIGN_IN_FAILED, User.objects.filter(match).order_by("pk").first(), result="refused")


def signed_out(person: User) -> None:
    """This person has signed out."""
    _tell(Act.SIGNED_OUT, person)


def refused(person: User, asked: Asked, token: str = "") -> None:
    """This person was answered 403 or 404; which of the two is not told (see above)."""
    _tell(Act.REFUSED, person, asked=asked, result="refused", token=token)


def viewed(person: User, generation: Generation) -> None:
    """This person opened a record's page."""
    _tell_of_record(Act.VIEWED, person, generation)


def download_asked(person: User, generation: Generation) -> None:
    """This person asked for a link to a record's video; told before the provider is asked."""
    _tell_of_record(Act.DOWNLOAD_ASKED, person, generation)


def refresh_of_record_asked(person: User, generation: Generation) -> None:
    """This person asked for a record to be looked up at once."""
    _tell_of_record(Act.REFRESH_ASKED, person, generation)


def refresh_of_account_asked(person: User, account: Account) -> None:
    """This person asked for an account's turn."""
    _tell_of_account(Act.REFRESH_ASKED, person, account)


def exported(person: User | None, file: str, query: str, team_ids: Iterable[int]) -> None:
    """This person asks for a file of rows of these teams (none: of any team); told before its first byte.
    Nobody (None) is a command on the server."""
    teams, whole = sorted(team_ids), Asked(words=f"{file}?{query}" if query else file)
    if len(teams) > 1:
        _tell(Act.EXPORTED, person, teams=teams, asked=Asked(words=file), result="part of a larger file")
        teams = []
    _tell(Act.EXPORTED, person, teams=teams or [None], asked=whole)


def export_fetched(person: User, file: str, team_ids: Iterable[int]) -> None:
    """This person fetches a file that was made for them, of rows of these teams (none: of any team)."""
    _tell(Act.EXPORT_FETCHED, person, teams=sorted(team_ids) or [None], asked=Asked(words=file))


def export_broken_off(person: User, team_ids: Iterable[int], token: str = "") -> None:
    """A file of rows of these teams was under way, and this person lost the right to some of them."""
    teams = sorted(team_ids)
    _tell(
        Act.EXPORTED,
        person,
        teams=teams or [None],
        result="broken off: the right to it was lost",
        token=token,
    )


def token_made(person: User, prefix: str, team_id: int) -> None:
    """This person made a personal token. `prefix` is its public part, and all that is ever told of it."""
    _tell(Act.TOKEN_MADE, person, teams=[team_id], token=prefix)


def token_used(person: User, prefix: str, team_id: int) -> None:
    """A request came with this token; told once a minute at most, whatever the number of requests."""
    _tell(Act.TOKEN_USED, person, teams=[team_id], token=prefix, once=True)


def token_revoked(person: User, prefix: str, team_id: int) -> None:
    """This person revoked a token of theirs."""
    _tell(Act.TOKEN_REVOKED, person, teams=[team_id], token=prefix)


def key_stored(person: User | None, account: Account, replaced: bool) -> None:
    """An account was given a key, its first or another one; nobody (None) is a command on the server."""
    _tell_of_account(Act.KEY_REPLACED if replaced else Act.KEY_STORED, person, account)


def payloads_erased(account: Account, before: datetime) -> None:
    """A command on the server erases an account's payloads that were observed before this moment."""
    asked = Asked(words=account.label)
    result = f"observed before {before:%Y-%m-%d %H:%M %Z}"
    _tell(Act.PAYLOADS_ERASED, None, teams=[account.team_id], asked=asked, result=result, account=account.pk)


def membership_changed(person: User | None, membership: Membership, before: str | None) -> None:
    """Somebody came into a team, or was given another role there (`before`: the one they had)."""
    change = f"{before} → {membership.role}" if before else membership.role
    asked = Asked(words=membership.user.username)
    _tell(Act.MEMBERSHIP_CHANGED, person, teams=[membership.team_id], asked=asked, result=change)


def membership_ended(person: User | None, membership: Membership) -> None:
    """Somebody was taken out of a team."""
    asked = Asked(words=membership.user.username)
    _tell(
        Act.MEMBERSHIP_CHANGED,
        person,
        teams=[membership.team_id],
        asked=asked,
        result=f"{membership.role} → none",
    )


def right_changed(person: User | None, whose: User, change: str) -> None:
    """Somebody was given or denied a right that belongs to no team, such as to see everything."""
    _tell(Act.RIGHT_CHANGED, person, teams=[None], asked=Asked(words=whose.username), result=change)


def record_changed(act: Act, person: User | None, generation: Generation, *changes: Change) -> None:
    """This person changed something of ours about a record, in the change's own transaction; nobody (None)
    is a command on the server."""
    asked = Asked.record(generation.provider, generation.external_id)
    _tell(act, person, teams=[generation.team_id], asked=asked, result=_said(changes))


def records_changed(act: Act, person: User, records: Sequence[Of], *changes: Change) -> None:
    """As `record_changed`, of many records that were changed alike: one entry each, in one statement."""
    if not records:
        return
    origin = current()
    asked = [_columns_of(Asked.record(record.provider, record.external_id)) for record in records]
    values: dict[str, Any] = {
        "act": act.value,
        "owner": person.pk,
        "teams": [record.team_id for record in records],
        "providers": [columns["provider"] for columns in asked],
        "ids": [columns["external_id"] for columns in asked],
        "asked": [columns["asked"] for columns in asked],
        "result": _said(changes),
        "address": origin.address,
        "request_id": origin.request_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FOR_RECORDS, values)


def changed(
    act: Act, person: User | None, what: str, *changes: Change, teams: Iterable[int] | None = None
) -> None:
    """This person changed what is no record (`what` names it): told to these teams, or where it is their own
    affair (None) to each of the person's."""
    told: list[int | None] | None = None if teams is None else [*sorted(teams)] or [None]
    _tell(act, person, teams=told, asked=Asked(words=what), result=_said(changes))


def _said(changes: Sequence[Change]) -> str:
    """The changes in words, cut where an entry holds no more."""
    said = _clean("; ".join(str(change) for change in changes))
    return said if len(said) <= MAX_RESULT else f"{said[: MAX_RESULT - 1]}…"


def _tell_of_record(act: Act, person: User, generation: Generation) -> None:
    asked = Asked.record(generation.provider, generation.external_id)
    _tell(act, person, teams=[generation.team_id], asked=asked)


def _tell_of_account(act: Act, person: User | None, account: Account) -> None:
    _tell(act, person, teams=[account.team_id], asked=Asked(words=account.label), account=account.pk)


def _tell(
    act: Act,
    person: User | None,
    *,
    teams: Sequence[int | None] | None = None,
    asked: Asked | None = None,
    result: str = "",
    account: int | None = None,
    token: str = "",
    once: bool = False,
) -> None:
    """One statement: an entry for each of `teams`, or where they are None for each team of the person."""
    origin = current()
    values = {
        **_columns_of(asked or Asked(words="")),
        "act": act.value,
        "teams": None if teams is None else list(teams),
        "owner": person.pk if person else None,
        "result": result[:MAX_RESULT],
        "account": account,
        "token": token[:64],
        "address": origin.address,
        "request_id": origin.request_id,
    }
    statement = _FOR_TEAMS_OF_OWNER if teams is None else _FOR_TEAMS
    with connection.cursor() as cursor:
        cursor.execute(statement + (_ONCE if once else ""), values)


def _columns_of(what: Asked) -> dict[str, str]:
    """What was asked for, as far as it fits into the table's columns."""
    fits = len(what.external_id) <= MAX_ID and what.external_id == _clean(what.external_id)
    return {
        "provider": what.provider[:32] if fits else "",
        "external_id": what.external_id if fits else "",
        "asked": _clean(what.words)[:MAX_ASKED],
    }


def _clean(text: str) -> str:
    """Text that the database can hold and a page can show."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
