"""The columns that can be filtered by values: what each accepts, its condition in SQL and its words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import Model, Q, QuerySet, Subquery

from auditing.models import Account, Project, Team, User
from auditing.providers import PROVIDERS
from auditing.records import Outcome, Status

UNKNOWN = "~none"
"""The value that stands for "not known" (owner: Unassigned) in a query string.

A tilde is in no status, provider, user name or slug. Any other value that begins with one is written with
two, so that a project may be called anything.
"""

type Value = str | None
"""One wanted value of a column; None is the unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of which any of several values may be wanted.

    `known` is the condition for known values; `unknown` the one for "not known" and `unknown_words` its
    words, both absent where the column is always known. `accepted` lists the only possible values, in their
    order; None means any text.
    """

    key: str
    known: Callable[[tuple[str, ...]], Q]
    words: Callable[[str], str]
    unknown: Q | None = None
    unknown_words: str = ""
    accepted: tuple[str, ...] | None = None

    def condition(self, values: tuple[Value, ...]) -> Q:
        """The rows that have any of these values (at least one)."""
        known = tuple(value for value in values if value is not None)
        condition = self.known(known) if known else Q()
        if self.unknown is not None and None in values:
            condition |= self.unknown
        return condition

    def value_words(self, value: Value) -> str:
        """One value as a person would say it."""
        return self.unknown_words if value is None else self.words(value)

    def possible(self) -> tuple[Value, ...]:
        """Every accepted value in order, the unknown last; empty where any text is accepted."""
        if self.accepted is None:
            return ()
        return (*self.accepted, None) if self.unknown is not None else self.accepted


def to_text(value: Value) -> str:
    """A value as a query string has it."""
    if value is None:
        return UNKNOWN
    return f"~{value}" if value.startswith("~") else value


def from_text(text: str) -> Value:
    """The value that a query string means: the reverse of `to_text`."""
    if text == UNKNOWN:
        return None
    return text.removeprefix("~") if text.startswith("~~") else text


def _column(name: str) -> Callable[[tuple[str, ...]], Q]:
    return lambda values: Q(**{f"{name}__in": values})


def _related[Row: Model](
    column: str, rows: QuerySet[Row], name: str, *, unique: bool = True
) -> Callable[[tuple[str, ...]], Q]:
    """Rows that point to a row of one of these names.

    A single name is compared by `=` with a scalar, so that an index on (column, sort key) serves the order.
    """

    def condition(values: tuple[str, ...]) -> Q:
        ids = rows.filter(**{f"{name}__in": values}).order_by().values("pk")
        if unique and len(values) == 1:
            return Q(**{column: Subquery(ids[:1])})
        return Q(**{f"{column}__in": ids})

    return condition


def _status_words(value: str) -> str:
    return "with a status word we don't know" if value == Status.UNKNOWN else value


_FIELDS = (
    Field(
        key="status",
        known=_column("status"),
        words=_status_words,
        unknown=Q(status__isnull=True),
        unknown_words="status not yet known",
        accepted=tuple(word.value for word in Status),
    ),
    Field(
        key="provider",
        known=_column("provider"),
        words=lambda key: PROVIDERS[key].name,
        accepted=tuple(PROVIDERS),
    ),
    Field(
        key="account",
        known=_related("account_id", Account.objects.all(), "label"),
        words=lambda label: f"account {label}",
    ),
    Field(
        key="owner",
        known=_related("owner_id", User.objects.all(), "username"),
        words=lambda username: f"by {username}",
        unknown=Q(owner_id__isnull=True),
        unknown_words="unassigned",
    ),
    Field(
        key="team",
        known=_related("team_id", Team.objects.all(), "slug"),
        words=lambda slug: f"team {slug}",
    ),
    Field(
        key="project",
        known=_related("project_id", Project.objects.all(), "name", unique=False),
        words=lambda name: f"project {name}",
        unknown=Q(project_id__isnull=True),
        unknown_words="without a project",
    ),
    Field(
        key="resolution",
        known=_column("resolution"),
        words=str,
        unknown=Q(resolution__isnull=True),
        unknown_words="resolution unknown",
    ),
    Field(
        key="mode",
        known=_column("mode"),
        words=str,
        unknown=Q(mode__isnull=True),
        unknown_words="mode unknown",
    ),
    Field(
        key="outcome",
        known=_column("lookup__outcome"),
        words=lambda outcome: f"last lookup {outcome.replace('_', ' ')}",
        unknown=Q(lookup__outcome__isnull=True),
        unknown_words="never looked up",
        accepted=tuple(word.value for word in Outcome),
    ),
)

FIELDS: Mapping[str, Field] = {field.key: field for field in _FIELDS}
