"""Thresholds that a budget's use has reached: noted once each, by whoever comes first, with letters to send.

The row is what tells: of any number of processes that see the same, the one whose INSERT is not in conflict
asks for the letters, in the same transaction. A refund or a larger budget takes no row back, so nothing is
told twice of a month. Thresholds that were reached together are told together: the letter is of the highest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from auditing.access import SYSTEM, acting_as, people_to_tell, visible_budgets
from auditing.budgets.months import ends_of, later, month_now, report_zone
from auditing.budgets.standing import use_of
from auditing.budgets.use import Use, cells_of, term_in
from auditing.models import Budget, BudgetNotice, Mailing
from auditing.reports import Period, month_of

LAST_DAY_OF_LOOKING_BACK = 3
"""What was made in a month's last hours is looked up in the first days of the next."""

_NOTE = """
INSERT INTO auditing_budgetnotice (budget_id, month, threshold, used, allowed, unknown)
SELECT * FROM unnest(%s::bigint[], %s::date[], %s::smallint[], %s::bigint[], %s::bigint[], %s::bigint[])
ON CONFLICT DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What was noted: thresholds that nobody had noted before, and letters that were asked for."""

    thresholds: int = 0
    letters: int = 0


def note_crossings(now: datetime) -> Told:
    """Note every threshold that was reached, once each, and ask for its letters. Raises reports.OtherZone."""
    with acting_as(SYSTEM):
        noted = _note(list(_crossed(now)))
        letters = sum(_ask_for_letters(notice) for notice in _highest(noted))
    return Told(len(noted), letters)


def _crossed(now: datetime) -> Iterator[tuple[int, Use, int]]:
    """Budgets, their use and a threshold that it has reached and that nobody noted yet."""
    rows = visible_budgets(SYSTEM).prefetch_related("terms")
    months = _months(now)
    budgets = [one for one in rows if any(term_in(one, month) for month in months)]
    if not budgets:
        return
    cells = cells_of(SYSTEM, budgets, Period(months[0], month_of(months[-1]).last))
    known = set(BudgetNotice.objects.filter(month__in=months).values_list("budget_id", "month", "threshold"))
    for month in months:
        for budget in budgets:
            use = use_of(budget, month, cells)
            if use is None or (month != months[-1] and _is_of_later(budget, month)):
                continue
            for threshold in use.reached:
                if (budget.pk, month, threshold) not in known:
                    yield budget.pk, use, threshold


def _months(now: datetime) -> list[date]:
    """This month, and in its first days the one before."""
    month = month_now(now)
    is_early = now.astimezone(report_zone()).day <= LAST_DAY_OF_LOOKING_BACK
    return [later(month, -1), month] if is_early else [month]


def _is_of_later(budget: Budget, month: date) -> bool:
    """Whether what counts in a month was set when it was over: nobody is to be told of that."""
    term = term_in(budget, month)
    return term is not None and term.set_at >= ends_of(month, report_zone())[1]


def _note(crossed: Sequence[tuple[int, Use, int]]) -> list[BudgetNotice]:
    if not crossed:
        return []
    columns = [
        (budget, use.month, threshold, use.used, use.allowed, use.unknown)
        for budget, use, threshold in crossed
    ]
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [list(column) for column in zip(*columns, strict=True)])
        ids = [row for (row,) in cursor.fetchall()]
    return list(BudgetNotice.objects.filter(pk__in=ids).select_related("budget").order_by("threshold"))


def _highest(noted: Sequence[BudgetNotice]) -> list[BudgetNotice]:
    return list({(one.budget_id, one.month): one for one in noted}.values())


def _ask_for_letters(notice: BudgetNotice) -> int:
    letters = [Mailing(person=person, notice=notice) for person in people_to_tell(notice)]
    return len(Mailing.objects.bulk_create(letters, ignore_conflicts=True))
