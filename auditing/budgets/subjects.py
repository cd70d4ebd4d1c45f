"""Whose budget it is: in words, as the filter of a list, and as a report."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from django.http import QueryDict

from auditing.filters import GenerationFilter
from auditing.models import Budget
from auditing.reports import CREDITS, UNDATED, Asked, month_of
from auditing.reports.naming import list_query


def subject_of(budget: Budget) -> str:
    """`North`, `Alice in North`, `the account north-nano of North`."""
    if budget.owner:
        return f"{budget.owner} in {budget.team}"
    return f"the account {budget.account} of {budget.team}" if budget.account else str(budget.team)


def told_of(budget: Budget) -> str:
    """What the trail calls it, by names that stay: `budget of alice in north`."""
    if budget.owner:
        return f"budget of {budget.owner.username} in {budget.team.slug}"
    whose = f"account {budget.account.label} in " if budget.account else ""
    return f"budget of {whose}{budget.team.slug}"


def rows_query(budget: Budget, month: date | None, zone: ZoneInfo, *, unknown_only: bool = False) -> str:
    """The query string of the list of the jobs that a month counts (None: of those of no known day);
    with `unknown_only`, of those of them that have no figure."""
    wanted = _filter(budget, zone)
    if unknown_only:
        wanted = replace(wanted, credits_basis=(None,))
    return list_query(wanted, month_of(month) if month else UNDATED, (), zone)


def report_query(budget: Budget, month: date, documented: bool, zone: ZoneInfo) -> str:
    """The query string of the credit report that has the month's figure."""
    return Asked(
        period_key=f"{month:%Y-%m}",
        period=month_of(month),
        group_by=CREDITS.usual,
        documented=documented,
        filter=_filter(budget, zone),
    ).canonical()


def _filter(budget: Budget, zone: ZoneInfo) -> GenerationFilter:
    return replace(
        GenerationFilter.from_query(QueryDict(), zone),
        team=(budget.team.slug,),
        owner=(budget.owner.username,) if budget.owner else (),
        account=(budget.account.label,) if budget.account else (),
    )
