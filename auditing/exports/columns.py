"""What an export can have as columns: their names, and their values as SQL expressions."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import F, Func, TextField
from django.db.models.expressions import Combinable
from django.db.models.fields import DecimalField


class UnknownColumns(ValueError):
    """Columns were asked for that there are not, or none; the message says which there are."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name everywhere, its value, and whether it is `foreign`: text that others wrote,
    providers and people. The rest are our own words and numbers."""

    name: str
    value: Combinable
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of rows that can be exported: its columns in order, and whether they have credits to add up."""

    name: str
    columns: tuple[Column, ...]
    has_credits: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def foreign(self) -> tuple[str, ...]:
        """The names of the columns that others wrote."""
        return tuple(column.name for column in self.columns if column.foreign)

    def with_columns(self, text: str) -> "Table":
        """The same table with these columns alone (`title,credits_used`), in the order in which they are
        named, each once; all of them for an empty text. Raises UnknownColumns."""
        names = dict.fromkeys(name.strip() for name in text.split(",") if name.strip())
        return self.only(names) if names or text.strip() else self

    def only(self, names: Iterable[str]) -> "Table":
        """The same table with the columns of these names. Raises UnknownColumns."""
        known = {column.name: column for column in self.columns}
        wanted = list(names)
        unknown = [name for name in wanted if name not in known]
        if unknown or not wanted:
            there_is_none = f"there is no {' and no '.join(unknown)}" if unknown else "names none"
            raise UnknownColumns(f"{there_is_none}; there are {', '.join(known)}")
        return replace(self, columns=tuple(known[name] for name in wanted))


# Most times are of a whole second, and PostgreSQL writes these far faster by itself than by a pattern: in its
# ISO style, the only one that psycopg reads.
_BY_PATTERN = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
_TIME = (
    "CASE WHEN %(expressions)s = %(expressions)s::timestamptz(0)"
    " THEN replace((%(expressions)s AT TIME ZONE INTERVAL '0')::text, ' ', 'T') || 'Z'"
    f" ELSE replace({_BY_PATTERN}, '.000Z', 'Z') END"
)


def time(column: str) -> Func:
    """ISO 8601 UTC with `Z`, as `records.iso_utc` writes it: without a fraction, or with milliseconds."""
    return Func(F(column), template=_TIME, output_field=TextField())


def thousandths(column: str) -> Func:
    """Whole thousandths as the exact number that the provider gave: 7000 → 7, 2500 → 2.5."""
    return Func(
        F(column),
        template="trim_scale(%(expressions)s * 0.001)",
        output_field=DecimalField(max_digits=22, decimal_places=3),
    )


def others_text(name: str, path: str = "") -> Column:
    """A column of text that others wrote, found at `path` where that is not its name."""
    return Column(name, F(path or name), foreign=True)


TRAIL = Table(
    "trail",
    (
        Column("acted_at", time("acted_at")),
        Column("act", F("act")),
        others_text("person", "owner__username"),
        others_text("team", "team__slug"),
        others_text("asked"),
        others_text("result"),
        others_text("provider"),
        others_text("external_id"),
        others_text("account", "account__label"),
        Column("token", F("token")),
        Column("address", Func(F("address"), template="host(%(expressions)s)", output_field=TextField())),
        others_text("request_id"),
    ),
)
"""Every column of the trail of people, in order."""

GENERATIONS = Table(
    "generations",
    (
        Column("provider", F("provider")),
        others_text("external_id"),
        others_text("team", "team__slug"),
        others_text("owner", "owner__username"),
        others_text("project", "project__name"),
        others_text("account", "account__label"),
        Column("status", F("status")),
        others_text("provider_status"),
        Column("outcome", F("lookup__outcome")),
        others_text("title"),
        others_text("description"),
        others_text("mode"),
        others_text("resolution"),
        Column("duration_seconds", thousandths("duration_milliseconds")),
        others_text("output_url"),
        others_text("output_key"),
        others_text("thumbnail_url"),
        Column("credits_used", thousandths("credits_thousandths")),
        Column("credits_basis", F("credits_basis")),
        others_text("message"),
        others_text("error"),
        Column("created_at", time("created_at")),
        Column("updated_at", time("updated_at")),
        Column("processing_started_at", time("processing_started_at")),
        Column("processing_completed_at", time("processing_completed_at")),
        Column("synced_at", time("lookup__synced_at")),
    ),
    has_credits=True,
)
"""Every column of the generations, in order. Unknowns are null."""
