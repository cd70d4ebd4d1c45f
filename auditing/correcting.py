"""Corrects whom a record is attributed to and what it is charged on; told to the trail."""

from django.db import connection

from auditing import trail
from auditing.access import rows_to_correct
from auditing.models import LONGEST_PROJECT, Act, Generation, Membership, Project, User
from auditing.trail import Change


class NotCorrected(ValueError):
    """Something that can't be; `field` is `owner` or `project`, the message a sentence for it."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


def correct(person: User, generation_id: int, owner: str, project: str) -> tuple[Change, ...]:
    """Attribute a record to the person of its team with this user name (empty: to nobody) and charge it on
    the team's project of this name, made if new (empty: on none); what changed.

    Everything that hangs on the record goes to its new owner, and is seen by them: a trigger does that
    (0026). Who had it before keeps no sight of it. Only for records of teams that this person manages:
    others raise Generation.DoesNotExist. Raises NotCorrected.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT auditing_hold(%s)", [generation_id])
    generation = rows_to_correct(person).select_related("owner", "project").get(pk=generation_id)
    before = _names(generation)
    generation.owner = _person(generation, owner)
    generation.project = _project(generation, project)
    after = _names(generation)
    changes = tuple(Change(what, before[what], after[what]) for what in before if before[what] != after[what])
    if changes:
        generation.save(update_fields=["owner", "project"])
        trail.record_changed(Act.CORRECTED, person, generation, *changes)
    return changes


def _names(generation: Generation) -> dict[str, str | None]:
    owner, project = generation.owner, generation.project
    return {"owner": owner.username if owner else None, "project": project.name if project else None}


def _person(generation: Generation, username: str) -> User | None:
    """A person of the team; who has left it may stay the owner, and can't become it."""
    if not username:
        return None
    if generation.owner and generation.owner.username == username:
        return generation.owner
    joined = Membership.objects.filter(team_id=generation.team_id, user__username=username)
    found = joined.select_related("user").first()
    if found is None:
        raise NotCorrected("owner", "Nobody of the team has this user name.")
    return found.user


def _project(generation: Generation, name: str) -> Project | None:
    known = " ".join(name.split())
    if not known:
        return None
    if len(known) > LONGEST_PROJECT:
        raise NotCorrected(
            "project", f"This has {len(known)} characters; at most {LONGEST_PROJECT} are kept."
        )
    if not known.isprintable():
        raise NotCorrected("project", "This has a character that can't be seen.")
    return Project.objects.get_or_create(team_id=generation.team_id, name=known)[0]
