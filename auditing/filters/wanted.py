"""The values that a filter holds: one attribute for each key of the query string, by its name."""

from dataclasses import dataclass
from datetime import date

from auditing.filters.fields import Value
from auditing.filters.sorting import DEFAULT_SORT, Cursor

PER_PAGE = 50

type Values = tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Typed and acceptable values; by default everything is wanted.

    Columns have the values of which any is wanted, with `_not` those of which none is; None is the unknown.
    `_min` and `_max` are thousandths (credits) and milliseconds, both ends included. Days are a name of
    `relative.PERIODS` or `~none`, or with `_from` and `_to` dates, both included.
    """

    status: Values = ()
    status_not: Values = ()
    provider: Values = ()
    provider_not: Values = ()
    account: Values = ()
    account_not: Values = ()
    owner: Values = ()
    owner_not: Values = ()
    team: Values = ()
    team_not: Values = ()
    project: Values = ()
    project_not: Values = ()
    resolution: Values = ()
    resolution_not: Values = ()
    mode: Values = ()
    mode_not: Values = ()
    outcome: Values = ()
    outcome_not: Values = ()
    provider_status: Values = ()
    provider_status_not: Values = ()
    credits_basis: Values = ()
    credits_basis_not: Values = ()
    tag: Values = ()
    tag_not: Values = ()
    duration: Values = ()
    duration_not: Values = ()
    waiting: Values = ()
    waiting_not: Values = ()
    processing: Values = ()
    processing_not: Values = ()
    flag: Values = ()
    flag_not: Values = ()
    credits_min: int | None = None
    credits_max: int | None = None
    duration_min: int | None = None
    duration_max: int | None = None
    waiting_min: int | None = None
    waiting_max: int | None = None
    processing_min: int | None = None
    processing_max: int | None = None
    created: str = ""
    created_from: date | None = None
    created_to: date | None = None
    updated: str = ""
    updated_from: date | None = None
    updated_to: date | None = None
    registered: str = ""
    registered_from: date | None = None
    registered_to: date | None = None
    synced: str = ""
    synced_from: date | None = None
    synced_to: date | None = None
    q: str = ""
    sort: str = DEFAULT_SORT
    per_page: int = PER_PAGE
    after: Cursor | None = None
    before: Cursor | None = None
