"""How a person's list looks: remembered for them, read for every page of it, put back to the usual."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from auditing.columns import COLUMNS, USUAL, Column, chosen
from auditing.filters import PAGE_SIZES, PER_PAGE
from auditing.models import Density, ListPreference, User

ASK = """
SELECT person_id, columns, density, per_page, pinned_views, default_view FROM auditing_listpreference
WHERE person_id = %s
"""
KEPT = ("person_id", "columns", "density", "per_page", "pinned_views", "default_view")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns to show, in their order, how dense, and how many rows a page."""

    columns: tuple[Column, ...] = USUAL
    density: Density = Density.COMFORTABLE
    per_page: int = PER_PAGE

    @property
    def is_usual(self) -> bool:
        """Whether the columns are those that everybody begins with."""
        return self.columns == USUAL

    @property
    def needs(self) -> tuple[str, ...]:
        """What has to be read beside the rows (`filters.rows`)."""
        return tuple(dict.fromkeys(need for column in self.columns for need in column.needs))


def stored_preference(person: User) -> ListPreference | None:
    """What this person chose, in one query; None where they never did. Every page asks, of whoever opens
    it: the query is not put together anew for each."""
    with connection.cursor() as cursor:
        cursor.execute(ASK, [person.pk])
        found = cursor.fetchone()
    return None if found is None else ListPreference.from_db(connection.alias, KEPT, found)


def layout_of(stored: ListPreference | None) -> Layout:
    """How a person likes the list. What this version doesn't know counts as not chosen."""
    if stored is None:
        return Layout()
    return Layout(
        columns=chosen(stored.columns),
        density=Density(stored.density),
        per_page=stored.per_page if stored.per_page in PAGE_SIZES else PER_PAGE,
    )


def remember_layout(person: User, columns: Sequence[str], density: Density, per_page: int) -> None:
    """Show this person these columns from now on, so dense, so many rows a page."""
    shown = chosen(key for key in columns if key in COLUMNS)
    values = {
        "columns": [] if shown == USUAL else [column.key for column in shown],
        "density": density,
        "per_page": _stored_size(per_page),
    }
    ListPreference.objects.update_or_create(person=person, defaults=values)


def remember_page_size(person: User, per_page: int) -> None:
    """Show this person so many rows a page from now on."""
    ListPreference.objects.update_or_create(person=person, defaults={"per_page": _stored_size(per_page)})


def forget_layout(person: User) -> None:
    """Put this person's list back to the usual; pinned views stay."""
    ListPreference.objects.filter(person=person).update(
        columns=[], density=Density.COMFORTABLE, per_page=None
    )


def _stored_size(per_page: int) -> int | None:
    if per_page not in PAGE_SIZES:
        raise ValueError(f"no page has {per_page} rows")
    return None if per_page == PER_PAGE else per_page
