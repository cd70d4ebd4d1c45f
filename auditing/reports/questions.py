"""What is asked: of which period, apart by what, and of which rows alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from auditing.models import Generation
from auditing.reports.periods import Period
from auditing.rollups import Grain


class Dimension(StrEnum):
    """What a report tells apart, by its name in a filter; times are named by their length."""

    TEAM = "team"
    OWNER = "owner"
    PROJECT = "project"
    PROVIDER = "provider"
    ACCOUNT = "account"
    MODE = "mode"
    RESOLUTION = "resolution"
    STATUS = "status"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def column(self) -> str:
        """What cells have in this dimension: an id, a provider's word, or a stretch of time's first day."""
        return _COLUMNS.get(self, self.value)

    @property
    def kept_by(self) -> str | None:
        """The column that a cuboid must have for it; None for a time, which every cuboid has."""
        return None if self in TIMES else self.column


_COLUMNS = {
    Dimension.TEAM: "team_id",
    Dimension.OWNER: "owner_id",
    Dimension.PROJECT: "project_id",
    Dimension.ACCOUNT: "account_id",
    Dimension.WEEK: "date_trunc('week', day::timestamp)::date",
    Dimension.MONTH: "date_trunc('month', day::timestamp)::date",
}
TIMES = (Dimension.DAY, Dimension.WEEK, Dimension.MONTH)

# Of these there may be thousands, each with some of another dimension's values.
MANY = (Dimension.OWNER, Dimension.PROJECT)

# The most days of a period, alone and split by something else.
LONGEST = {Dimension.DAY: (400, 92), Dimension.WEEK: (1100, 400), Dimension.MONTH: (10**6, 10**6)}

type Wanted = int | str | date | None


@dataclass(frozen=True, slots=True)
class Question:
    """A period, the dimensions to tell apart (in this order), and what else is wanted.

    `only` has the wanted values of dimensions: ids of teams, people, projects and accounts, else the
    providers' words; None is the unknown (owner: nobody). `rows`, where given, are the only ones that count:
    any filter can be asked that way, but then they are read one by one.
    """

    period: Period = field(default_factory=Period)
    group_by: tuple[Dimension, ...] = ()
    only: Mapping[Dimension, tuple[Wanted, ...]] = field(default_factory=dict)
    rows: QuerySet[Generation] | None = None

    @property
    def finest(self) -> Grain:
        """The longest stretches of time that an answer can be added up from."""
        times = {*self.group_by, *self.only} & set(TIMES)
        if Dimension.DAY in times or len(times) > 1:
            return Grain.DAY
        return Grain.WEEK if Dimension.WEEK in times else Grain.MONTH

    @property
    def columns(self) -> set[str]:
        """The columns that a cuboid must tell apart to answer this."""
        return {one.kept_by for one in (*self.group_by, *self.only) if one.kept_by}

    def among(self, keys: Collection[Sequence[Any]]) -> "Question":
        """The same of groups with the values of these keys alone, in each dimension by itself."""
        values = (tuple(dict.fromkeys(column)) for column in zip(*keys, strict=True))
        return self.of(dict(zip(self.group_by, values, strict=True)))

    def around(self, keys: Collection[Sequence[Any]]) -> "Question":
        """The same of groups among which are those of these keys, and of few others. Where people or projects
        are told apart, these say which cells are read: a condition on the few values of another dimension
        leaves hardly any cell out, and is held against each."""
        among = self.among(keys).only
        many = {one: among[one] for one in self.group_by if one in MANY}
        return self.of(many or among)

    def of(self, only: Mapping[Dimension, tuple[Wanted, ...]]) -> "Question":
        """The same of rows with these values alone; in these dimensions no others were wanted."""
        return replace(self, only={**self.only, **only})


def times_offered(period: Period, *, is_split: bool) -> tuple[Dimension, ...]:
    """The stretches of time that a report of this period is told in: what a reader can take in.

    `is_split` when another dimension is told apart, too: a year of days by person would be tens of thousands
    of figures.
    """
    length = period.length
    if length is None:
        return (Dimension.MONTH,)
    return tuple(time for time in TIMES if length <= LONGEST[time][is_split])
