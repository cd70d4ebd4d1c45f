"""The columns that can be filtered by values: what each accepts, its condition in SQL and its words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import Exists, Model, Q, QuerySet

from auditing.access import taggings_outside
from auditing.models import Account, Project, Team, User
from auditing.providers import PROVIDERS
from auditing.records import CreditsBasis, Outcome, Status

UNKNOWN = "~none"
"""The value that stands for "not known" (owner: Unassigned) in a query string.

A tilde is in no status, provider, user name or slug. Any other value that begins with one is written with
two, so that a project may be called anything.
"""

type Value = str | None
"""One wanted value of a column; None is the unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of which any, or none, of several values may be wanted.

    `known` is the condition for known values, `among` the same in a form that can be turned round (None:
    `known` can be); `unknown` is the one for "not known", `unknown_words` and `known_words` say it and its
    reverse; these are absent where the column is always known. `accepted` lists the only possible values, in
    their order; None means any text.
    """

    key: str
    known: Callable[[tuple[str, ...]], Q]
    words: Callable[[str], str]
    among: Callable[[tuple[str, ...]], Q] | None = None
    unknown: Q | None = None
    unknown_words: str = ""
    known_words: str = ""
    accepted: tuple[str, ...] | None = None

    def condition(self, values: tuple[Value, ...]) -> Q:
        """The rows that have any of these values (at least one)."""
        known = tuple(value for value in values if value is not None)
        condition = self.known(known) if known else Q()
        if self.unknown is not None and None in values:
            condition |= self.unknown
        return condition

    def exclusion(self, values: tuple[Value, ...]) -> Q:
        """The rows that have none of these values (at least one). What is not known is none of the known."""
        known = tuple(value for value in values if value is not None)
        condition = ~(self.among or self.known)(known) if known else Q()
        if self.unknown is not None and None in values:
            condition &= ~self.unknown
        return condition

    def value_words(self, value: Value) -> str:
        """One value as a person would say it."""
        return self.unknown_words if value is None else self.words(value)

    def excluded_words(self, value: Value) -> str:
        """One value that is not wanted, as a person would say it."""
        return self.known_words if value is None else f"not {self.words(value)}"

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


def _named[Row: Model](column: str, rows: QuerySet[Row], name: str) -> Callable[[tuple[str, ...]], Q]:
    """Rows that point to a row of one of these names.

    The names are looked up first: the planner knows how many rows a certain account has, and not how many one
    by a name has; and an index on (column, sort key) serves the order of a single one's rows.
    """

    def condition(values: tuple[str, ...]) -> Q:
        numbers = list(rows.filter(**{f"{name}__in": values}).order_by().values_list("pk", flat=True))
        return Q(**{column: numbers[0]}) if len(numbers) == 1 else Q(**{f"{column}__in": numbers})

    return condition


def _of_accounts(labels: tuple[str, ...]) -> Q:
    """Rows of accounts of these labels, and so of their teams: the indexes of a team's rows hold an account's
    beside whatever else is wished of them, as its failures."""
    found = Account.objects.filter(label__in=labels).order_by().values_list("pk", "team_id")
    accounts, teams = {pk for pk, _ in found}, {team for _, team in found}
    if len(accounts) == 1:
        return Q(account_id=accounts.pop(), team_id=teams.pop())
    return Q(account_id__in=accounts, team_id__in=teams)


def _among[Row: Model](column: str, rows: QuerySet[Row], name: str) -> Callable[[tuple[str, ...]], Q]:
    """The same in one query, which can be turned round: of none of these names."""
    return lambda values: Q(
        **{f"{column}__in": rows.filter(**{f"{name}__in": values}).order_by().values("pk")}
    )


def _tagged(values: tuple[str, ...]) -> Q:
    return Q(Exists(taggings_outside().filter(tag__name__in=values)))


def _unknown(key: str, condition: Q, name: str = "") -> Field:
    """A column of which only "not known" can be a value; its amounts are wanted by ranges."""
    return Field(
        key=key,
        known=_none_of_them,
        words=str,
        unknown=condition,
        unknown_words=f"{name or key} unknown",
        known_words=f"{name or key} known",
        accepted=(),
    )


def _none_of_them(values: tuple[str, ...]) -> Q:
    return Q(pk__in=values)  # no value is accepted, so there is none


def _status_words(value: str) -> str:
    return "with a status word we don't know" if value == Status.UNKNOWN else value


_FIELDS = (
    Field(
        key="status",
        known=_column("status"),
        words=_status_words,
        unknown=Q(status__isnull=True),
        unknown_words="status not yet known",
        known_words="status known",
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
        known=_of_accounts,
        among=_among("account_id", Account.objects.all(), "label"),
        words=lambda label: f"account {label}",
    ),
    Field(
        key="owner",
        known=_named("owner_id", User.objects.all(), "username"),
        among=_among("owner_id", User.objects.all(), "username"),
        words=lambda username: f"by {username}",
        unknown=Q(owner_id__isnull=True),
        unknown_words="unassigned",
        known_words="assigned to somebody",
    ),
    Field(
        key="team",
        known=_named("team_id", Team.objects.all(), "slug"),
        among=_among("team_id", Team.objects.all(), "slug"),
        words=lambda slug: f"team {slug}",
    ),
    Field(
        key="project",
        known=_named("project_id", Project.objects.all(), "name"),
        among=_among("project_id", Project.objects.all(), "name"),
        words=lambda name: f"project {name}",
        unknown=Q(project_id__isnull=True),
        unknown_words="without a project",
        known_words="with a project",
    ),
    Field(
        key="resolution",
        known=_column("resolution"),
        words=str,
        unknown=Q(resolution__isnull=True),
        unknown_words="resolution unknown",
        known_words="resolution known",
    ),
    Field(
        key="mode",
        known=_column("mode"),
        words=str,
        unknown=Q(mode__isnull=True),
        unknown_words="mode unknown",
        known_words="mode known",
    ),
    Field(
        key="outcome",
        known=_column("lookup__outcome"),
        words=lambda outcome: f"last lookup {outcome.replace('_', ' ')}",
        # Every row has a lookup, made with it: saying so lets a search begin there, along its index.
        unknown=Q(lookup__isnull=False, lookup__outcome__isnull=True),
        unknown_words="never looked up",
        known_words="looked up",
        accepted=tuple(word.value for word in Outcome),
    ),
    Field(
        key="provider_status",
        known=_column("provider_status"),
        words=lambda word: f"provider says {word}",
        unknown=Q(provider_status__isnull=True),
        unknown_words="nothing said by the provider yet",
        known_words="something said by the provider",
    ),
    Field(
        key="credits_basis",
        known=_column("credits_basis"),
        words=lambda basis: f"credits {basis}",
        unknown=Q(credits_basis__isnull=True),
        unknown_words="credits unknown",
        known_words="credits known",
        accepted=tuple(word.value for word in CreditsBasis),
    ),
    Field(
        key="tag",
        known=_tagged,
        words=lambda name: f"tagged {name}",
        unknown=~Q(Exists(taggings_outside())),
        unknown_words="without a tag",
        known_words="with a tag",
    ),
    _unknown("duration", Q(duration_milliseconds__isnull=True)),
    _unknown("waiting", Q(created_at__isnull=True) | Q(processing_started_at__isnull=True), "waiting time"),
    _unknown(
        "processing",
        Q(processing_started_at__isnull=True) | Q(processing_completed_at__isnull=True),
        "processing time",
    ),
)

FIELDS: Mapping[str, Field] = {field.key: field for field in _FIELDS}
EXCLUDED = "_not"
"""The end of a key whose values are not wanted: `status_not=failed`."""
