"""The form that a manager corrects a record's owner and project with."""

from dataclasses import dataclass

from auditing.correcting import NotCorrected
from auditing.models import Generation, Project, User
from auditing.views import addresses

PEOPLE_OFFERED = 500
PROJECTS_SUGGESTED = 200


@dataclass(frozen=True, slots=True)
class CorrectionForm:
    """Where it is sent, who of the team may be chosen and what is known as a project; what is in it, beside
    what was wrong with it (`errors`, by field)."""

    action: str
    people: tuple[tuple[str, str], ...]
    projects: tuple[str, ...]
    owner: str
    project: str
    errors: dict[str, str]


def correction_form(
    generation: Generation, typed: tuple[str, str] | None = None, refused: NotCorrected | None = None
) -> CorrectionForm:
    """The form, with the record's owner and project, or with what was `typed` and `refused`."""
    owner, project = typed or (
        generation.owner.username if generation.owner else "",
        generation.project.name if generation.project else "",
    )
    people = {user.username: str(user) for user in _people(generation)}
    if generation.owner:
        people.setdefault(generation.owner.username, f"{generation.owner} (has left the team)")
    known = Project.objects.filter(team_id=generation.team_id).order_by("name")
    return CorrectionForm(
        action=addresses.of_correction(generation.provider, generation.external_id, generation.team.slug),
        people=tuple(people.items()),
        projects=tuple(known.values_list("name", flat=True)[:PROJECTS_SUGGESTED]),
        owner=owner,
        project=project,
        errors={refused.field: str(refused)} if refused else {},
    )


def _people(generation: Generation) -> list[User]:
    joined = User.objects.filter(memberships__team_id=generation.team_id, is_active=True)
    return list(joined.defer("password").order_by("first_name", "username")[:PEOPLE_OFFERED])
