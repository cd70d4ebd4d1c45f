"""Teams and the people in them: made, joined, corrected."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.contrib.auth.models import Permission
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug

from auditing import trail
from auditing.access import forget_standing
from auditing.models import VIEW_EVERYTHING, Membership, Role, Team, User

Change = Literal["added", "updated", "unchanged"]


class InvalidEntry(ValueError):
    """Something that can't be stored as it is; the message says which field and why."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of a person and of their place in the team."""

    user: User
    person: Change
    membership: Change


def add_team(slug: str, name: str | None) -> tuple[Team, Change]:
    """The team, made or renamed. Without a name a new team is called by its slug, a known one keeps its."""
    _check("team", slug, validate_slug)
    team, made = Team.objects.get_or_create(slug=slug, defaults={"name": name or slug})
    if made:
        return team, "added"
    if name and team.name != name:
        team.name = name
        team.save(update_fields=["name"])
        return team, "updated"
    return team, "unchanged"


def team_called(slug: str) -> Team:
    """The team with this slug; raises InvalidEntry with those there are."""
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        there_are = ", ".join(Team.objects.values_list("slug", flat=True)[:20]) or "none yet"
        raise InvalidEntry(f"team: no team {slug!r}; there are: {there_are}. add_team makes one")
    return team


def person_called(username: str) -> User:
    """The person with this username, whatever its case; raises InvalidEntry."""
    user = User.objects.filter(username__iexact=username).first()
    if user is None:
        raise InvalidEntry(f"user: nobody is called {username!r}; add_member makes people known")
    return user


def add_member(
    team: Team,
    username: str,
    role: Role,
    email: str | None = None,
    password: str | None = None,
    by: User | None = None,
) -> Joined:
    """The person in the team in this role; made if new, then without a password unless one is given.

    Repeating it changes nothing, or updates role, address and password. `by` is the person who does it;
    None: a command on the server. Raises InvalidEntry.
    """
    user, person = _person(username, email, password)
    membership, made = Membership.objects.get_or_create(team=team, user=user, defaults={"role": role})
    if made:
        forget_standing()
        trail.membership_changed(by, membership, None)
        return Joined(user, person, "added")
    if membership.role != role:
        before, membership.role = membership.role, role
        membership.save(update_fields=["role"])
        forget_standing()
        trail.membership_changed(by, membership, before)
        return Joined(user, person, "updated")
    return Joined(user, person, "unchanged")


def _person(username: str, email: str | None, password: str | None) -> tuple[User, Change]:
    """The person of this name, made if new, with this address and password where they are given."""
    user = User.objects.filter(username__iexact=username).first()
    person: Change = "unchanged" if user else "added"
    if user is None:
        _check("username", username, User.username_validator)
        user = User(username=username)
        user.set_unusable_password()
    if email and user.email != email:
        _check("email", email, validate_email)
        user.email = email
        person = "updated" if user.pk else person
    if password and not (user.pk and user.check_password(password)):
        _check("password", password, lambda text: validate_password(text, user))
        user.set_password(password)
        person = "updated" if user.pk else person
    if person != "unchanged":
        user.save()
    return user, person


def set_site_auditor(user: User, may: bool, by: User | None = None) -> Change:
    """Give or take the right to see everything, read-only. `by` as in `add_member`."""
    right = Permission.objects.get(
        content_type__app_label="auditing", codename=VIEW_EVERYTHING.partition(".")[2]
    )
    has = user.user_permissions.filter(pk=right.pk).exists()
    if has == may:
        return "unchanged"
    if may:
        user.user_permissions.add(right)
    else:
        user.user_permissions.remove(right)
    forget_standing()
    trail.right_changed(by, user, "site auditor" if may else "no site auditor any more")
    return "updated"


def _check(field: str, value: str, validate: Callable[[str], None]) -> None:
    try:
        validate(value)
    except ValidationError as error:
        raise InvalidEntry(f"{field}: {' '.join(error.messages)}") from None
