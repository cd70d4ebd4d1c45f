"""What rollups tell of a filter without a part beyond their columns: how many rows fit, with which values."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from auditing.access import Person, who_acts
from auditing.filters.criteria import asked
from auditing.filters.facets import KEPT, Cells
from auditing.filters.fields import EXCLUDED, Value
from auditing.filters.wanted import Wanted
from auditing.filters.wish import Wish
from auditing.models import Account, Project, Team, User
from auditing.rollups.cells import Sql, any_of, none_of
from auditing.rollups.jobs import jobs_by, jobs_of

COLUMNS: Mapping[str, str] = {
    "status": "status",
    "provider": "provider",
    "account": "account_id",
    "owner": "owner_id",
    "team": "team_id",
    "project": "project_id",
    "resolution": "resolution",
    "mode": "mode",
    "credits_basis": "credits_basis",
}
"""The columns that rollups tell apart, by their keys, as cells have them."""

_NAMED: Mapping[str, tuple[QuerySet[Any], str]] = {
    "account": (Account.objects.all(), "label"),
    "owner": (User.objects.all(), "username"),
    "team": (Team.objects.all(), "slug"),
    "project": (Project.objects.all(), "name"),
}


def told_wishes(wanted: Wanted, columns: Collection[str] = COLUMNS) -> dict[str, Wish] | None:
    """What a filter wishes of these columns; None where it asks for something else, too."""
    if not asked(wanted) <= {f"{key}{end}" for key in columns for end in ("", EXCLUDED)}:
        return None
    return {key: wish for key in columns if (wish := wish_of(wanted, key))}


def wish_of(wanted: Wanted, key: str) -> Wish:
    """What a filter wishes of one of these columns."""
    return Wish(getattr(wanted, key), getattr(wanted, f"{key}{EXCLUDED}"))


def number_by_cells(person: Person, wishes: Mapping[str, Wish]) -> int:
    """How many rows that this person may see fit these wishes, exactly."""
    return jobs_of(person, _conditions(wishes))


def cells_of(wanted: Wanted) -> Cells | None:
    """How to count, for who acts, what this filter leaves; None where it asks for more than cells tell."""
    wishes = told_wishes(wanted)
    return None if wishes is None else lambda: _counted(who_acts(), KEPT, wishes)


def _counted(person: Person, keys: Sequence[str], wishes: Mapping[str, Wish]) -> dict[str, Counter[Value]]:
    """How many rows that this person may see have each value of these columns, exactly: of those that fit
    what is wished of the others."""
    found = jobs_by(person, [COLUMNS[key] for key in keys], _conditions(wishes))
    return {key: _by_name(key, found[COLUMNS[key]]) for key in keys}


def _conditions(wishes: Mapping[str, Wish]) -> dict[str, Sql]:
    return {COLUMNS[key]: condition(key, wish) for key, wish in wishes.items()}


def condition(key: str, wish: Wish) -> Sql:
    """What is wished of one column, asked of whatever has it under the cells' name."""
    wanted = any_of(COLUMNS[key], _cells_values(key, wish.wanted)) if wish.wanted else Sql("true")
    unwanted = none_of(COLUMNS[key], _cells_values(key, wish.unwanted))
    return Sql(f"({wanted.text}) AND {unwanted.text}", wanted.values + unwanted.values)


def _cells_values(key: str, values: tuple[Value, ...]) -> list[Any]:
    """The values as cells have them: ids of what is known by name."""
    if key not in _NAMED or not values:
        return list(values)
    rows, name = _NAMED[key]
    known = [value for value in values if value is not None]
    ids = list(rows.filter(**{f"{name}__in": known}).order_by().values_list("pk", flat=True)) if known else []
    return [*ids, None] if None in values else ids


def _by_name(key: str, jobs: Counter[Any]) -> Counter[Value]:
    if key not in _NAMED:
        return jobs
    rows, name = _NAMED[key]
    names = dict(rows.filter(pk__in=[pk for pk in jobs if pk is not None]).order_by().values_list("pk", name))
    counter: Counter[Value] = Counter()
    for pk, number in jobs.items():
        if pk is None or pk in names:
            counter[None if pk is None else names[pk]] += number
    return counter
