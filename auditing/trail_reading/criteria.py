"""What entries of the trail can be asked for by: the list's own kinds of conditions, on other columns."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, Subquery

from auditing.filters.columns import AnyOrNone
from auditing.filters.criterion import Criterion, Part, Standpoint, Values
from auditing.filters.days import Days
from auditing.filters.fields import Field
from auditing.filters.reading import Reader, parse_text
from auditing.filters.words import text_words
from auditing.models import Act, Team, User


def _of_people(names: tuple[str, ...]) -> Q:
    return Q(owner_id__in=User.objects.filter(username__in=names).order_by().values("pk"))


def _by_person(names: tuple[str, ...]) -> Q:
    # A single name is compared by `=` with a scalar, which the index on (owner, acted_at, id) serves.
    if len(names) > 1:
        return _of_people(names)
    return Q(owner_id=Subquery(User.objects.filter(username=names[0]).order_by().values("pk")[:1]))


def _of_teams(slugs: tuple[str, ...]) -> Q:
    return Q(team_id__in=Team.objects.filter(slug__in=slugs).order_by().values("pk"))


PERSON = Field(
    key="person",
    known=_by_person,
    among=_of_people,
    words=lambda username: f"by {username}",
    unknown=Q(owner_id__isnull=True),
    unknown_words="by nobody known",
    known_words="by somebody known",
)
ACT = Field(
    key="act",
    known=lambda acts: Q(act__in=acts),
    words=lambda act: Act(act).label,
    accepted=tuple(Act.values),
)
TEAM = Field(
    key="team",
    known=_of_teams,
    words=lambda slug: f"team {slug}",
    unknown=Q(team_id__isnull=True),
    unknown_words="of no team",
    known_words="of a team",
)
FIELDS = {field.key: field for field in (PERSON, ACT, TEAM)}
DONE = Days(
    name="done",
    since=lambda moment: Q(acted_at__gte=moment),
    before=lambda moment: Q(acted_at__lt=moment),
    said="done",
)


class Asked:
    """The criterion of text, to be found in what was asked for."""

    keys = ("q",)

    def read(self, reader: Reader) -> dict[str, Any]:
        """The text; empty for none."""
        return {"q": reader.single("q", parse_text, "")}

    def conditions(self, values: Values, _at: Standpoint) -> Iterator[Q]:
        """The entries that hold it, in any case."""
        if values["q"]:
            yield Q(asked__icontains=values["q"])

    def parts(self, values: Values, at: Standpoint) -> Iterator[Part]:
        """The text, if there is one."""
        if values["q"]:
            yield Part("q", values["q"], self.phrase(values, at))

    def phrase(self, values: Values, _at: Standpoint) -> str:
        """`containing “beach”`."""
        return text_words(values["q"]) if values["q"] else ""


CRITERIA: tuple[Criterion, ...] = (*map(AnyOrNone, FIELDS.values()), DONE, Asked())
NARROWING = tuple(key for criterion in CRITERIA for key in criterion.keys)
"""Every key that can leave entries out."""
