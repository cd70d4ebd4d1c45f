"""The notices that a person has still to read: shown until they put them away, each person for themselves."""

from dataclasses import dataclass
from datetime import datetime

from auditing.access import notices_for
from auditing.budgets.months import later, month_name, month_now
from auditing.budgets.subjects import subject_of
from auditing.models import BudgetNotice, NoticeDismissal, User


@dataclass(frozen=True, slots=True)
class Notice:
    """The highest threshold that a budget reached in a month, in words."""

    notice: BudgetNotice
    subject: str
    month: str

    @property
    def is_used_up(self) -> bool:
        """Whether nothing was left."""
        return self.notice.threshold >= 100


def open_notices(person: User, now: datetime) -> list[Notice]:
    """This month's and last month's notices for this person that they have not put away, the newest first;
    of each budget and month the highest one."""
    since = later(month_now(now), -1)
    rows = notices_for(person).filter(month__gte=since).exclude(dismissals__person=person)
    with_names = rows.select_related("budget__team", "budget__owner", "budget__account")
    found = {(row.budget_id, row.month): row for row in with_names.order_by("threshold")}
    newest = sorted(found.values(), key=lambda row: (row.noticed_at, row.pk), reverse=True)
    return [Notice(row, subject_of(row.budget), month_name(row.month)) for row in newest]


def dismiss(person: User, number: int) -> bool:
    """Put a notice away for this person, and those of lower thresholds with it; whether there is one."""
    notice = notices_for(person).filter(pk=number).first()
    if notice is None:
        return False
    lower = notices_for(person).filter(
        budget_id=notice.budget_id, month=notice.month, threshold__lte=notice.threshold
    )
    read = [NoticeDismissal(notice=one, person=person) for one in lower]
    NoticeDismissal.objects.bulk_create(read, ignore_conflicts=True)
    return True
