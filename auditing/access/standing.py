"""What a person is here: whether they see everything, and their role in each team; in one query."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import connection

from auditing.models import VIEW_EVERYTHING, User

# As Django's backends know a permission: a person's own, or one of a group of theirs. Nobody has any who is
# switched off.
ASK = """
SELECT joined.team_id, joined.role FROM auditing_membership AS joined
JOIN auditing_user AS person ON person.id = joined.user_id AND person.is_active
WHERE joined.user_id = %(person)s
UNION ALL
SELECT NULL, NULL FROM auth_permission AS permission
JOIN django_content_type AS kind ON kind.id = permission.content_type_id
WHERE kind.app_label = %(label)s AND permission.codename = %(codename)s
    AND EXISTS (SELECT FROM auditing_user AS person WHERE person.id = %(person)s AND person.is_active)
    AND (
        EXISTS (
            SELECT FROM auditing_user_user_permissions AS given
            WHERE given.permission_id = permission.id AND given.user_id = %(person)s
        )
        OR EXISTS (
            SELECT FROM auth_group_permissions AS given
            JOIN auditing_user_groups AS belongs ON belongs.group_id = given.group_id
            WHERE given.permission_id = permission.id AND belongs.user_id = %(person)s
        )
    )
"""
_LABEL, _CODENAME = VIEW_EVERYTHING.split(".")


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether somebody may see `everything`, and their role in each team that they belong to, by its id (of a
    superuser, who needs none, no role)."""

    everything: bool = False
    roles: Mapping[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Noted:
    """What was asked of the one who acts, inside what was asked of those who acted around them."""

    person_id: int
    around: "_Noted | None"
    standing: Standing | None = None


_noted: ContextVar[_Noted | None] = ContextVar("noted", default=None)


def standing_of(person: User) -> Standing:
    """What this person is, in one query; in none for superusers, and in none where they act and were asked of
    before: whoever acts stays what the database took them for when they began to (`auditing_act`). What is
    changed while they act counts at once, where whoever changes it calls `forget_standing`."""
    if not person.is_active or person.is_superuser:
        return Standing(everything=person.is_active)
    noted = _noted.get()
    if noted is None or noted.person_id != person.pk:
        return _asked(person)
    if noted.standing is None:
        noted.standing = _asked(person)
    return noted.standing


def _asked(person: User) -> Standing:
    with connection.cursor() as cursor:
        cursor.execute(ASK, {"person": person.pk, "label": _LABEL, "codename": _CODENAME})
        found = cursor.fetchall()
    return Standing((None, None) in found, {team: role for team, role in found if team is not None})


@contextmanager
def noting_of(person_id: int) -> Iterator[None]:
    """To its end, keep in mind what is asked of this person (0: of nobody)."""
    token = _noted.set(_Noted(person_id, _noted.get()))
    try:
        yield
    finally:
        _noted.reset(token)


def forget_standing() -> None:
    """Ask again of all who act: somebody joined or left a team, or was given or lost a right."""
    noted = _noted.get()
    while noted is not None:
        noted.standing, noted = None, noted.around
