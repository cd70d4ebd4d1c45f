"""Whose report of which month is due: on the first day after it, in the report zone, once each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef

from auditing.access import SYSTEM, acting_as
from auditing.budgets import first_of, later, month_now
from auditing.budgets.months import ends_of, report_zone
from auditing.models import Mailing, ReportSubscription, User


@dataclass(frozen=True, slots=True)
class Due:
    """The report of this month is due to these people."""

    month: date
    people: tuple[User, ...]


def due_reports(now: datetime, month: date | None = None) -> Due:
    """Who has not been sent the last month's report, of those who subscribed before it was over; for a
    `month` that is asked for, of all who subscribe by now. Raises ValueError for a month that is not over."""
    last = later(month_now(now), -1)
    if month is not None and first_of(month) > last:
        raise ValueError(f"{month:%Y-%m} is not over yet in {report_zone().key}")
    wanted = first_of(month) if month else last
    sent = Mailing.objects.filter(person=OuterRef("person"), month=wanted)
    rows = ReportSubscription.objects.filter(~Exists(sent), person__is_active=True).exclude(person__email="")
    if month is None:
        rows = rows.filter(since__lt=ends_of(wanted, report_zone())[1])
    return Due(wanted, tuple(row.person for row in rows.select_related("person").order_by("person")))


def ask_for_reports(now: datetime, month: date | None = None) -> Due:
    """Ask for the letters that are due, once each, whoever else asks."""
    with acting_as(SYSTEM):
        due = due_reports(now, month)
        Mailing.objects.bulk_create(_letters(due.people, due.month), ignore_conflicts=True)
    return due


def _letters(people: Sequence[User], month: date) -> list[Mailing]:
    return [Mailing(person=person, month=month) for person in people]
